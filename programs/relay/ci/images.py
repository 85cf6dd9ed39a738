"""Build every service's image once, for the commit: that one is tested, pushed, deployed and promoted."""

from pathlib import Path
from typing import Annotated

import typer

from programs.relay.ci import docker_hub
from programs.relay.ci.commands import PROJECT, REGISTRY_STACK, dockerfile, local_name
from relay_infra.catalog import SERVICES, Service
from relay_infra.program import PROGRAM
from tools.ci.actions import run
from workbench.aws.ecr.registry import EcrRegistry
from workbench.aws.ecr.repositories import DOCKER_ARCHITECTURES, Ecr
from workbench.aws.shared.connection import Connection
from workbench.config.stack_file import read_stack_file
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.images.docker import Docker, DockerError


def have_image(service: Service, source: Path, *, docker: Docker, registry: EcrRegistry, ecr: Ecr) -> str:
    """Have the image of the commit on this machine, and return the line that says where it came from.

    A commit is built once: a build that is run again, or the nightly one of a quiet day, tests the image that the
    registry has.

    Raises:
        OperatorError: when the service has no Dockerfile, or the registry no repository for it.
        DockerError: when a step fails.
    """
    name = local_name(service)
    tag = name.partition(":")[2]
    existing = next((image for image in ecr.images(service.repository) if tag in image.tags), None)
    if existing is not None:
        uri = registry.repository_uri(service.repository) or service.repository
        reference = f"{uri}@{existing.digest}"
        with docker.logged_in(uri.partition("/")[0], registry.login()) as logged_in:
            logged_in.pull(reference)
        docker.tag(reference, name)
        return f"{name}: built before, {existing.digest}"
    file = dockerfile(source, service)
    if not file.is_file():
        raise OperatorError(f"{file}: missing; service {service.name} is built from it")
    deployed = read_stack_file(PROGRAM, REGISTRY_STACK, PROJECT).description.deployed[service.name]
    platform = f"linux/{DOCKER_ARCHITECTURES[deployed.architecture]}"
    docker.build(name, context=source, dockerfile=file, platform=platform)
    return f"{name}: built for {platform}"


def main(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="The application's repository.")],
) -> None:
    """Build the images of the commit, or take those that the registry has of it."""
    connection = Connection(read_stack_file(PROGRAM, REGISTRY_STACK, PROJECT).description.registry_region)
    docker_hub.log_in(connection)
    docker, registry, ecr = Docker.find(), EcrRegistry(connection), Ecr(connection)
    for service in SERVICES:
        try:
            typer.echo(have_image(service, source, docker=docker, registry=registry, ecr=ecr))
        except DockerError as error:
            raise OperationFailedError(f"{service.name}: {error}") from None


if __name__ == "__main__":
    run(main)
