"""A small Pulumi project with the repository's own stack files, and the installed ``zelly`` run inside it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.zelly_infra.stack_files import ROOT
from zelly_infra.sandbox.embedded import STATE_FILE, stop_running

ZELLY = str(Path(sys.executable).with_name("zelly"))

PROGRAM = """
import pulumi
import pulumi_aws as aws
import pulumi_random as random

from zelly_infra.load import load

environment = load()
provider = aws.Provider("aws", region=environment.region)
options = pulumi.ResourceOptions(provider=provider, protect=environment.deletion_protection)
vpc = aws.ec2.Vpc("network", cidr_block=str(environment.network.cidr), opts=options)
password = random.RandomPassword("password", length=20)
pulumi.export("vpc_id", vpc.id)
pulumi.export("password", password.result)
"""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A folder with a program that makes two resources: a VPC and a password."""

    folder: Path

    def program(self, text: str) -> None:
        (self.folder / "__main__.py").write_text(text)

    def command(self, *arguments: str) -> list[str]:
        return [ZELLY, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """The caller's own, as in a shell that has activated .venv."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ZELLY_"))}
        return own | {"PATH": f"{Path(ZELLY).parent}{os.pathsep}{own['PATH']}"}

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``zelly`` without a terminal."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    for name in ("Pulumi.yaml", "Pulumi.production.yaml", "Pulumi.staging.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    project = Project(folder=tmp_path)
    project.program(PROGRAM)
    yield project
    stop_running(tmp_path / STATE_FILE)
