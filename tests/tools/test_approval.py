"""The plan of a stack between its approval and its ``pulumi up``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_github import FakeGitHub, fake_github
from tests.tools.steps import Ran, run_step

COMMIT = "1a2b3c4d" * 5
OTHER = "9" * 40


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return _written(
        tmp_path / "plan", {"a": ["same"], "b": ["update"], "c": ["create-replacement", "replace"], "d": []}
    )


def _written(folder: Path, steps: dict[str, list[str]]) -> Path:
    folder.mkdir()
    resources = {urn: {"steps": listed} for urn, listed in steps.items()}
    (folder / "update-plan.json").write_text(json.dumps({"resourcePlans": resources}))
    (folder / "plan.json").write_text('{"format": "zelly plan"}\n')
    (folder / "preview.txt").write_text("~ aws:rds/cluster:Cluster: (update)\n")
    return folder


def _record(folder: Path) -> Ran:
    return _approval(folder, "record", str(folder), "--stack", "production of shop")


def _approval(folder: Path, *arguments: str, **more: Any) -> Ran:
    return run_step("approval", *arguments, folder=folder.parent, **more)


def test_what_there_is_to_approve_is_shown_with_its_digest(plan: Path) -> None:
    ran = _record(plan)
    assert ran.exit_code == 0
    assert ran.outputs.keys() == {"changes", "digest"}
    assert ran.outputs["changes"] == "2"
    assert ran.summary == (
        f"## production of shop: 2 changed\n\n`sha256:{ran.outputs['digest']}`\n\n"
        "``````diff\n~ aws:rds/cluster:Cluster: (update)\n\n``````\n"
    )


def test_plan_that_changes_nothing_asks_nobody(tmp_path: Path) -> None:
    folder = _written(tmp_path / "plan", {"a": ["same"], "b": ["refresh", "read"]})
    assert _record(folder).outputs["changes"] == "0"


def test_what_was_approved_passes(plan: Path) -> None:
    approved = _record(plan).outputs["digest"]
    ran = _approval(plan, "verify", str(plan), "--digest", approved)
    assert (ran.exit_code, ran.stdout) == (0, f"sha256:{approved}, as approved\n")


@pytest.mark.parametrize("file", ["plan.json", "update-plan.json", "preview.txt"])
def test_any_other_byte_stops_it(plan: Path, file: str) -> None:
    approved = _record(plan).outputs["digest"]
    with (plan / file).open("a") as text:
        text.write(" ")
    ran = _approval(plan, "verify", str(plan), "--digest", approved)
    now = _record(plan).outputs["digest"]
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"{plan}: came sha256:{now}; approved was sha256:{approved}. Nothing was changed: run the workflow again\n"
    )


@pytest.mark.parametrize("file", ["plan.json", "update-plan.json", "preview.txt"])
def test_missing_file_stops_it(plan: Path, file: str) -> None:
    (plan / file).unlink()
    ran = _approval(plan, "verify", str(plan), "--digest", "0" * 64)
    assert (ran.exit_code, ran.stderr) == (2, f"{plan / file}: No such file or directory\n")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"resourcePlans": []}', '{"resourcePlans": {"a": 1}}'])
def test_what_is_no_update_plan_is_refused(plan: Path, text: str) -> None:
    (plan / "update-plan.json").write_text(text)
    ran = _record(plan)
    message = f"{plan / 'update-plan.json'}: not an update plan of pulumi preview --save-plan\n"
    assert (ran.exit_code, ran.stderr, ran.outputs) == (2, message, {})


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with fake_github() as github:
        yield github


def test_newest_commit_passes(plan: Path, github: FakeGitHub) -> None:
    github.branches["main"] = COMMIT
    ran = _approval(plan, "newest", "--branch", "main", github=github, environment={"GITHUB_SHA": COMMIT})
    assert (ran.exit_code, ran.stdout) == (0, f"main is at {COMMIT}\n")


def test_plan_of_an_older_commit_is_stopped(plan: Path, github: FakeGitHub) -> None:
    github.branches["main"] = OTHER
    ran = _approval(plan, "newest", "--branch", "main", github=github, environment={"GITHUB_SHA": COMMIT})
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"main: is at {OTHER}, this plan is of {COMMIT}. Nothing was changed: approve the newer commit's plan\n"
    )


def test_branch_that_github_does_not_know_stops_it(plan: Path, github: FakeGitHub) -> None:
    ran = _approval(plan, "newest", "--branch", "main", github=github, environment={"GITHUB_SHA": COMMIT})
    assert ran.exit_code == 1
    assert ran.stderr.endswith("/commits/main: 422: No commit found for SHA: main\n")
