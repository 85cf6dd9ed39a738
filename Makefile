# Everything a newcomer types. Needs python3 (3.11 or later), make and a Python package registry.

PYTHON ?= python3
STACK ?= staging
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PACKAGES := components policy programs workbench zelly_infra

.DEFAULT_GOAL := help
.PHONY: help setup up test needed-by-tests bytecode debian-packages check format lock lists docs engine edge actionlint compose languages typescript groovy queues mysql-client browser-scripts site site-generator checkov ministack prowler sandbox-engine mutants witnesses faults bench clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 16

setup: $(INSTALLED) ## Install what is pinned in requirements.txt into .venv

up: $(INSTALLED) ## Bring staging up in the embedded AWS, afresh; STACK=production for the other one
	@$(BIN)/zelly sandbox up $(STACK) --replace --detach

# Half of what the tests need is compiled, the other half waited for: side by side, since neither needs the other.
test: $(INSTALLED) ## Run every test
	@$(MAKE) --no-print-directory --jobs=8 needed-by-tests
	@$(BIN)/python -m pytest -n auto

needed-by-tests: engine edge actionlint compose languages typescript groovy queues mysql-client browser-scripts site-generator checkov ministack debian-packages bytecode

# As for the SDKs below: the tests start some hundred processes. pytest compiles the tests themselves in its own way.
bytecode: $(INSTALLED)
	@$(BIN)/python -m compileall -q -j 0 -x '/test_[^/]*\.py$$' $(PACKAGES) tests
	@$(BIN)/python -m tests.support.bytecode

check: $(INSTALLED) ## Type checker (strict), linter, format check
	$(BIN)/basedpyright --threads
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(INSTALLED) ## Let the linter and the formatter repair what they can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(INSTALLED) ## Compile requirements.txt anew from pyproject.toml; UPGRADE=1 takes newer releases
	$(BIN)/uv pip compile pyproject.toml --group development --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command 'make lock' --quiet $(if $(UPGRADE),--upgrade) --output-file requirements.txt
	@for tool in checkov ministack mutants prowler site; do \
		$(BIN)/uv pip compile tools/$$tool/requirements.in --universal --python-version 3.11 --generate-hashes \
			--custom-compile-command 'make lock' --quiet $(if $(UPGRADE),--upgrade) \
			--output-file tools/$$tool/requirements.txt || exit; \
	done

lists: $(INSTALLED) ## Read the lists of what AWS takes off the installed botocore and moto: instance types, regions, days of logs
	@$(BIN)/python -m tools.allowed_values

docs: $(INSTALLED) ## Write what of the documentation is generated: reference, architecture, permissions, rules, limits, the components' schema
	@$(BIN)/python -m tools.package.schema_file components/schema.json
	@$(BIN)/python -m workbench.documentation
	@for project in programs/*/; do (cd $$project && $(CURDIR)/$(BIN)/python -m workbench.documentation) || exit; done

engine: ## Have the pinned Pulumi CLI: the one on PATH, or one built with Go into .engine
	@sh tools/engine/build.sh

edge: ## Have what the tests of the edge run, built with Go into .engine: the pinned Caddy, and an authority for it
	@sh tools/edge/build.sh

actionlint: ## Have the linter of the workflows, built with Go into .engine
	@sh tools/actionlint/build.sh

compose: ## Have compose's own loader of compose files for the tests, built with Go into .engine
	@sh tools/compose/build.sh

# After the engine: half of what it compiles is the engine's, too.
languages: engine ## Have what runs YAML programs and writes SDKs for the components, built with Go into .engine
	@sh tools/languages/build.sh

typescript: ## Have Pulumi's SDK for TypeScript for the tests of the components, where there is npm
	@sh tests/languages/typescript/install.sh

groovy: ## Have the Groovy that Jenkins runs pipelines in, for the tests, where there are Java and Maven
	@sh tools/groovy/build.sh

mysql-client: ## Have a client of MySQL for the tests of local development, where there is npm
	@sh tests/local_dev/application/install.sh

queues: ## Have BullMQ for the tests of Redis, where there is npm
	@sh tests/machines/redis/bullmq/install.sh

browser-scripts: ## Have what the site and the tests of the pictures need in a browser, Mermaid above all, where there is npm
	@sh tools/browser_scripts/install.sh

debian-packages: ## Have the Debian packages that tests need, where it may install them
	@sh tests/install_debian_packages.sh

site-generator: ## Have the pinned MkDocs, which writes the site, in .engine/site
	@PYTHON=$(PYTHON) sh tools/install.sh site

# MkDocs' theme says on each start until when it is looked after.
site: browser-scripts site-generator ## Write the documentation as a site, with its links checked, into site/; a browser needs no server for it
	@NO_MKDOCS_2_WARNING=1 .engine/site/bin/mkdocs build --config-file tools/site/mkdocs.yml

checkov: ## Have the pinned checkov, a scanner that the rules are compared with, in .engine/checkov
	@PYTHON=$(PYTHON) sh tools/install.sh checkov

ministack: ## Have MiniStack, another emulator of AWS for `zelly sandbox up --endpoint`, in .engine/ministack
	@PYTHON=$(PYTHON) sh tools/install.sh ministack

prowler: $(INSTALLED) ## Scan both stacks in the embedded AWS with Prowler, some minutes each; fails on what no exception covers
	@PYTHON=$(PYTHON) sh tools/install.sh prowler
	@$(BIN)/python -m tools.prowler.scan

sandbox-engine: $(INSTALLED) engine ## Bring staging up with the real provider plugins, which Pulumi downloads; STACK=production for the other
	@$(BIN)/zelly sandbox up $(STACK) --engine --plugins

mutants: $(INSTALLED) ## Put faults in, one at a time, and count those that tests notice; ROOMS=config SAMPLE=50 takes fifty in one room
	@PYTHON=$(PYTHON) sh tools/install.sh mutants
	@$(BIN)/python -m tools.mutants.run $(ROOMS) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

witnesses: $(INSTALLED) ## Change Zelly's values, one at a time, and count the tests that turn red; ONLY=Aurora takes some
	@$(BIN)/python -m tests.trials.one_witness --workers 2 $(if $(ONLY),--only "$(ONLY)")

faults: $(INSTALLED) ## Put the deliberate faults in, one at a time, and ask the tests that have to notice; ONLY=lock takes some
	@$(BIN)/python -m tests.trials.deliberate_faults $(if $(ONLY),--only "$(ONLY)")

bench: $(INSTALLED) ## Measure time and memory, and print them as a table
	@$(BIN)/python -m benchmarks.run

clean: ## Remove .venv and what tools left behind
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis tests/machines/redis/bullmq/node_modules tests/languages/typescript/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv, which pip installs by the same lock, installs the others in a seventh of pip's time. It knows no index but its own
# settings' (UV_DEFAULT_INDEX): where it finds nothing, pip does what it would have done.
# Bytecode is compiled here, on all cores: where PYTHONDONTWRITEBYTECODE is set, each start would otherwise compile
# the SDKs anew, which takes seconds.
$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python3 is %d.%d; 3.11 or later is needed (make PYTHON=python3.12 names another)" % sys.version_info[:2])'
	@echo 'Installing the pinned requirements into $(VENV) (a minute or two) …'
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.txt >$(VENV)/uv.txt
	@$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r $(VENV)/uv.txt
	@$(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python -r requirements.txt || \
		$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib
	@touch $@
