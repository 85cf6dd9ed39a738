"""A small Pulumi project with the repository's own stack files, and the installed ``zelly`` run inside it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.programs import require_program
from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes, write_stack_file
from workbench.sandbox.embedded import STATE_FILE, stop_running

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

RULES_ON_PROGRAM = [
    "",
    "Rules",
    "  104 rules: 3 broken, 0 findings excepted",
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


class Repository:
    """A project in a git repository, with the code that its program imports."""

    def __init__(self, project: Project) -> None:
        self._git = require_program("git", package="git")
        self.project = project
        self.folder = project.folder
        for name in ("workbench", "zelly_infra", "components"):
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
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

    def change(self, stack: str = "production", **changes: object) -> None:
        paths = {path.replace("__", "/"): value for path, value in changes.items()}
        write_stack_file(self.folder, stack, with_changes(environment_of(stack), paths))

    def against(self, reference: str, *options: str, stack: str = "production") -> "subprocess.CompletedProcess[str]":
        return self.project.run("plan", stack, "--against", reference, *options)


@pytest.fixture
def repository(project: Project) -> Repository:
    return Repository(project)
