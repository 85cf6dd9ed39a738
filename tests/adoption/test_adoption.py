"""A whole adoption on the real engine: from Terraform's state to a second preview that has nothing to do."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.adoption.estate import Options, make_estate
from tests.support.engine.inventory import inventory
from tests.support.engine.running import engine, quick, without_checkpoints
from tests.support.engine.stacks import Preview, Stack
from tests.zelly_infra.evaluations import STACKS
from tests.zelly_infra.stack_files import ROOT, environment_of
from workbench.adopt.first_up.judge import REVISIONS
from workbench.adopt.folder.files import EDITED_FILE, EXPORTED_FILE, IMPORT_FILE, REMOVED_FILE, REST_FILE, STATE_RM_FILE
from workbench.adopt.folder.removed import without_keys
from workbench.engine.pulumi_cli import Engine, engine_session
from zelly_infra.program import PROGRAM

__all__ = ["engine"]


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """What an operator saw from beginning to end."""

    folder: Path
    state: dict[str, Any] = field(repr=False)
    first_report: dict[str, Any] = field(repr=False)
    report: dict[str, Any] = field(repr=False)
    """After what the first one proposed was written."""
    verified: Mapping[str, dict[str, Any]]
    """By what was done last."""
    nothing_left: str
    unedited: Preview
    """What a preview says while the edit of ``__defaults`` is missing. It may end before its end."""
    preview: Preview
    second_preview: Preview
    before: dict[str, list[str]] = field(repr=False)
    after: dict[str, list[str]] = field(repr=False)
    rules_of_default_groups: set[str]


class _Operator:
    """Types the commands in the project's folder."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack, self.folder, self.verified = stack, folder, dict[str, dict[str, Any]]()

    def zelly(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [str(Path(sys.executable).with_name(PROGRAM.name)), *arguments]
        environment = self.stack.session.environment
        return subprocess.run(
            command, cwd=self.stack.session.folder, env=environment, capture_output=True, text=True, check=False
        )

    def report(self, tfstate: Path, *options: str) -> dict[str, Any]:
        done = self.zelly("adopt", str(tfstate), self.stack.name, "--json", *options)
        assert done.returncode in (0, 3, 4), done.stderr
        return json.loads(done.stdout)

    def verify(self, after: str) -> None:
        done = self.zelly("adopt", "verify", self.stack.name, "--folder", str(self.folder), "--json")
        assert done.returncode in (0, 1), done.stderr
        self.verified[after] = json.loads(done.stdout)

    def pulumi_import(self, file: Path) -> str:
        options = ("--generate-code=false", "--protect", "--yes", "--skip-preview")
        return self.stack.run("import", "--file", str(file), *options).stdout

    def rest(self) -> str:
        done = self.zelly("adopt", "rest", self.stack.name, "--folder", str(self.folder))
        assert done.returncode == 0, done.stderr
        return done.stderr

    def edit(self) -> None:
        self.stack.run("stack", "export", "--file", str(self.folder / EXPORTED_FILE))
        done = self.zelly("adopt", "defaults", self.stack.name, "--folder", str(self.folder))
        assert done.returncode == 0, done.stderr
        self.stack.run("stack", "import", "--file", str(self.folder / EDITED_FILE))


@pytest.fixture(scope="module", params=STACKS)
def adoption(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Adoption]:
    """Each stack's in turn."""
    folder, name = tmp_path_factory.mktemp("adoption"), request.param
    with engine_session(ROOT, folder / "engine", engine=quick(engine, folder)) as session:
        yield _adopted(
            without_checkpoints(
                Stack(
                    name=name,
                    session=session,
                    project=PROGRAM.name,
                    config_key=PROGRAM.config_key,
                    region=environment_of(name)["region"],
                )
            ),
            folder,
        )


def _adopted(stack: Stack, folder: Path) -> Adoption:
    state = make_estate(
        stack.session.aws.clients.get,
        Options(stack="production" if stack.name == "production" else "staging"),
        ledger=stack.session.aws.ledger,
    )
    before, rules = inventory(stack.client), _rules_of_default_groups(stack)
    tfstate, output = folder / "terraform.tfstate", folder / "output"
    tfstate.write_text(json.dumps(state))
    operator = _Operator(stack, output)
    first = operator.report(tfstate, "--write")
    report = operator.report(tfstate, "--output", str(output))
    stack.initialize()
    operator.pulumi_import(_half(output / IMPORT_FILE, folder))
    operator.verify("half of the import")
    operator.rest()
    operator.pulumi_import(output / REST_FILE)
    operator.verify("import")
    nothing_left = operator.rest()
    unedited = json.loads(stack.session.run("preview", "--json", "--stack", stack.name).stdout)
    operator.edit()
    operator.verify("edit")
    preview = stack.preview()
    stack.run("up", "--yes", "--skip-preview")
    operator.verify("up")
    return Adoption(
        folder=output,
        state=state,
        first_report=first,
        report=report,
        verified=operator.verified,
        nothing_left=nothing_left,
        unedited=Preview(document=unedited),
        preview=preview,
        second_preview=stack.preview(),
        before=before,
        rules_of_default_groups=rules,
        after=inventory(stack.client),
    )


def _rules_of_default_groups(stack: Stack) -> set[str]:
    client = stack.client("ec2")
    groups = client.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
    pages = client.get_paginator("describe_security_group_rules").paginate(
        Filters=[{"Name": "group-id", "Values": [group["GroupId"] for group in groups]}]
    )
    return {rule["SecurityGroupRuleId"] for page in pages for rule in page["SecurityGroupRules"]}


def _half(path: Path, folder: Path) -> Path:
    """Return a file with the first half of an import, as one that was killed leaves it."""
    document = json.loads(path.read_text())
    half = folder / "half.json"
    half.write_text(json.dumps({**document, "resources": document["resources"][: len(document["resources"]) // 2]}))
    return half


def _urns(steps: Sequence[Mapping[str, Any]], operation: str) -> set[str]:
    return {
        step["urn"]
        for step in steps
        if step["op"] == operation and step["newState"]["custom"] and not step["newState"]["type"].startswith("pulumi:")
    }


def _announced(report: Mapping[str, Any], *fates: str) -> set[tuple[str, str]]:
    return {(one["type"], one["name"]) for fate in fates for one in report["first_up"][fate]}


def _planned(preview: Preview, operation: str) -> set[tuple[str, str]]:
    steps = preview.document["steps"]
    return {(urn.split("::")[2].rpartition("$")[2], urn.split("::")[3]) for urn in _urns(steps, operation)}


def test_what_adopt_proposes_leaves_nothing_to_replace(adoption: Adoption) -> None:
    assert adoption.first_report["first_up"]["exit_code"] == 4
    assert adoption.first_report["first_up"]["counts"]["replaced"] > 20
    counts = adoption.report["first_up"]["counts"]
    assert (counts["replaced"], counts["refused"], adoption.report["first_up"]["exit_code"]) == (0, 0, 3)
    assert adoption.first_report["stack_values"]["first_up_then"] == counts


def test_every_pair_is_imported_and_an_import_that_stopped_goes_on(adoption: Adoption) -> None:
    matched = len(adoption.report["matched"])
    half, whole = adoption.verified["half of the import"], adoption.verified["import"]
    assert half["phase"] == "partly imported"
    assert 0 < half["imported"] < matched
    assert (whole["phase"], whole["imported"], whole["expected"]) == ("imported", matched, matched)
    # Nothing else is wrong than the edit that is still to come.
    (problem,) = whole["problems"]
    kept = len(adoption.report["first_up"]["kept_names"])
    assert problem.startswith(f"the edit of `__defaults` is missing for {kept} resources: an update now would replace")
    assert adoption.nothing_left.endswith(": everything is imported\n")
    assert adoption.verified["edit"] == {
        "phase": "imported, names kept",
        "imported": matched,
        "expected": matched,
        "problems": [],
    }


def test_preview_says_what_adopt_announced(adoption: Adoption) -> None:
    assert {kind for kind, _ in _planned(adoption.preview, "replace")} <= REVISIONS
    assert "delete" not in adoption.preview.counts
    assert _planned(adoption.preview, "create") == _announced(adoption.report, "created")
    changed = _planned(adoption.preview, "update") | _planned(adoption.preview, "replace")
    announced = _announced(adoption.report, "changed", "harmless")
    assert changed <= announced
    # The embedded AWS keeps no tags of scaling targets, so that it sees no other ones.
    assert {kind for kind, _ in announced - changed} <= {"aws:appautoscaling/target:Target"}


def test_without_the_edit_a_preview_replaces_what_pulumi_names(adoption: Adoption) -> None:
    kept = {(one["type"], one["name"]) for one in adoption.report["first_up"]["kept_names"]}
    assert _planned(adoption.unedited, "replace") & kept
    assert not _planned(adoption.preview, "replace") & kept


def test_after_the_first_update_nothing_is_left_to_do(adoption: Adoption) -> None:
    assert adoption.second_preview.counts.keys() == {"same"}
    assert (adoption.verified["up"]["phase"], adoption.verified["up"]["problems"]) == ("updated", [])


def test_everything_that_was_there_is_still_there(adoption: Adoption) -> None:
    gone = {kind: set(names) - set(adoption.after[kind]) for kind, names in adoption.before.items()}
    # Of task definitions there are new revisions, and the VPC's default group lets nothing in or out any more.
    assert {kind for kind, names in gone.items() if names} == {"task definitions", "security group rules"}
    assert gone["security group rules"] <= adoption.rules_of_default_groups


def test_terraform_loses_exactly_what_was_imported(adoption: Adoption) -> None:
    removed = {
        line.partition("= ")[2]
        for line in (adoption.folder / REMOVED_FILE).read_text().splitlines()
        if line.startswith("  from = ")
    }
    single = (adoption.folder / STATE_RM_FILE).read_text() if (adoption.folder / STATE_RM_FILE).exists() else ""
    addresses = {one["address"] for one in adoption.report["matched"]}
    assert removed <= {without_keys(address) for address in addresses}
    left = {address for address in addresses if without_keys(address) not in removed}
    assert {line.strip("'") for line in single.splitlines()} == left


def test_secrets_lie_in_the_import_files_alone(adoption: Adoption) -> None:
    passwords = {
        instance["attributes"]["result"]
        for resource in adoption.state["resources"]
        if resource["type"] == "random_password"
        for instance in resource["instances"]
    }
    texts = {path.name: path.read_text() for path in adoption.folder.iterdir()}
    holding = {name for name, text in texts.items() if any(password in text for password in passwords)}
    assert holding == {IMPORT_FILE, REST_FILE}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on PATH")
def test_terraform_takes_the_removed_blocks(adoption: Adoption, tmp_path: Path) -> None:
    shutil.copy(adoption.folder / REMOVED_FILE, tmp_path)
    terraform = str(shutil.which("terraform"))
    done = subprocess.run([terraform, "validate"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "The configuration is valid" in done.stdout, done.stderr
