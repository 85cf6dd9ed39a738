"""The running stack's configuration, read here alone from ``pulumi.Config``."""

import os

import pulumi

from workbench.cloudflare import TOKEN_VARIABLE
from workbench.composition.loading import loaded
from workbench.config.stack_file import CLOUDFLARE_TOKEN, UNREADABLE_SECRET
from workbench.config.types import UNCHOSEN_AMI
from workbench.errors import OperatorError
from zelly_infra.config import EnvironmentConfig, host_images
from zelly_infra.program import PROGRAM
from zelly_infra.stack_file import KEY


def load() -> EnvironmentConfig:
    """Return the stack's environment config.

    Raises:
        pulumi.RunError: when it is missing or wrong. The engine prints its lines without a traceback.
    """
    return loaded(PROGRAM, pulumi.Config().get("env"), _require_cloudflare_token, _require_images)


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


def _require_cloudflare_token(_environment: EnvironmentConfig, source: str) -> None:
    # The provider reads the token itself; this makes sure, before anything is made, that it will find one.
    if pulumi.Config("cloudflare").get_secret("apiToken") is None and not os.environ.get(TOKEN_VARIABLE):
        raise OperatorError(
            f"{source}: {CLOUDFLARE_TOKEN}: missing; set it with `pulumi config set --secret {CLOUDFLARE_TOKEN}`, "
            f"or export {TOKEN_VARIABLE}"
        )
