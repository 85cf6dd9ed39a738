"""Stacks on the real engine, each in an embedded AWS of its own; made once for all tests of a stack.

Most commands take a third of the processor time: without checkpoints, which only an ``up`` that is killed needs, and
with a quicker runner of the program. The stack whose state lies in a bucket, and production where the policy pack looks
at it, are run on the SDK and the engine as they are.
"""

import os
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import psutil
import pytest

from tests.zelly_infra.engine.inventory import inventory
from tests.zelly_infra.engine.stack import Preview, Stack, prepare
from tests.zelly_infra.evaluations import STACKS
from tests.zelly_infra.stack_files import ROOT
from workbench.engine.pulumi_cli import Engine, engine_session, find_engine
from workbench.errors import OperatorError

_SETTLING_SECONDS = 1.0

NO_CHECKPOINTS: Mapping[str, str] = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""The engine writes the whole state at the end of an ``up``, instead of after every step."""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A stack that has been previewed, and then made."""

    stack: Stack
    first_preview: Preview
    up: "CompletedProcess[str]"


@pytest.fixture(scope="session")
def engine() -> Engine:
    try:
        return find_engine(ROOT)
    except OperatorError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


def quick(engine: Engine, folder: Path) -> Engine:
    """Return an engine whose programs run without what nobody looks at."""
    runner = folder / "runner.py"
    runner.write_text(f"from tests.zelly_infra.engine.quick_runner import run\nrun({str(engine.runner)!r})\n")
    return replace(engine, runner=runner)


def _without_checkpoints(stack: Stack) -> Stack:
    environment = {**stack.session.environment, **NO_CHECKPOINTS}
    return replace(stack, session=replace(stack.session, environment=environment))


@contextmanager
def _deployed(name: str, engine: Engine, folder: Path) -> Generator[Deployed]:
    with engine_session(ROOT, folder, engine=quick(engine, folder)) as session:
        stack = _without_checkpoints(Stack(name=name, session=session))
        prepare(stack)
        yield Deployed(stack=stack, first_preview=stack.preview(), up=stack.run("up", "--yes", "--skip-preview"))


@pytest.fixture(scope="session", params=STACKS)
def deployed(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """Each stack in turn."""
    with _deployed(request.param, engine, tmp_path_factory.mktemp(request.param)) as deployed:
        yield deployed


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """What was seen of a stack whose ``up`` was killed, which was then made whole, and at last destroyed."""

    inventory_before: dict[str, list[str]]
    state_killed: dict[str, Any] = field(repr=False)
    """What the killed ``up`` had noted."""
    locked: "CompletedProcess[str]"
    """A command that came right after."""
    state_after_up: dict[str, Any] = field(repr=False)
    state_after_refresh: dict[str, Any] = field(repr=False)
    preview: Preview
    inventory_standing: dict[str, list[str]]
    inventory_destroyed: dict[str, list[str]]


@pytest.fixture(scope="session")
def interrupted(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interrupted]:
    """Staging's whole life, with a violent death in it, as an operator goes through it."""
    folder = tmp_path_factory.mktemp("interrupted")
    with engine_session(ROOT, folder, engine=quick(engine, folder)) as session:
        stack = Stack(name="staging", session=session)
        prepare(stack)
        before = inventory(stack.client)
        _kill_in_the_middle(stack)
        state_killed = stack.state
        locked = session.run("up", "--yes", "--skip-preview", "--stack", stack.name)
        stack = _without_checkpoints(stack)
        stack.run("cancel", "--yes")
        stack.run("up", "--yes", "--skip-preview")
        state_after_up = stack.state
        # What the killed command had in hand is forgotten: nothing of it was made, as the lists show.
        stack.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
        state_after_refresh = stack.state
        preview, standing = stack.preview(), inventory(stack.client)
        stack.run("destroy", "--yes", "--skip-preview")
        yield Interrupted(
            inventory_before=before,
            state_killed=state_killed,
            locked=locked,
            state_after_up=state_after_up,
            state_after_refresh=state_after_refresh,
            preview=preview,
            inventory_standing=standing,
            inventory_destroyed=inventory(stack.client),
        )


def _kill_in_the_middle(stack: Stack, *, after_created: int = 120) -> None:
    """Kill an ``up`` while AWS still owes it answers."""
    aws = psutil.Process(stack.session.aws.state.pid)
    with stack.session.start("up", "--yes", "--skip-preview", "--stack", stack.name) as process:
        created = (line for line in process.stdout or () if " created (" in line)
        for _ in zip(range(after_created), created, strict=False):
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
