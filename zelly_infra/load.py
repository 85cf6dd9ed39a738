"""The running stack's configuration, read here alone from ``pulumi.Config``."""

import os
import sys
from pathlib import Path

import pulumi

from workbench.cloudflare import TOKEN_VARIABLE
from workbench.config.adopted import keep_adopted
from workbench.config.stack_file import CLOUDFLARE_TOKEN, UNREADABLE_SECRET, check_stack, missing_key
from workbench.config.types import UNCHOSEN_AMI
from workbench.errors import OperatorError
from zelly_infra.config import EnvironmentConfig, host_images
from zelly_infra.program import PROGRAM
from zelly_infra.stack_file import KEY, parse_environment


def load() -> EnvironmentConfig:
    """Return the stack's environment config.

    Raises:
        pulumi.RunError: when it is missing or wrong. The engine prints its lines without a traceback.
    """
    try:
        return _load()
    except OperatorError as error:
        raise pulumi.RunError(str(error)) from None


def _load() -> EnvironmentConfig:
    stack = pulumi.get_stack()
    source = f"Pulumi.{stack}.yaml"
    text = pulumi.Config().get("env")
    if text is None:
        raise OperatorError(missing_key(PROGRAM, source=source))
    environment = parse_environment(text, source=source)
    check_stack(PROGRAM, environment, stack, _project_folder())
    _require_cloudflare_token(source)
    _require_images(environment, source)
    keep_adopted(stack, _project_folder())
    return environment


def _require_images(environment: EnvironmentConfig, source: str) -> None:
    # EC2 would refuse it when half of the stack is made. A plan and an embedded AWS do not need it.
    if pulumi.Config("cloudflare").get("apiToken") == UNREADABLE_SECRET or os.environ.get("AWS_ENDPOINT_URL"):
        return
    lines = [
        f"{source}: {KEY}.{image.path}: {UNCHOSEN_AMI} stands for an image that is still to be chosen; "
        f"one of {environment.region} is required"
        for image in host_images(environment)
        if image.ami_id == UNCHOSEN_AMI
    ]
    if lines:
        raise OperatorError(*lines)


def _project_folder() -> Path:
    """Return the folder of the running program's ``__main__.py`` and of the stack files.

    Not the working directory: a tree that is compared with another one is evaluated from the other's.
    """
    return Path(getattr(sys.modules["__main__"], "__file__", None) or "").parent


def _require_cloudflare_token(source: str) -> None:
    # The provider reads the token itself; this makes sure, before anything is made, that it will find one.
    if pulumi.Config("cloudflare").get_secret("apiToken") is None and not os.environ.get(TOKEN_VARIABLE):
        raise OperatorError(
            f"{source}: {CLOUDFLARE_TOKEN}: missing; set it with `pulumi config set --secret {CLOUDFLARE_TOKEN}`, "
            f"or export {TOKEN_VARIABLE}"
        )
