"""The running stack's configuration, read here alone from ``pulumi.Config``."""

import sys
from pathlib import Path

import pulumi

from relay_infra.config import EnvironmentConfig
from relay_infra.program import PROGRAM
from workbench.config.adopted import keep_adopted
from workbench.config.stack_file import check_stack, missing_key, parse_environment
from workbench.errors import OperatorError


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
    environment = parse_environment(PROGRAM, text, source=source)
    folder = Path(getattr(sys.modules["__main__"], "__file__", None) or "").parent
    check_stack(PROGRAM, environment, stack, folder)
    keep_adopted(stack, folder)
    return environment
