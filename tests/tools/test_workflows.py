"""The workflows: linted, pinned, with exactly the rights that they need, and with commands that there are."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pakashop_infra.program import PROGRAM as PAKASHOP
from relay_infra.program import PROGRAM as RELAY
from tests.support.programs import require_built, require_program
from tests.tools.commands import commands, of_program, refused_by_zelly
from tests.tools.steps import GITHUB, ROOT, WORKFLOWS, calls, jobs, read, run_script, steps
from tests.zelly_infra.embedded.permissions.documents import Policy
from tests.zelly_infra.embedded.permissions.linting import findings
from tests.zelly_infra.evaluations import evaluation_of
from tools.ci.deploy_target import environments
from workbench.config.stack_file import read_stack_file, stack_names
from workbench.engine.pulumi_cli import pinned_version
from workbench.program import Program
from zelly_infra.catalog import SERVICES
from zelly_infra.program import PROGRAM as ZELLY

PROGRAMS: tuple[tuple[Program[Any], Path], ...] = (
    (ZELLY, ROOT),
    (PAKASHOP, ROOT / "programs" / "pakashop"),
    (RELAY, ROOT / "programs" / "relay"),
)
"""The programs, and the folders of their projects."""

READ: Mapping[str, str] = {"contents": "read"}
AWS_ROLE: Mapping[str, str] = {"contents": "read", "id-token": "write"}

PERMISSIONS: Mapping[str, Mapping[str, str]] = {
    "deploy-service/deploy": AWS_ROLE,
    "drift/look": {**AWS_ROLE, "issues": "write"},
    "review/check": READ,
    "review/comment": {**READ, "pull-requests": "write"},
    "review/plan": READ,
    "review/preview": AWS_ROLE,
    "review/test": READ,
    "up-program/first": AWS_ROLE,
    "up-program/plan": AWS_ROLE,
    "up-program/second": AWS_ROLE,
}

ROLES_FROM: Mapping[str, str | None] = {
    # A branch of the service's repository, which the trust of zelly-github-actions names.
    "deploy-service/deploy": None,
    "drift/look": "read-only",
    "review/preview": "preview",
    "up-program/first": "staging",
    "up-program/plan": "read-only",
    "up-program/second": "production",
}
"""The environment by which each job that becomes an AWS role is known to AWS."""

ACCEPTED = {("DecryptState", "UNKNOWN_CONDITION_FOR_ACTION")}
"""What parliament says of the roles and is meant: to it the key's alias is no condition of Decrypt. It is one of every
operation on a key (KMS Developer Guide, "AWS KMS permissions")."""


def test_actionlint_finds_nothing() -> None:
    actionlint = require_built("actionlint", target="actionlint")
    shellcheck = require_program("shellcheck", package="shellcheck")
    command = [actionlint, "-shellcheck", shellcheck, *map(str, WORKFLOWS)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sys.executable).parent / "zizmor"
    command = [zizmor, "--offline", "--no-progress", "--persona=pedantic", "--format=plain", "--quiet", str(GITHUB)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _pins() -> set[tuple[str, str, str]]:
    """Return action, commit and release of everything that is used, read off the text: a comment names the release."""
    files = [*WORKFLOWS, *GITHUB.glob("actions/*/action.yml"), *ROOT.glob("programs/*/github/workflows/*.yml")]
    used = [line for file in files for line in re.findall(r"uses: (.*)", file.read_text(encoding="utf-8"))]
    own = ("./.github/", "$/.github/", "pakashop/infrastructure/")
    others = [line for line in used if not line.startswith(own)]
    pins = [re.fullmatch(r"([\w-]+/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line) for line in others]
    assert [line for line, pin in zip(others, pins, strict=True) if pin is None] == []
    return {(pin[1], pin[2], pin[3]) for pin in pins if pin is not None}


def _table() -> Mapping[str, Any]:
    return tomllib.loads((GITHUB / "actions.toml").read_text(encoding="utf-8"))


def test_every_action_is_pinned_as_in_the_table_and_every_row_of_it_is_used() -> None:
    actions = _table()["actions"]
    assert sorted(_pins()) == sorted((name, row["commit"], row["release"]) for name, row in actions.items())


def _removed(table: Mapping[str, Any]) -> list[str]:
    """Return the actions whose runtime the runners no longer had on the table's day."""
    removed = {name: runtime.get("removed") for name, runtime in table["runtimes"].items()}
    return [
        name
        for name, row in table["actions"].items()
        if (day := removed[row["runtime"]]) is not None and day <= table["as_of"]
    ]


