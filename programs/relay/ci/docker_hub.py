"""Log in to Docker Hub, whose limit for anonymous clients counts all that leave by one address, as agents do."""

import shutil
import subprocess

import typer

from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.shared.connection import Connection
from workbench.errors import OperationFailedError

SECRET = "relay/ci/dockerhub"  # noqa: S105 (its name)
USERNAME_KEY, PASSWORD_KEY = "DOCKERHUB_USERNAME", "DOCKERHUB_TOKEN"


def log_in(connection: Connection) -> None:
    """Log in for as long as the agent lives, which is one build; without values nobody does.

    Raises:
        OperationFailedError: when Docker Hub does not take them. The token is neither an argument nor repeated.
    """
    values = SecretsManager(connection).values_of(SECRET) or {}
    username, token = str(values.get(USERNAME_KEY) or ""), str(values.get(PASSWORD_KEY) or "")
    docker = shutil.which("docker")
    if not username or not token or docker is None:
        typer.echo(f"{SECRET} has no values: public images are pulled as anybody", err=True)
        return
    command = [docker, "login", "--username", username, "--password-stdin"]
    ran = subprocess.run(command, input=token, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode != 0:
        said = " ".join(ran.stderr.split()).replace(token, "***")
        raise OperationFailedError(f"docker login ended with exit code {ran.returncode}: {said or 'it said nothing'}")
