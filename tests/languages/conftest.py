"""The real engine for programs in other languages: the plugin's folder beside the project, as users have it."""

import shutil
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.languages.programs import PROJECT, write_project
from tests.support.engine.running import engine as engine  # noqa: PLC0414 (a fixture)
from tests.support.engine.running import without_checkpoints
from tests.support.engine.stacks import Stack
from tests.support.programs import unavailable
from tests.zelly_infra.stack_files import ROOT
from workbench.engine.pulumi_cli import BUILT_ENGINE, Engine, engine_session

BIN = ROOT / BUILT_ENGINE
REGION = "eu-west-1"

NewStack = Callable[[str], Stack]


@pytest.fixture(scope="session")
def yaml_host() -> Path:
    host = BIN / "pulumi-language-yaml"
    if not host.exists():
        unavailable("pulumi-language-yaml is not there (make languages, which needs Go)")
    return host


@pytest.fixture(scope="module")
def new_stack(engine: Engine, yaml_host: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[NewStack]:
    """Return what makes a stack of a program's text known to the engine, with an embedded AWS of its own."""
    assert yaml_host.exists()
    with ExitStack() as stack:

        def make(text: str) -> Stack:
            folder = tmp_path_factory.mktemp("yaml")
            root = write_project(folder / "root", text)
            shutil.copytree(ROOT / "components", folder / "components", ignore=shutil.ignore_patterns("__pycache__"))
            session = stack.enter_context(engine_session(root, folder, engine=engine))
            made = without_checkpoints(
                Stack(name="dev", session=session, project=PROJECT, config_key="", region=REGION)
            )
            made.initialize()
            made.run("config", "set", "aws:region", REGION)
            return made

        yield make