def test_no_action_declares_a_runtime_that_the_runners_no_longer_have() -> None:
    table = _table()
    assert _removed(table) == []
    old = {**table["actions"], "actions/checkout": {**table["actions"]["actions/checkout"], "runtime": "node20"}}
    assert _removed({**table, "actions": old}) == ["actions/checkout"]


def test_the_page_lists_the_actions_as_the_table_has_them() -> None:
    page = (ROOT / "docs" / "pipeline.md").read_text(encoding="utf-8")
    table = _table()
    rows = [
        f"| `{name}` | {row['release']} | `{row['commit']}` | {row['runtime']} | "
        f"{table['runtimes'][row['runtime']]['end_of_life']} |"
        for name, row in table["actions"].items()
    ]
    assert re.findall(r"^\| `[\w-]+/[\w-]+` \| v.*$", page, flags=re.MULTILINE) == rows


def test_every_job_has_these_rights_and_no_workflow_any() -> None:
    assert {path.stem: read(path)["permissions"] for path in WORKFLOWS} == {path.stem: {} for path in WORKFLOWS}
    assert {name: job["permissions"] for name, job in jobs()} == PERMISSIONS


def test_every_job_ends_by_itself_and_runs_on_a_named_release_of_the_runner() -> None:
    assert [name for name, job in jobs() if not 0 < job["timeout-minutes"] <= 120] == []
    assert {job["runs-on"] for _, job in jobs()} == {"ubuntu-24.04"}


def test_what_changes_something_is_never_cancelled() -> None:
    changing = {"deploy-service/deploy", "up-program/first", "up-program/second"}
    found = {name: job.get("concurrency", {}).get("cancel-in-progress") for name, job in jobs() if name in changing}
    assert found == dict.fromkeys(changing, False)
    assert read(GITHUB / "workflows" / "drift.yml")["concurrency"]["cancel-in-progress"] is False


def test_no_workflow_has_a_secret_of_its_own() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in [*WORKFLOWS, *GITHUB.glob("actions/*/*.yml")]}
    assert [
        name for name, text in texts.items() if re.search(r"secrets\.|aws-(secret-)?access-key|inherit", text)
    ] == []
    assert [name for name, text in texts.items() if "pull_request_target" in text or "workflow_run" in text] == []


def test_nothing_is_written_into_a_script_that_a_variable_could_hand_over() -> None:
    assert [where for where, step in steps() if "${{" in step.get("run", "")] == []


def test_credentials_of_a_checkout_stay_nowhere() -> None:
    checkouts = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len(PERMISSIONS)
    assert [step for step in checkouts if step["with"]["persist-credentials"] is not False] == []


def test_each_aws_role_is_had_from_the_environment_that_it_trusts() -> None:
    assert {name: job.get("environment") for name, job in jobs() if "id-token" in job["permissions"]} == ROLES_FROM
    trusted = {path.name.removesuffix(".trust.json"): _trust(path) for path in GITHUB.glob("aws/*.trust.json")}
    assert trusted == {
        environment: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": f"repo:zelly-in/zelly-infra:environment:{environment}",
        }
        for environment in set(ROLES_FROM.values()) - {None}
    }


def _trust(path: Path) -> Mapping[str, str]:
    (statement,) = json.loads(path.read_text())["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRoleWithWebIdentity")
    assert list(statement["Condition"]) == ["StringEquals"]
    return statement["Condition"]["StringEquals"]


def test_a_forks_pull_request_reaches_no_token_that_does_anything() -> None:
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    workflow = read(GITHUB / "workflows" / "review.yml")
    needing = {name for name, job in workflow["jobs"].items() if job["permissions"] != READ}
    assert needing == {"comment", "preview"}
    assert all(own in workflow["jobs"][name]["if"] for name in needing)
    assert set(workflow["on"]) == {"pull_request"}


def test_every_programs_stacks_are_planned_and_commented_on_in_a_pull_request() -> None:
    review = read(GITHUB / "workflows" / "review.yml")["jobs"]
    planned = {row["program"]: {row["owner"], row["other"]} for row in review["plan"]["strategy"]["matrix"]["include"]}
    assert planned == {program.name: {*stack_names(folder)} for program, folder in PROGRAMS}
    assert review["comment"]["strategy"]["matrix"]["program"] == [*planned]


