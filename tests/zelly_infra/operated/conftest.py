"""Both environments of Zelly in one embedded AWS, and ``zelly`` run against them as an operator would."""

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

from tests.workbench.conftest import Completed, Operator
from tests.zelly_infra.stack_files import ROOT
from workbench.cli.shared import account
from workbench.cli.shared.account import planned_needs
from workbench.evaluate import evaluate_stack
from workbench.sandbox.clients import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from workbench.sandbox.embedded import STATE_FILE, EmbeddedAws
from zelly_infra.catalog import APPLICATION_SECRETS
from zelly_infra.stack_file import PROJECT, read_stack_file

__all__ = ["Completed", "Operator", "Sandbox"]

STACKS = ("production", "staging")


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A project whose two stacks are up in one embedded AWS."""

    folder: Path
    aws: EmbeddedAws

    def client(self, service: str, region: str) -> Any:
        """Return a boto3 client of the embedded AWS."""
        return self.aws.clients.get(service, region)


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
    variables = {
        "AWS_ENDPOINT_URL": sandbox.aws.endpoint_url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(sandbox.folder)
    return Operator(captured=capsys)


@pytest.fixture
def stored(sandbox: Sandbox) -> Iterator[Any]:
    """Secrets Manager in staging's region; the operators' secrets are empty again at the end."""
    secrets = sandbox.client("secretsmanager", "ap-southeast-1")
    yield secrets
    for name, keys in APPLICATION_SECRETS.items():
        secrets.restore_secret(SecretId=name)
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(dict.fromkeys(keys, "")))
