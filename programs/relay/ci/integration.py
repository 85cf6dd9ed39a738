"""Run the integration tests against the images of the commit, in an environment of their own; take it down again.

Compose's ``--exit-code-from`` is not used: with it a container that ends before the tests do ends everything, and the
exit code is not the tests' (docker/compose#9778). What the tests need is brought up and healthy first, then the
tests run by themselves, so that the exit code is theirs.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from programs.relay.ci.commands import local_name, variable
from relay_infra.catalog import SERVICES, Service
from tools.ci.actions import run_app
from workbench.errors import OperationFailedError, OperatorError

COMPOSE_FILE = "docker-compose.integration.yml"
REPORTS = "reports"
LOG = "integration.log"
TESTS = "tests"
"""The service that runs the tests, and the profile that keeps it out of what is brought up before."""
HEALTHY_SECONDS = 180

app = typer.Typer(pretty_exceptions_enable=False)
SourceArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The application's repository.")]


def project_name(build: str) -> str:
    """Return a project name of a build's own, as compose takes it: lower case, digits, hyphens and underscores."""
    return re.sub(r"[^a-z0-9_-]+", "-", build.lower()).strip("-_")


def image_variable(service: Service) -> str:
    """Return the variable by which the compose file takes a service's image."""
    return f"{service.name.upper().replace('-', '_')}_IMAGE"


def interpolated() -> Mapping[str, str]:
    """Return what the compose file takes from its environment."""
    images = {image_variable(service): local_name(service) for service in SERVICES}
    # What the tests write belongs to the agent, not to root.
    return {**images, "TESTS_USER": f"{os.getuid()}:{os.getgid()}"}


def _compose(source: Path, *arguments: str, log: Path | None = None) -> int:
    docker = shutil.which("docker")
    if docker is None:
        raise OperatorError("docker: not on PATH; the integration environment runs in it")
    project = ["--project-name", project_name(variable("BUILD_TAG"))]
    command: Sequence[str] = [docker, "compose", "--file", str(source / COMPOSE_FILE), *project, *arguments]
    environment = {**os.environ, **interpolated()}
    if log is None:
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603
    with log.open("wb") as file:
        return subprocess.run(  # noqa: S603
            command, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False
        ).returncode


@app.command()
def test(source: SourceArgument) -> None:
    """Bring up what the tests need, run them, and exit as they do."""
    # Mounted into the tests, whose view of the repository is read-only otherwise.
    (source / REPORTS).mkdir(exist_ok=True)
    if _compose(source, "up", "--detach", "--wait", "--wait-timeout", str(HEALTHY_SECONDS)) != 0:
        _compose(source, "logs", "--no-color", "--timestamps", log=source / REPORTS / LOG)
        raise OperationFailedError(
            f"the integration environment is not healthy; no test ran. {REPORTS}/{LOG} holds what its containers said"
        )
    code = _compose(source, "run", "--rm", TESTS)
    _compose(source, "logs", "--no-color", "--timestamps", log=source / REPORTS / LOG)
    raise typer.Exit(code)


@app.command()
def down(source: SourceArgument) -> None:
    """Take the environment down, whatever became of it: containers, networks and volumes, of an aborted build too."""
    # The profile: a container of `run` that an abort left behind is removed as well.
    code = _compose(source, "--profile", TESTS, "down", "--volumes", "--remove-orphans", "--timeout", "10")
    raise typer.Exit(code)


if __name__ == "__main__":
    run_app(app)
