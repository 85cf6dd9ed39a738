"""Ends: production refuses, staging leaves nothing behind, and an ``up`` that was killed goes on."""

import re

import pytest

from tests.zelly_infra.engine.conftest import Deployed, Interrupted
from tests.zelly_infra.engine.inventory import inventory
from tests.zelly_infra.evaluations import evaluation_of

KEPT_BY_AWS = {"task definitions"}
"""Revisions are what a rollback goes back to: the program never deregisters one."""


@pytest.mark.parametrize("deployed", ["production"], indirect=True)
def test_production_refuses_to_be_destroyed_and_keeps_everything(deployed: Deployed) -> None:
    stack = deployed.stack
    before = inventory(stack.client)
    refused = stack.session.run("destroy", "--yes", "--stack", stack.name)
    assert refused.returncode != 0
    protected = {resource.name for resource in evaluation_of("production").resources if resource.protect}
    named = set(re.findall(r'resource "urn:[^"]*::([^":]+)" cannot be deleted', refused.stdout))
    # The engine does not go on to what those depend on.
    assert named
    assert named <= protected
    assert inventory(stack.client) == before


def test_second_command_is_refused_while_the_killed_ones_lock_stands(interrupted: Interrupted) -> None:
    assert interrupted.locked.returncode != 0
    assert "the stack is currently locked by 1 lock(s)" in interrupted.locked.stderr


def test_up_that_was_killed_had_made_some_and_had_some_in_hand(interrupted: Interrupted) -> None:
    assert 120 <= len(interrupted.state_killed["resources"]) < len(evaluation_of("staging").resources)
    in_hand = {operation["type"] for operation in interrupted.state_killed["pending_operations"]}
    assert in_hand == {"creating"}


def test_up_that_was_killed_goes_on_and_ends_whole(interrupted: Interrupted) -> None:
    made = {resource["urn"] for resource in interrupted.state_after_up["resources"]}
    assert made >= {resource.urn for resource in evaluation_of("staging").resources}
    assert interrupted.state_after_refresh.get("pending_operations", []) == []
    assert interrupted.preview.counts == {"same": len(evaluation_of("staging").resources)}


def test_staging_had_something_of_every_kind(interrupted: Interrupted) -> None:
    # Else finding nothing after the end would prove nothing.
    assert [kind for kind, found in interrupted.inventory_standing.items() if not found] == []


def test_destroyed_staging_leaves_the_embedded_aws_as_it_was(interrupted: Interrupted) -> None:
    left = interrupted.inventory_destroyed
    assert {
        kind: sorted(set(left[kind]) - set(interrupted.inventory_before[kind]))
        for kind in left
        if kind not in KEPT_BY_AWS and left[kind] != interrupted.inventory_before[kind]
    } == {}
