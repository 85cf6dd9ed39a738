"""An application's repository on an agent, and a registry that answers."""

import os
import shutil
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from relay_infra.catalog import REPOSITORIES, SERVICES
from tests.programs.relay.evaluations import config_of
from tests.programs.relay.pipeline.recorded import RELAY, REPOSITORY
from tests.programs.relay.pipeline.runner import Build
from tests.programs.relay.pipeline.stand_ins import StandIns
from tests.support.servers import LOOPBACK, free_port

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture(scope="session")
def registry() -> Generator[Mapping[str, str]]:
    """Yield the environment in which an embedded ECR answers, with the repositories and no image."""
    server = ThreadedMotoServer(ip_address=LOOPBACK, port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", **_CREDENTIALS}
    ecr: Any = boto3.client(  # pyright: ignore[reportUnknownMemberType]
        "ecr",
        region_name=config_of("preproduction").registry.region,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    for name in REPOSITORIES:
        ecr.create_repository(repositoryName=name)
    yield environment
    server.stop()


@pytest.fixture
def agent(tmp_path: Path) -> StandIns:
    """Return the programs of an agent."""
    return StandIns.install(tmp_path / "bin")


@pytest.fixture
def build(tmp_path: Path, agent: StandIns, registry: Mapping[str, str]) -> Build:
    """Return a build of main in the application's repository, which has what the documentation asks of it."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    shutil.copytree(RELAY / "scripts", workspace / "scripts")
    shutil.copy(RELAY / "docker-compose.integration.yml", workspace)
    (workspace / "package.json").write_text('{"packageManager": "pnpm@10.12.4"}\n')
    for service in SERVICES:
        (workspace / "services" / service.name).mkdir(parents=True)
        (workspace / "services" / service.name / "Dockerfile").write_text("FROM scratch\n")
    return Build(
        workspace=workspace,
        environment={
            "PATH": f"{agent.folder}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "APPROVERS": "example*approvers",
            "BRANCH_NAME": "main",
            "BUILD_TAG": "jenkins-relay-main-7",
            "BUILD_URL": "https://jenkins.relay.example/job/relay/job/main/7/",
            "GIT_COMMIT": COMMIT,
            "NIGHTLY": "false",
            "GITHUB_REPOSITORY": REPOSITORY,
            **registry,
        },
    )
