"""Both environments in one embedded AWS, and ``zelly`` run against them as an operator would, but in this process."""

import functools
import json
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.operations.clocks import FakeClock
from tests.zelly_infra.stack_files import ROOT
from workbench.cli.main import run
from workbench.cli.shared import account
from workbench.cli.shared.account import planned_needs
from workbench.evaluate import evaluate_stack
from workbench.operations import clock as clocks
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.sandbox.clients import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from workbench.sandbox.embedded import STATE_FILE, EmbeddedAws
from zelly_infra.catalog import APPLICATION_SECRETS
from zelly_infra.stack_file import PROJECT, read_stack_file

STACKS = ("production", "staging")


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A project whose two stacks are up in one embedded AWS."""

    folder: Path
    aws: EmbeddedAws

    def client(self, service: str, region: str) -> Any:
        """Return a boto3 client of the embedded AWS."""
        return self.aws.clients.get(service, region)

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
    """Somebody who types ``zelly`` commands, without a terminal."""

    captured: pytest.CaptureFixture[str]

    def zelly(self, *arguments: str) -> Completed:
        """Run one command and return what it printed."""
        self.captured.readouterr()
        with pytest.raises(SystemExit) as ended:
            run(arguments)
        said = self.captured.readouterr()
        code = ended.value.code
        return Completed(exit_code=code if isinstance(code, int) else 0, stdout=said.out, stderr=said.err)


@contextmanager
def sandbox_of(folder: Path) -> Generator[Sandbox]:
    """Make a project in a folder and bring both its stacks up, afresh."""
    for name in ("Pulumi.yaml", *(f"Pulumi.{stack}.yaml" for stack in STACKS), "__main__.py"):
        shutil.copy(ROOT / name, folder)
    with EmbeddedAws.start() as aws:
        for stack in STACKS:
            file = read_stack_file(stack, folder)
            evaluation = evaluate_stack(
                ROOT / "__main__.py",
                project=PROJECT,
                stack=stack,
                config=file.config,
                secret_keys=file.secret_keys,
                backend=aws.backend(region=file.environment.region),
            )
            aws.keep_outputs(stack, evaluation.plain_outputs)
            aws.remember(folder / STATE_FILE, stack=stack)
        yield Sandbox(folder=folder, aws=aws)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Both stacks, made once: whoever changes something puts it back, or changes what nobody else looks at."""
    with sandbox_of(tmp_path_factory.mktemp("project")) as made:
        yield made


@functools.cache
def _needs(stack: str, root: Path, stack_files: tuple[str, ...]) -> Any:
    del stack_files
    return planned_needs(stack, root)


@pytest.fixture(autouse=True)
def planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``zelly doctor`` evaluate the program once for each content of the stack files: it does so in a process."""

    def needs(stack: str, root: Path) -> Any:
        return _needs(stack, root, tuple(path.read_text() for path in sorted(root.glob("Pulumi.*.yaml"))))

    monkeypatch.setattr(account, "planned_needs", needs)


@pytest.fixture
def operator(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Somebody in the project's folder, with the sandbox's endpoint and credentials and no others."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "ZELLY_", "PULUMI_"))]:
        monkeypatch.delenv(name)
    for name, value in sandbox.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(sandbox.folder)
    return Operator(captured=capsys)


@pytest.fixture(scope="session")
def roles(sandbox: Sandbox) -> None:
    """The account's service-linked roles, as in one that was used before."""
    iam = sandbox.client("iam", "ap-south-1")
    there = {role["Path"] for role in iam.list_roles(PathPrefix="/aws-service-role/")["Roles"]}
    for service in SERVICES:
        if f"/aws-service-role/{service}/" not in there:
            iam.create_service_linked_role(AWSServiceName=service)


@pytest.fixture
def stored(sandbox: Sandbox) -> Iterator[Any]:
    """Secrets Manager in staging's region; the operators' secrets are empty again at the end."""
    secrets = sandbox.client("secretsmanager", "ap-southeast-1")
    yield secrets
    for name, keys in APPLICATION_SECRETS.items():
        secrets.restore_secret(SecretId=name)
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(dict.fromkeys(keys, "")))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Waiting takes no time, so that what is only waited for is over at once."""
    made = FakeClock()
    monkeypatch.setattr(clocks, "CLOCK", made)
    return made
