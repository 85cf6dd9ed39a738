"""An approved plan holds the ``pulumi up`` after it: what the pipeline of production relies on."""

import json
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.support.engine.stacks import AS_IT_WAS_MADE, Stack
from tests.zelly_infra.engine.conftest import Deployed
from tools.ci.approval import changes

APPROVED = {"redis/snapshot_retention_days": 9}
MORE = {**APPROVED, "aurora/maximum_capacity_acu": 12}


@dataclass(frozen=True, kw_only=True)
class Approved:
    """A plan of one changed value, as it lies in the artifact."""

    stack: Stack
    folder: Path

    def up(self, *options: str) -> "CompletedProcess[str]":
        """Run what the workflow runs."""
        plan = str(self.folder / "update-plan.json")
        return self.stack.session.run(
            "up", "--stack", self.stack.name, "--plan", plan, "--yes", "--suppress-outputs", *options
        )


# What the engine does with a plan is the same for both.
pytestmark = pytest.mark.parametrize("deployed", ["production"], indirect=True)


@pytest.fixture(scope="module")
def approved(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Approved:
    stack, folder = deployed.stack, tmp_path_factory.mktemp("approved")
    with stack.stack_file(APPROVED):
        stack.run("preview", "--save-plan", str(folder / "update-plan.json"), "--suppress-outputs")
    return Approved(stack=stack, folder=folder)


def test_update_plan_counts_what_changes_and_shows_no_secret(approved: Approved) -> None:
    assert changes(approved.folder) == 1
    text = (approved.folder / "update-plan.json").read_text()
    assert [name for name, value in approved.stack.secret_values.items() if json.dumps(value)[1:-1] in text] == []


def test_up_of_anything_more_than_was_approved_stops_before_it_changes_anything(approved: Approved) -> None:
    before = approved.stack.state["resources"]
    with approved.stack.stack_file(MORE):
        ran = approved.up(*AS_IT_WAS_MADE)
    assert ran.returncode != 0
    assert "violates plan" in ran.stdout + ran.stderr
    assert f"zelly-{approved.stack.name}-aurora-cluster" in ran.stdout + ran.stderr
    assert approved.stack.state["resources"] == before


def test_up_of_what_was_approved_changes_that(approved: Approved) -> None:
    # The last that is asked of production: no file behind this one uses it.
    with approved.stack.stack_file(APPROVED):
        ran = approved.up()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "    ~ 1 updated\n" in ran.stdout
    groups = approved.stack.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    assert [group["SnapshotRetentionLimit"] for group in groups] == [9]
