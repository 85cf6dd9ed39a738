"""The engine that tests run, without what nobody looks at, and a fixture that skips where there is none.

Most commands take a third of the processor time: without checkpoints, which only an ``up`` that is killed needs, and
with a quicker runner of the program.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.engine.stacks import Stack
from workbench.engine.pulumi_cli import Engine, find_engine
from workbench.errors import OperatorError

_ROOT = Path(__file__).parents[3]

NO_CHECKPOINTS: Mapping[str, str] = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""The engine writes the whole state at the end of an ``up``, instead of after every step."""


@pytest.fixture(scope="session")
def engine() -> Engine:
    try:
        return find_engine(_ROOT)
    except OperatorError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


def quick(engine: Engine, folder: Path) -> Engine:
    """Return an engine whose programs run without what nobody looks at."""
    runner = folder / "runner.py"
    runner.write_text(f"from tests.support.engine.quick_runner import run\nrun({str(engine.runner)!r})\n")
    return replace(engine, runner=runner)


def without_checkpoints(stack: Stack) -> Stack:
    environment = {**stack.session.environment, **NO_CHECKPOINTS}
    return replace(stack, session=replace(stack.session, environment=environment))
