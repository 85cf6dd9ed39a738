"""Stacks on the real engine, each in an embedded AWS of its own; made once for all tests of a stack.

The stack whose state lies in a bucket, and production where the policy pack looks at it, are run on the SDK and the
engine as they are, all others without what nobody looks at.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.support.engine.inventory import inventory
from tests.support.engine.running import engine, quick, without_checkpoints
from tests.support.engine.stacks import Preview, Stack
from tests.zelly_infra.engine.stack import prepared
from tests.zelly_infra.evaluations import STACKS
from tests.zelly_infra.stack_files import ROOT
from workbench.engine.pulumi_cli import Engine, engine_session

__all__ = ["engine"]


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A stack that has been previewed, and then made."""

    stack: Stack
    inventory_before: dict[str, list[str]]
    first_preview: Preview
    import_file: Path
    """What the engine would have imported instead of making everything, as ``preview --import-file`` writes it."""
    up: "CompletedProcess[str]"


@contextmanager
def _deployed(name: str, engine: Engine, folder: Path) -> Generator[Deployed]:
    with engine_session(ROOT, folder, engine=quick(engine, folder)) as session:
        stack, import_file = without_checkpoints(prepared(name, session)), folder / "import.json"
        yield Deployed(
            stack=stack,
            inventory_before=inventory(stack.client),
            first_preview=stack.preview("--import-file", str(import_file)),
            import_file=import_file,
            up=stack.run("up", "--yes", "--skip-preview"),
        )


@pytest.fixture(scope="session", params=STACKS)
def deployed(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """Each stack in turn."""
    with _deployed(request.param, engine, tmp_path_factory.mktemp(request.param)) as deployed:
        yield deployed
