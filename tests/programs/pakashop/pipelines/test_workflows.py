"""The application's workflows: the documented ones, linted, without a key, with exactly the rights that they need."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pakashop_infra import catalog
from pakashop_infra.names import Names
from tests.programs.pakashop import facts
from tests.programs.pakashop.evaluations import STACKS, config_of
from tests.programs.pakashop.pipelines.shipped import GITHUB, WORKFLOWS, jobs, program_of, steps, text
from tests.support.programs import require_built, require_program

READ: Mapping[str, str] = {"contents": "read"}
AWS_ROLE: Mapping[str, str] = {**READ, "id-token": "write"}
PERMISSIONS: Mapping[str, Mapping[str, str]] = {
    "ci/build": READ,
    "ci/lint-and-test": READ,
    "db-backup/backup": AWS_ROLE,
    "deploy-production/backup": AWS_ROLE,
    "deploy-production/choose": {**AWS_ROLE, "pull-requests": "read"},
    "deploy-production/ci": READ,
    "deploy-production/deploy": AWS_ROLE,
    "deploy-production/merge-back": {**READ, "pull-requests": "write"},
    "deploy-production/push": AWS_ROLE,
    "deploy-staging/ci": READ,
    "deploy-staging/deploy": AWS_ROLE,
    "deploy-staging/push": AWS_ROLE,
    "health-check/check": {},
}
ROLES: Mapping[str, tuple[str, str | None]] = {
    "db-backup/backup": (Names("live").backup_role, "backups"),
    "deploy-production/backup": (Names("live").backup_role, "backups"),
    "deploy-production/choose": (Names("live").build_role, None),
    "deploy-production/deploy": (Names("live").deploy_role, "live"),
    "deploy-production/push": (Names("live").build_role, None),
    "deploy-staging/deploy": (Names("staging").deploy_role, "staging"),
    "deploy-staging/push": (Names("staging").build_role, None),
}
"""By job, the role that it becomes, and the environment at GitHub by which it is known; None: by its branch."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an application's repository with the shipped folder in its place."""
    folder = tmp_path_factory.mktemp("application")
    shutil.copytree(GITHUB, folder / ".github")
    git = require_program("git", package="git")
    subprocess.run([git, "init", "--quiet", str(folder)], check=True)
    return folder


def test_actionlint_finds_nothing(repository: Path) -> None:
    actionlint = require_built("actionlint", target="actionlint")
    shellcheck = require_program("shellcheck", package="shellcheck")
    ran = subprocess.run(
        [actionlint, "-shellcheck", shellcheck], cwd=repository, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)


def test_zizmor_finds_nothing(repository: Path) -> None:
    zizmor = Path(sys.executable).parent / "zizmor"
    command = [zizmor, "--offline", "--no-progress", "--persona=pedantic", "--format=plain", "--quiet", ".github"]
    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_workflows_have_their_documented_names_triggers_and_times() -> None:
    assert WORKFLOWS.keys() == facts.PIPELINES.keys()
    found = {name: _pipeline(workflow) for name, workflow in WORKFLOWS.items()}
    assert found == dict(facts.PIPELINES)


