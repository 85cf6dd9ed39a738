"""A small Pulumi project with the sample program's stack files, and its command inside it."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from tests.support import sample
from tests.support.operators import Completed
from tests.support.programs import require_program
from workbench.cli import main
from workbench.sandbox.embedded import STATE_FILE, stop_running

PROGRAM = """
import pulumi
import pulumi_aws as aws
import pulumi_random as random

from sample_infra.load import load

environment = load()
provider = aws.Provider("aws", region=environment.region)
options = pulumi.ResourceOptions(provider=provider, protect=environment.deletion_protection)
vpc = aws.ec2.Vpc("network", cidr_block=str(environment.network.cidr), opts=options)
password = random.RandomPassword("password", length=20)
pulumi.export("vpc_id", vpc.id)
pulumi.export("password", password.result)
"""

RULES_ON_PROGRAM = [
    "",
    "Rules",
    "  120 rules: 3 broken, 0 findings excepted",
    "    high: A VPC's default security group lets nothing in or out (EC2.2, CIS 5.4): default-security-group-closed",
    "      network: no aws:ec2/defaultSecurityGroup:DefaultSecurityGroup uses it with ingress [] and egress []",
    "      Adopt the group with aws.ec2.DefaultSecurityGroup, ingress=[] and egress=[].",
    "    medium: A VPC has a flow log (EC2.6, CIS 3.7): vpc-flow-log",
    "      network: no aws:ec2/flowLog:FlowLog uses it with trafficType ALL or REJECT",
    "      Add an aws.ec2.FlowLog of the VPC with traffic_type ALL or REJECT.",
    "    low: Whatever takes tags says its project, its environment and what manages it: provider-default-tags",
    "      aws: defaultTags: environment, managed-by, project missing",
    "      Set default_tags of the provider.",
]
"""What a plan says at its end of a program that breaks rules: of :data:`PROGRAM`, and of whatever adds to it."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A folder with a program that makes two resources: a VPC and a password."""

    folder: Path
    installed: Mapping[str, str]
    """The variables with which other processes find the sample program's command."""

    @classmethod
    def made(cls, folder: Path, installed: Mapping[str, str]) -> "Project":
        for path in sample.FOLDER.glob("Pulumi*.yaml"):
            shutil.copy(path, folder)
        project = cls(folder=folder, installed=installed)
        project.program(PROGRAM)
        return project

    def program(self, text: str) -> None:
        (self.folder / "__main__.py").write_text(text)

    def change(self, stack: str = sample.OWNER, **changes: object) -> None:
        """Write a stack file anew, with values of the sample's changed: ``network__cidr`` for one."""
        paths = {path.replace("__", "/"): value for path, value in changes.items()}
        environment = sample.with_changes(sample.environment_of(stack), paths)
        sample.write_stack_file(self.folder, environment["environment"], environment)

    def run(self, *arguments: str, **environment: str) -> Completed:
        """Run a command in this process, without a terminal."""
        return run_sample(self.folder, *arguments, **environment)

    def command(self, *arguments: str) -> list[str]:
        """Return a command for a process of its own, which is to have :attr:`environment`."""
        return [sample.PROGRAM.name, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        return {**own_variables(), **self.installed}

    def run_apart(
        self,
        *arguments: str,
        stdout: IO[str] | int = subprocess.PIPE,
        stderr: IO[str] | int = subprocess.PIPE,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own, without a terminal."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            text=True,
            check=False,
            timeout=120,
        )


def own_variables() -> dict[str, str]:
    """Return the process's variables without those that say whose AWS and which stack."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ZELLY_"))}


def run_sample(folder: Path, *arguments: str, **environment: str) -> Completed:
    """Run a command of the sample program in this process, in a folder, without a terminal."""
    with (
        sample.as_current_program(),
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(io.StringIO()) as stdout,
        redirect_stderr(io.StringIO()) as stderr,
    ):
        patch.chdir(folder)
        for name in os.environ.keys() - own_variables().keys():
            patch.delenv(name)
        # As in a shell that has activated .venv.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        for name, value in environment.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main.run(arguments)
    code = ended.value.code
    return Completed(exit_code=code if isinstance(code, int) else 0, stdout=stdout.getvalue(), stderr=stderr.getvalue())


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return sample.installed(tmp_path_factory.mktemp("installed"))


@contextmanager
def project_in(folder: Path, installed: Mapping[str, str]) -> Generator[Project]:
    yield Project.made(folder, installed)
    stop_running(folder / STATE_FILE)


@pytest.fixture
def project(tmp_path: Path, installed: Mapping[str, str]) -> Iterator[Project]:
    with project_in(tmp_path, installed) as made:
        yield made


class Repository:
    """A project in a git repository, with the code that its program imports."""

    def __init__(self, project: Project) -> None:
        self._git = require_program("git", package="git")
        self.project = project
        self.folder = project.folder
        self.change = project.change
        code = sample.FOLDER / "sample_infra"
        shutil.copytree(code, self.folder / code.name, ignore=shutil.ignore_patterns("__pycache__"))
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("first")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        command = [self._git, *identity, *arguments]
        ran = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True)
        return ran.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "--short=7", "HEAD")

    def against(self, reference: str, *options: str, stack: str = sample.OWNER) -> Completed:
        return self.project.run("plan", stack, "--against", reference, *options)


@pytest.fixture
def repository(project: Project) -> Repository:
    return Repository(project)
