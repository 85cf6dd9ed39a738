"""The sample program: up in one embedded AWS for all tests of a worker, and operated as an operator would."""

import functools
import json
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sample_infra.program import PROGRAM
from tests.support import sample
from tests.workbench.operations.clocks import FakeClock
from workbench.cli import main
from workbench.cli.shared import account
from workbench.cli.shared.account import planned_needs
from workbench.operations import plan as plans
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.sandbox.clients import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from workbench.sandbox.embedded import STATE_FILE, EmbeddedAws


@dataclass(frozen=True, kw_only=True)
class Up:
    """A copy of the sample program's project, whose stacks are up in one embedded AWS."""

    folder: Path
    aws: EmbeddedAws

    def client(self, service: str, stack: str) -> Any:
        """Return a boto3 client of the embedded AWS, in a stack's region."""
        return self.aws.clients.get(service, sample.REGIONS[stack])

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of an operator who works in it."""
        return {
            "AWS_ENDPOINT_URL": self.aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }


@dataclass(frozen=True, kw_only=True)
class Completed:
    """What a command ended with."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Somebody who types commands, without a terminal."""

    captured: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> Completed:
        """Run one command and return what it printed."""
        self.captured.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.run(arguments)
        said = self.captured.readouterr()
        code = ended.value.code
        return Completed(exit_code=code if isinstance(code, int) else 0, stdout=said.out, stderr=said.err)


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


@pytest.fixture
def sample_commands() -> Iterator[None]:
    """Let the commands that are run in this process be the sample program's."""
    with sample.as_current_program():
        yield


@functools.cache
def _needs(stack: str, root: Path, stack_files: tuple[str, ...]) -> Any:
    del stack_files
    return planned_needs(stack, root)


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
    for name in [name for name in os.environ if name.startswith(("AWS_", "ZELLY_", "PULUMI_"))]:
        monkeypatch.delenv(name)
    variables = up.variables | sample.installed(tmp_path_factory.mktemp("installed"))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(up.folder)

    def needs(stack: str, root: Path) -> Any:
        # The doctor evaluates the program in a process: once for each content of the stack files.
        return _needs(stack, root, tuple(path.read_text() for path in sorted(root.glob("Pulumi.*.yaml"))))

    monkeypatch.setattr(account, "planned_needs", needs)
    return Operator(captured=capsys)


@pytest.fixture(scope="session")
def roles(up: Up) -> None:
    """The account's service-linked roles, as in one that was used before."""
    iam = up.client("iam", sample.OWNER)
    there = {role["Path"] for role in iam.list_roles(PathPrefix="/aws-service-role/")["Roles"]}
    for service in SERVICES:
        if f"/aws-service-role/{service}/" not in there:
            iam.create_service_linked_role(AWSServiceName=service)


@pytest.fixture
def stored(up: Up) -> Iterator[Any]:
    """Secrets Manager in the region of ``trial``; the operators' secrets are empty again at the end."""
    secrets = up.client("secretsmanager", sample.OTHER)
    yield secrets
    for name, keys in PROGRAM.secrets.application.items():
        secrets.restore_secret(SecretId=name)
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(dict.fromkeys(keys, "")))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Waiting takes no time, so that what is only waited for is over at once."""
    made = FakeClock()
    monkeypatch.setattr(plans, "CLOCK", made)
    return made