def test_services_deploy_from_the_branches_that_the_programs_role_trusts() -> None:
    role = evaluation_of("production").one("aws:iam/role:Role", "zelly-production-github-github-role")
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    subjects = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert {subject.split(":ref:")[1] for subject in subjects} == set(environments())


def test_up_asks_for_approval_after_the_plan_and_changes_nothing_before_it_was_held_to() -> None:
    workflow = read(GITHUB / "workflows" / "up-program.yml")["jobs"]
    assert workflow["plan"]["needs"] == "first"
    assert workflow["second"]["needs"] == "plan"
    done = [step.get("run", step.get("uses", "").partition("@")[0]) for step in workflow["second"]["steps"]]
    assert done == [
        "actions/checkout",
        "./.github/actions/setup",
        "actions/download-artifact",
        ".venv/bin/python -m tools.ci.approval newest --branch main",
        '.venv/bin/python -m tools.ci.approval verify plan --digest "$DIGEST"',
        '.venv/bin/"$PROGRAM" plan "$SECOND" --against plan/plan.json',
        "aws-actions/configure-aws-credentials",
        'pulumi up --cwd "$FOLDER" --stack "$SECOND" --plan "$GITHUB_WORKSPACE/plan/update-plan.json" '
        "--yes --diff --suppress-outputs --non-interactive",
    ]


def _state_region(program: Program[Any], folder: Path, stack: str) -> str:
    return program.describe(read_stack_file(program, stack, folder).environment).registry_region


def test_every_program_is_brought_up_previewed_and_looked_after_where_its_state_is() -> None:
    called = {name.removeprefix("up/"): job for name, job in calls()}
    assert called.keys() == {program.name for program, _ in PROGRAMS}
    rows = {
        workflow: read(GITHUB / "workflows" / f"{workflow}.yml")["jobs"][job]["strategy"]["matrix"]["include"]
        for workflow, job in (("review", "preview"), ("drift", "look"))
    }
    for program, folder in PROGRAMS:
        call = called[program.name]
        assert (call["if"], call["permissions"]) == ("${{ github.ref == 'refs/heads/main' }}", AWS_ROLE)
        asked = call["with"]
        stacks = {*stack_names(folder)}
        assert {asked["first"], asked["second"]} == stacks
        assert (asked["program"], (ROOT / asked["folder"]).resolve()) == (program.name, folder)
        region = _state_region(program, folder, asked["first"])
        assert asked["state-region"] == region
        for workflow, listed in rows.items():
            own = [row for row in listed if row["program"] == program.name]
            assert {row["stack"] for row in own} == stacks, workflow
            assert {row["state-region"] for row in own} == {region}, workflow
        assert {row["folder"] for row in rows["review"] if row["program"] == program.name} == {asked["folder"]}
        # What is approved is the stack that others are promoted to.
        assert program.promotion in {None, (asked["first"], asked["second"])}


def test_zelly_takes_every_command() -> None:
    found = of_program("zelly")
    assert len(found) == 6
    refusals = {refused_by_zelly(arguments) for _, arguments in found} - {None}
    assert refusals == set[str | None]()


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["plan", "staging", "--agianst", "x"], "No such option: --agianst"),
        (["plan", "staging", "production"], "Got unexpected extra argument(s) (production)"),
        (["plan", "staging", "--against"], "Option '--against' requires an argument."),
        (["service", "deplyo", "storefront"], "No such command 'deplyo'."),
        (["service", "deploy", "storefrnt"], "service: storefrnt; allowed: "),
        (["cost", "staging", "--againts", "x"], "No such option: --againts"),
    ],
)
def test_a_command_that_zelly_does_not_have_is_noticed(arguments: list[str], refusal: str) -> None:
    assert (refused_by_zelly(arguments) or "").startswith(refusal)


def test_pulumi_takes_every_option() -> None:
    pulumi = require_built("pulumi", target="engine")
    found = of_program("pulumi")
    assert sorted({arguments[0] for _, arguments in found}) == ["preview", "up"]
    missing: list[str] = []
    for _, (verb, *words) in found:
        # Without it --plan is not in the help.
        variables = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_UPDATE_CHECK": "true"}
        said = run_script(f'"{pulumi}" {verb} --help', folder=ROOT, environment=variables).stdout
        options = set(re.findall(r"--[a-z-]+", said))
        missing += [word for word in words if word.startswith("--") and word.partition("=")[0] not in options]
    assert missing == []


