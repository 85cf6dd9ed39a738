"""Operators of a program whose stacks are up in an embedded AWS."""

import functools
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main
from workbench.cli.shared import account
from workbench.cli.shared.account import planned_needs
from workbench.sandbox.clients import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from workbench.sandbox.embedded import EmbeddedAws


@dataclass(frozen=True, kw_only=True)
class Up:
    """A copy of a program's project, whose stacks are up in one embedded AWS."""

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


def work_in(up: Up, monkeypatch: pytest.MonkeyPatch, more: Mapping[str, str] | None = None) -> None:
    """Go to the project's folder, with the embedded AWS's endpoint and credentials and no others."""
    without_variables(monkeypatch)
    for name, value in {**up.variables, **(more or {})}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(up.folder)


def without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take out the variables that say whose AWS, which stack and which backend."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "ZELLY_", "PULUMI_"))]:
        monkeypatch.delenv(name)


@functools.cache
def _needs(stack: str, root: Path, stack_files: tuple[str, ...]) -> Any:
    del stack_files
    return planned_needs(stack, root)


def plan_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the doctor evaluate the program, which it does in a process, once for each content of the stack files."""

    def needs(stack: str, root: Path) -> Any:
        return _needs(stack, root, tuple(path.read_text() for path in sorted(root.glob("Pulumi.*.yaml"))))

    monkeypatch.setattr(account, "planned_needs", needs)


def empty(secrets: Any, keys_by_name: Mapping[str, Sequence[str]]) -> None:
    """Make the operators' secrets what a fresh environment has."""
    for name, keys in keys_by_name.items():
        secrets.restore_secret(SecretId=name)
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(dict.fromkeys(keys, "")))
