"""Both stacks of Relay in one embedded AWS, and ``relay`` run against them as the pipeline and operators would."""

import json
import shutil
import time
from collections.abc import Iterator

import pytest

from relay_infra.catalog import APPLICATION_SECRETS
from relay_infra.config import EnvironmentConfig
from relay_infra.program import PROGRAM
from tests.programs.relay.evaluations import ROOT, STACKS, evaluated
from tests.support.operators import Operator, Up, work_in
from workbench import words
from workbench.config.stack_file import StackFile, read_stack_file
from workbench.operations import clock
from workbench.sandbox.ecs.simulation.pace import speed_variable
from workbench.sandbox.embedded import STATE_FILE, EmbeddedAws

_SPEED = 240
"""Four minutes of the sandbox are a second: new tasks are watched for minutes before the earlier ones go."""


_OF_THE_TOOLS = 15
"""Slower than the sandbox: on a busy machine what they wait for takes longer than its seconds say."""


class _Fast:
    """A clock by which the tools wait shorter than at AWS."""

    def monotonic(self) -> float:
        return time.monotonic() * _OF_THE_TOOLS

    def sleep(self, seconds: float, /) -> None:
        time.sleep(seconds / _OF_THE_TOOLS)


@pytest.fixture(autouse=True, scope="package")
def word() -> Iterator[None]:
    """Let commands be Relay's, whose word nobody typed here."""
    before = words.word()
    words.call_by(PROGRAM.name)
    yield
    words.call_by(before)


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory, word: None) -> Iterator[Up]:
    """Both stacks, made once, with their secrets filled."""
    del word
    folder = tmp_path_factory.mktemp("relay")
    for name in ("Pulumi.yaml", *(f"Pulumi.{stack}.yaml" for stack in STACKS), "__main__.py"):
        shutil.copy(ROOT / name, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(speed_variable(), str(_SPEED))
        aws = EmbeddedAws.start()
    with aws:
        files: dict[str, StackFile[EnvironmentConfig]] = {
            stack: read_stack_file(PROGRAM, stack, folder) for stack in STACKS
        }
        # The one first that owns what the other looks up.
        for stack, file in sorted(files.items(), key=lambda each: not each[1].environment.registry.create):
            evaluation = evaluated(file, aws.backend(region=file.region))
            aws.keep_outputs(stack, evaluation.plain_outputs)
            aws.remember(folder / STATE_FILE, stack=stack)
            secrets = aws.clients.get("secretsmanager", file.region)
            for name, keys in APPLICATION_SECRETS.items():
                secrets.put_secret_value(SecretId=name, SecretString=json.dumps(dict.fromkeys(keys, "a value")))
        yield Up(folder=folder, aws=aws)


@pytest.fixture
def operator(sandbox: Up, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Somebody in the project's folder, with the sandbox's endpoint and credentials and no others."""
    work_in(sandbox, monkeypatch)
    monkeypatch.setattr(clock, "CLOCK", _Fast())
    return Operator(captured=capsys)