def test_every_other_command_is_a_make_target_or_a_step_of_these_tools() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    found = {" ".join(words) for _, words in commands() if words[0].rpartition("/")[2] not in {"zelly", "pulumi"}}
    made = {re.sub(r".*make (-C \S+ )?", "", words) for words in found if re.search(r"\bmake\b", words)}
    assert made == {"check", "test", "setup"}
    assert made <= targets
    modules = {match[1] for words in found if (match := re.search(r"-m tools\.ci\.(\w+)", words))}
    assert modules == {"approval", "comment", "deploy_target", "drift", "review"}
    assert [name for name in modules if not (ROOT / "tools" / "ci" / f"{name}.py").is_file()] == []
    rest = {words.split()[0] for words in found if not re.search(r"\bmake\b|-m tools\.ci", words)}
    assert rest == {"mkdir", "tee", "root=$(realpath", "echo"}


def test_the_engine_is_the_one_that_the_program_is_tested_on() -> None:
    (version,) = {step["with"]["pulumi-version"] for _, step in steps() if "pulumi-version" in step.get("with", {})}
    assert version == pinned_version(ROOT)


def test_the_state_is_where_bootstrap_puts_it() -> None:
    urls = {job["env"]["PULUMI_BACKEND_URL"] for _, job in jobs() if "PULUMI_BACKEND_URL" in job.get("env", {})}
    urls.add(read(GITHUB / "workflows" / "up-program.yml")["env"]["PULUMI_BACKEND_URL"])
    assert urls == {
        f"s3://${{{{ {where}.program }}}}-pulumi-state?region=${{{{ {where}.state-region }}}}"
        for where in ("inputs", "matrix")
    }
    assert {program.name: program.state.bucket for program, _ in PROGRAMS} == {
        program.name: f"{program.name}-pulumi-state" for program, _ in PROGRAMS
    }


@pytest.mark.parametrize("path", sorted(GITHUB.glob("aws/*.permissions.json")), ids=lambda path: path.name)
def test_read_roles_read_only(path: Path) -> None:
    statements: list[Any] = json.loads(path.read_text())["Statement"]
    actions = {action for one in statements for action in _listed(one["Action"])}
    assert [action for action in actions if not re.fullmatch(r"\w+:(Get|List|Describe|Decrypt)\w*", action)] == []
    assert {one["Effect"] for one in statements} == {"Allow"}
    assert [program.name for program, _ in PROGRAMS if program.state.key_alias not in json.dumps(statements)] == []
    policy = Policy(name=path.name, kind="identity", arn="", document=json.loads(path.read_text()))
    assert {(one.sid, one.issue) for one in findings(policy)} == ACCEPTED


def test_a_pull_requests_role_reads_no_secret_of_an_application() -> None:
    text = (GITHUB / "aws" / "preview.permissions.json").read_text()
    assert "secretsmanager" not in text
    assert '"s3:PutObject"' not in text


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _page_example() -> Mapping[str, Any]:
    page = (ROOT / "docs" / "service-workflow.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    assert len(example.splitlines()) <= 10
    return YAML(typ="safe", pure=True).load(example)  # pyright: ignore[reportUnknownMemberType]


def test_the_page_shows_a_service_how_it_is_called() -> None:
    called = read(GITHUB / "workflows" / "deploy-service.yml")
    (job,) = _page_example()["jobs"].values()
    assert job["uses"] == "zelly-in/zelly-infra/.github/workflows/deploy-service.yml@COMMIT"
    assert job["permissions"] == called["jobs"]["deploy"]["permissions"]
    inputs = called["on"]["workflow_call"]["inputs"]
    assert {name for name, one in inputs.items() if one.get("required")} <= set(job["with"]) <= set(inputs)
    assert {f"refs/heads/{branch}" for branch in _page_example()["on"]["push"]["branches"]} == set(environments())


def test_the_page_lists_every_repository_with_inputs_that_zelly_takes() -> None:
    page = (ROOT / "docs" / "service-workflow.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| `([\w-]+)` \| (?:`(\w+): (\w+)`)? *\|$", page, flags=re.MULTILINE)
    assert {(repository, service) for repository, service, _, _ in rows} == {
        (entry.github_repository, entry.name) for entry in SERVICES if entry.github_repository is not None
    }
    applications = {entry.name: {container.name for container in entry.containers} for entry in SERVICES}
    for _, service, name, value in rows:
        assert name in {"", "context", "container"}
        assert name != "container" or value in applications[service]
