"""What a step has from Jenkins, and the program's own command as the steps call it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from relay_infra.catalog import SERVICES, Service
from workbench.errors import OperationFailedError, OperatorError

PROJECT = Path(__file__).parents[1]
REGISTRY_STACK = "preproduction"
"""The stack that owns the registry, and for whose architecture images are built; production is its twin."""
_COMMIT = re.compile(r"[0-9a-f]{40}")


def variable(name: str) -> str:
    """Return a variable of the environment.

    Raises:
        OperatorError: when it is not set, or empty.
    """
    value = os.environ.get(name)
    if not value:
        raise OperatorError(f"{name}: not set; it is there in a step of the pipeline")
    return value


def commit() -> str:
    """Return the commit that the build is of: ``COMMIT``, which the pipeline sets at the checkout.

    Raises:
        OperatorError: when it is not set, or no whole commit: a short one names another commit one day.
    """
    value = variable("COMMIT")
    if not _COMMIT.fullmatch(value):
        raise OperatorError(f"COMMIT: came {value}; allowed: a whole commit, 40 hexadecimal digits")
    return value


def dockerfile(source: Path, service: Service) -> Path:
    """Return the Dockerfile of a service in the application's repository, which is built from the repository's top."""
    return source / "services" / service.name / "Dockerfile"


def local_name(service: Service) -> str:
    """Return what the image of the commit is called on the machine that built it."""
    return f"{service.repository}:sha-{commit()}"


def relay(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Run ``relay …``; what it says goes where it goes.

    Raises:
        OperationFailedError: when it fails; it has said why.
    """
    command = shutil.which("relay") or str(Path(sys.executable).with_name("relay"))
    ran = subprocess.run(  # noqa: S603 (the program's own command)
        [command, *arguments], cwd=PROJECT, env={**os.environ, **(environment or {})}, check=False
    )
    if ran.returncode != 0:
        raise OperationFailedError(f"`relay {shlex.join(arguments)}` ended with {ran.returncode}")


def role_of(stack: str) -> Mapping[str, str]:
    """Return the environment in which AWS is asked as the role that deploys in a stack.

    It is a profile of the agent, whose own role may become that one and nothing else. No key is involved.
    """
    return {"AWS_PROFILE": f"deploy-{stack}"}


def each_service(done: str, act: Callable[[str], None]) -> None:
    """Do the same for every service, in the catalog's order, and stop at the first failure.

    Raises:
        OperationFailedError: when one fails: which were ``done`` (a word of the past), and which were not.
    """
    names = [service.name for service in SERVICES]
    for position, name in enumerate(names):
        try:
            act(name)
        except OperatorError as error:
            before, after = ", ".join(names[:position]) or "none", ", ".join(names[position + 1 :]) or "none"
            raise OperationFailedError(str(error), f"{done}: {before}; failed: {name}; not begun: {after}") from None
