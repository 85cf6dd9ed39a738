"""The sample program: up in one embedded AWS for all tests of a worker, and operated as an operator would."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sample_infra.program import PROGRAM
from tests.support import sample
from tests.support.operators import Completed, Operator, Up, empty, plan_once, work_in
from tests.workbench.operations.clocks import FakeClock
from workbench.operations import clock as clocks
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.sandbox.embedded import STATE_FILE, EmbeddedAws

__all__ = ["Completed", "Operator", "Up"]


@contextmanager
def brought_up(folder: Path) -> Generator[Up]:
    """Copy the project into a folder and bring its stacks up, afresh."""
    sample.copy_project(folder)
    with EmbeddedAws.start() as aws:
        for stack in sample.STACKS:
            file = sample.read_stack_file(stack, folder)
            evaluation = sample.evaluated(file, aws.backend(region=file.region))
            aws.keep_outputs(stack, evaluation.plain_outputs)
            aws.remember(folder / STATE_FILE, stack=stack)
        yield Up(folder=folder, aws=aws)


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Both stacks, made once: whoever changes something puts it back, or changes what nobody else looks at."""
    with brought_up(tmp_path_factory.mktemp("sample")) as made:
        yield made


@pytest.fixture(scope="session")
def blue_green(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """The owner's stack with its web service deployed blue/green, in an embedded AWS of its own."""
    folder = tmp_path_factory.mktemp("blue-green")
    sample.copy_project(folder)
    sample.write_stack_file(folder, sample.OWNER, sample.blue_green(sample.OWNER))
    file = sample.read_stack_file(sample.OWNER, folder)
    with EmbeddedAws.start() as aws:
        evaluation = sample.evaluated(file, aws.backend(region=file.region))
        aws.keep_outputs(sample.OWNER, evaluation.plain_outputs)
        aws.remember(folder / STATE_FILE, stack=sample.OWNER)
        yield Up(folder=folder, aws=aws)


@pytest.fixture
def sample_commands() -> Iterator[None]:
    """Let the commands that are run in this process be the sample program's."""
    with sample.as_current_program():
        yield


@pytest.fixture
def planner(sample_commands: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Somebody in the sample program's own folder, who needs no AWS."""
    del sample_commands
    monkeypatch.chdir(sample.FOLDER)
    return Operator(captured=capsys)


@pytest.fixture
def operator(
    up: Up,
    sample_commands: None,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Operator:
    """Somebody in the project's folder, with the embedded AWS's endpoint and credentials and no others."""
    del sample_commands
    work_in(up, monkeypatch, sample.installed(tmp_path_factory.mktemp("installed")))
    plan_once(monkeypatch)
    return Operator(captured=capsys)


@pytest.fixture(scope="session")
def roles(up: Up) -> None:
    """The account's service-linked roles, as in one that was used before."""
    iam = up.client("iam", sample.REGIONS[sample.OWNER])
    there = {role["Path"] for role in iam.list_roles(PathPrefix="/aws-service-role/")["Roles"]}
    for service in SERVICES:
        if f"/aws-service-role/{service}/" not in there:
            iam.create_service_linked_role(AWSServiceName=service)


@pytest.fixture
def stored(up: Up) -> Iterator[Any]:
    """Secrets Manager in the region of ``trial``; the operators' secrets are empty again at the end."""
    secrets = up.client("secretsmanager", sample.REGIONS[sample.OTHER])
    yield secrets
    empty(secrets, PROGRAM.secrets.application)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Waiting takes no time, so that what is only waited for is over at once."""
    made = FakeClock()
    monkeypatch.setattr(clocks, "CLOCK", made)
    return made
