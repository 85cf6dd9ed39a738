"""Both environments of Zelly in one embedded AWS, and ``zelly`` run against them as an operator would."""

import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.operators import Completed, Operator, Up, empty, plan_once, work_in
from tests.zelly_infra.evaluations import STACKS, evaluated
from tests.zelly_infra.stack_files import ROOT
from workbench.sandbox.embedded import STATE_FILE, EmbeddedAws
from zelly_infra.catalog import APPLICATION_SECRETS
from zelly_infra.stack_file import read_stack_file

__all__ = ["STACKS", "Completed", "Operator", "Up"]


@contextmanager
def sandbox_of(folder: Path) -> Generator[Up]:
    """Make a project in a folder and bring both its stacks up, afresh."""
    for name in ("Pulumi.yaml", *(f"Pulumi.{stack}.yaml" for stack in STACKS), "__main__.py"):
        shutil.copy(ROOT / name, folder)
    with EmbeddedAws.start() as aws:
        for stack in STACKS:
            file = read_stack_file(stack, folder)
            evaluation = evaluated(file, aws.backend(region=file.environment.region))
            aws.keep_outputs(stack, evaluation.plain_outputs)
            aws.remember(folder / STATE_FILE, stack=stack)
        yield Up(folder=folder, aws=aws)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Both stacks, made once: whoever changes something puts it back, or changes what nobody else looks at."""
    with sandbox_of(tmp_path_factory.mktemp("project")) as made:
        yield made


@pytest.fixture(autouse=True)
def planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``zelly doctor`` evaluate the program once for each content of the stack files."""
    plan_once(monkeypatch)


@pytest.fixture
def operator(sandbox: Up, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Somebody in the project's folder, with the sandbox's endpoint and credentials and no others."""
    work_in(sandbox, monkeypatch)
    return Operator(captured=capsys)


@pytest.fixture
def stored(sandbox: Up) -> Iterator[Any]:
    """Secrets Manager in staging's region; the operators' secrets are empty again at the end."""
    secrets = sandbox.client("secretsmanager", "ap-southeast-1")
    yield secrets
    empty(secrets, APPLICATION_SECRETS)
