"""An ``up`` that was killed, on the real engine: nobody else gets in, and the next one goes on."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import psutil
import pytest

from tests.support import sample
from tests.support.engine.running import without_checkpoints
from tests.support.engine.sample_stack import sample_stack
from tests.support.engine.stacks import Preview, Stack
from workbench.engine.pulumi_cli import Engine

STACK = sample.OTHER
CREATED = 60
"""How much is created when the ``up`` is killed."""

_SETTLING_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """What was seen of a stack whose ``up`` was killed, and which was then made whole."""

    state_killed: dict[str, Any] = field(repr=False)
    """What the killed ``up`` had noted."""
    locked: "CompletedProcess[str]"
    """A command that came right after."""
    state_after_up: dict[str, Any] = field(repr=False)
    state_after_refresh: dict[str, Any] = field(repr=False)
    preview: Preview


@pytest.fixture(scope="module")
def interrupted(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interrupted]:
    """The death of an ``up``, and the way on, as an operator goes it."""
    with sample_stack(STACK, engine, tmp_path_factory.mktemp("interrupted")) as stack:
        _kill_in_the_middle(stack)
        state_killed = stack.state
        locked = stack.session.run("up", "--yes", "--skip-preview", "--stack", stack.name)
        quicker = without_checkpoints(stack)
        quicker.run("cancel", "--yes")
        quicker.run("up", "--yes", "--skip-preview")
        state_after_up = stack.state
        # What the killed command had in hand is forgotten: nothing of it was made (test_vanished_caller).
        quicker.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
        state_after_refresh = stack.state
        yield Interrupted(
            state_killed=state_killed,
            locked=locked,
            state_after_up=state_after_up,
            state_after_refresh=state_after_refresh,
            preview=quicker.preview(),
        )


def _kill_in_the_middle(stack: Stack) -> None:
    """Kill an ``up`` while AWS still owes it answers."""
    aws = psutil.Process(stack.session.aws.state.pid)
    with stack.session.start("up", "--yes", "--skip-preview", "--stack", stack.name) as process:
        created = (line for line in process.stdout or () if " created (" in line)
        for _ in zip(range(CREATED), created, strict=False):
            pass
        aws.suspend()
        _wait_until_unchanged(stack.state_file)
        process.kill()
    # The providers see that their caller is gone before they see an answer.
    time.sleep(_SETTLING_SECONDS)
    aws.resume()


def _wait_until_unchanged(path: Path) -> None:
    """Wait until the engine has written down every answer that it got."""
    seen = 0
    while seen != path.stat().st_mtime_ns:
        seen = path.stat().st_mtime_ns
        time.sleep(_SETTLING_SECONDS)


def test_second_command_is_refused_while_the_killed_ones_lock_stands(interrupted: Interrupted) -> None:
    assert interrupted.locked.returncode != 0
    assert "the stack is currently locked by 1 lock(s)" in interrupted.locked.stderr


def test_up_that_was_killed_had_made_some_and_had_some_in_hand(interrupted: Interrupted) -> None:
    assert CREATED <= len(interrupted.state_killed["resources"]) < len(sample.evaluation_of(STACK).resources)
    in_hand = {operation["type"] for operation in interrupted.state_killed["pending_operations"]}
    assert in_hand == {"creating"}


def test_up_that_was_killed_goes_on_and_ends_whole(interrupted: Interrupted) -> None:
    made = {resource["urn"] for resource in interrupted.state_after_up["resources"]}
    assert made >= {resource.urn for resource in sample.evaluation_of(STACK).resources}
    assert interrupted.state_after_refresh.get("pending_operations", []) == []


def test_refresh_of_what_nobody_changed_by_hand_changes_nothing(interrupted: Interrupted) -> None:
    def seen(state: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
        # A secret is encrypted anew with each command.
        return {
            one["urn"]: tuple(_without_ciphertexts(one.get(part)) for part in ("id", "inputs", "outputs"))
            for one in state["resources"]
        }

    assert seen(interrupted.state_after_refresh) == seen(interrupted.state_after_up)


def _without_ciphertexts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ciphertexts(one) for key, one in value.items() if key != "ciphertext"}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        return [_without_ciphertexts(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def test_up_that_goes_on_leaves_nothing_to_do(interrupted: Interrupted) -> None:
    assert interrupted.preview.counts == {"same": len(sample.evaluation_of(STACK).resources)}