def _pipeline(workflow: Mapping[str, Any]) -> facts.Pipeline:
    on: Mapping[str, Any] = workflow["on"]
    # By hand, and by another workflow on its own trigger: both beyond the document.
    assert on.keys() <= {"pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}
    schedule = on.get("schedule")
    return facts.Pipeline(
        name=workflow["name"],
        pull_requests=tuple(on.get("pull_request", {}).get("branches", ())),
        pushes=tuple(on.get("push", {}).get("branches", ())),
        cron=None if schedule is None else schedule[0]["cron"],
    )


def test_what_is_pushed_is_tested_too_and_what_is_released_was_tested() -> None:
    for name in ("deploy-staging.yml", "deploy-production.yml"):
        described = WORKFLOWS[name]["jobs"]
        assert described["ci"]["uses"] == "./.github/workflows/ci.yml"
        assert described["push"]["needs"] == "ci"
    assert WORKFLOWS["ci.yml"]["jobs"]["build"]["needs"] == "lint-and-test"
    assert WORKFLOWS["deploy-staging.yml"]["jobs"]["deploy"]["needs"] == "push"
    live = WORKFLOWS["deploy-production.yml"]["jobs"]
    assert live["ci"]["if"] == "${{ needs.choose.outputs.kind == 'hotfix' }}"
    assert live["deploy"]["needs"] == ["choose", "push", "backup"]


def test_ci_tests_what_the_document_says_on_the_documented_versions() -> None:
    job = WORKFLOWS["ci.yml"]["jobs"]["lint-and-test"]
    versions = facts.VERSIONS
    images = {name: service["image"] for name, service in job["services"].items()}
    assert images == {
        "postgres": f"postgres:{versions.postgresql}",
        "redis": f"redis:{versions.redis}",
        "meilisearch": f"getmeili/meilisearch:{versions.meilisearch}",
    }
    assert [service["ports"] for service in job["services"].values()] == [
        [f"{port}:{port}"] for port in facts.PORTS.values()
    ]
    assert job["services"]["postgres"]["env"]["POSTGRES_DB"] == facts.TEST_DATABASE
    assert all("--health-cmd" in service["options"] for service in job["services"].values())
    key = job["services"]["meilisearch"]["env"]["MEILI_MASTER_KEY"]
    assert (len(key) >= 16, job["env"]["MEILI_MASTER_KEY"]) == (True, key)
    assert job["env"]["DATABASE_URL"].endswith(f":{facts.PORTS['postgresql']}/{facts.TEST_DATABASE}")
    ran = [(step.get("working-directory", "."), step["run"]) for step in job["steps"] if "run" in step]
    assert ran == [
        (".", "npm ci"),
        (".", "npx --no-install prisma validate"),
        (".", "npx --no-install prisma migrate deploy"),
        (".", "npm run test:unit"),
        (".", "npm run test:integration"),
        (".", "npm run lint"),
        (".", "npm audit --audit-level=moderate"),
        *((f"services/{name}", "go test ./...") for name in ("search", "analytics")),
        *(
            (f"services/{name}", command)
            for name in ("moderation", "recommendations")
            for command in ("pip install --requirement requirements.txt", "pytest")
        ),
        ("frontend", "npm ci"),
        ("frontend", "npm run test"),
        ("frontend", "npm run build"),
    ]
    by_language = {
        language: {each.name for each in catalog.SERVICES if each.language is language} for language in catalog.Language
    }
    tested = {where.removeprefix("services/") for where, _ in ran if where.startswith("services/")}
    assert tested == by_language[catalog.Language.GO] | by_language[catalog.Language.PYTHON]


def test_what_builds_has_the_runtimes_that_tested_and_that_the_hosts_have() -> None:
    wanted = {
        "node-version": facts.VERSIONS.node,
        "go-version": facts.VERSIONS.go,
        "python-version": facts.VERSIONS.python,
    }
    for where, job in jobs():
        given = {
            key: value for step in job.get("steps", ()) for key, value in step.get("with", {}).items() if key in wanted
        }
        assert given in ({}, wanted), where
    for stack in STACKS:
        runtimes = config_of(stack).host.runtimes
        assert (runtimes.node, runtimes.python) == (facts.VERSIONS.node, facts.VERSIONS.python)
    (build,) = [step["run"] for where, step in steps() if where == "ci/build" and "run" in step]
    assert shlex.split(build)[-2:] == ["--python", facts.VERSIONS.python]


def test_every_documented_url_is_asked_by_itself() -> None:
    job = WORKFLOWS["health-check.yml"]["jobs"]["check"]
    asked: dict[str, set[str]] = {}
    for one in job["strategy"]["matrix"]["include"]:
        asked.setdefault(one["environment"], set()).add(one["url"])
    assert {stack: set(urls) <= asked[stack] for stack, urls in facts.HEALTH_URLS.items()} == dict.fromkeys(asked, True)
    paths = set(catalog.HEALTH_PATHS.values())
    assert asked == {stack: {f"https://{facts.FRONTENDS[stack]}{path}" for path in paths} for stack in STACKS}
    assert job["strategy"]["fail-fast"] is False


def test_every_job_has_these_rights_and_no_workflow_any() -> None:
    assert {name: workflow["permissions"] for name, workflow in WORKFLOWS.items()} == {name: {} for name in WORKFLOWS}
    assert {where: job["permissions"] for where, job in jobs()} == PERMISSIONS


def test_roles_are_the_programs_own_in_their_own_regions() -> None:
    found: dict[str, tuple[str, str | None]] = {}
    for where, step in steps():
        if not step.get("uses", "").startswith("aws-actions/configure-aws-credentials@"):
            continue
        given = step["with"]
        role = re.fullmatch(r"arn:aws:iam::\$\{\{ vars\.AWS_ACCOUNT_ID \}\}:role/([\w-]+)", given["role-to-assume"])
        assert role is not None
        assert given.keys() == {"role-to-assume", "aws-region"}
        found[where] = (role[1], dict(jobs())[where].get("environment"))
        # What chooses looks at the source, every other job at its own environment.
        stack = "staging" if where == "deploy-production/choose" else role[1].split("-")[1]
        assert given["aws-region"] == config_of(stack).region
    assert found == dict(ROLES)
    assert {where for where, job in jobs() if "id-token" in job["permissions"]} == ROLES.keys()


def test_nobody_holds_a_key_or_a_way_in_of_its_own() -> None:
    for name in WORKFLOWS:
        assert re.findall(r"secrets\.|access-key|ssh|\binherit\b|pull_request_target|workflow_run", text(name)) == []


def test_what_changes_something_is_never_cancelled_and_every_job_ends() -> None:
    called = {"deploy-production/ci", "deploy-staging/ci"}
    for where, job in jobs():
        if where in called:
            continue
        assert 0 < job["timeout-minutes"] <= 240, where
        assert job["runs-on"] == "ubuntu-24.04"
        if not where.startswith(("ci/", "health-check/")):
            assert job["concurrency"]["cancel-in-progress"] is False, where


def test_nothing_is_written_into_a_script_that_a_variable_could_hand_over() -> None:
    assert [where for where, step in steps() if "${{" in step.get("run", "")] == []


def test_every_step_is_one_command_or_a_program() -> None:
    for where, step in steps():
        run = str(step.get("run", ""))
        assert not re.search(r"[;|&\n`]|\$\(", run.strip()), where
        program = program_of(step)
        assert program is None or program.is_file(), where


def test_the_dump_before_a_release_is_made_in_the_vpc_and_awaited() -> None:
    (before,) = [step["run"] for where, step in steps() if where == "deploy-production/backup" and "run" in step]
    (nightly,) = [step["run"] for where, step in steps() if where == "db-backup/backup" and "run" in step]
    assert before == nightly
    assert "needs.backup.result == 'success'" in WORKFLOWS["deploy-production.yml"]["jobs"]["deploy"]["if"]
