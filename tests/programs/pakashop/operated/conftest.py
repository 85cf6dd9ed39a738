"""Both environments of Pakashop in one embedded AWS, and ``pakashop`` run against them as an operator would."""

import shutil
import time
from collections.abc import Iterator

import pytest

from pakashop_infra.program import PROGRAM
from tests.programs.pakashop.evaluations import ROOT, STACKS, evaluated
from tests.support.operators import Operator, Up, plan_once, work_in
from workbench import words
from workbench.config.stack_file import read_stack_file
from workbench.operations import clock
from workbench.sandbox.ecs.simulation.pace import speed_variable
from workbench.sandbox.embedded import STATE_FILE, EmbeddedAws

_SPEED = "20"
"""A release has to stay ready for half a second instead of ten."""


class _Impatient:
    """A clock by which the tools look more often than they do at AWS."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        time.sleep(min(seconds, 0.1))


@pytest.fixture(autouse=True, scope="package")
def word() -> Iterator[None]:
    """Let commands be Pakashop's, whose word nobody typed here."""
    before = words.word()
    words.call_by(PROGRAM.name)
    yield
    words.call_by(before)


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory, word: None) -> Iterator[Up]:
    """Both stacks, made once."""
    del word
    folder = tmp_path_factory.mktemp("pakashop")
    for name in ("Pulumi.yaml", *(f"Pulumi.{stack}.yaml" for stack in STACKS), "__main__.py"):
        shutil.copy(ROOT / name, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(speed_variable(), _SPEED)
        aws = EmbeddedAws.start()
    with aws:
        # Live first: it owns the account's identity provider, which staging looks up.
        for stack in sorted(STACKS):
            file = read_stack_file(PROGRAM, stack, folder)
            evaluation = evaluated(file, aws.backend(region=file.region))
            aws.keep_outputs(stack, evaluation.plain_outputs)
            aws.remember(folder / STATE_FILE, stack=stack)
        yield Up(folder=folder, aws=aws)


@pytest.fixture
def operator(sandbox: Up, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Somebody in the project's folder, with the sandbox's endpoint and credentials and no others."""
    work_in(sandbox, monkeypatch)
    plan_once(monkeypatch)
    monkeypatch.setattr(clock, "CLOCK", _Impatient())
    return Operator(captured=capsys)
