"""Reads the running stack's configuration."""

import sys
from pathlib import Path

import pulumi

from sample_infra.config import EnvironmentConfig
from sample_infra.program import PROGRAM
from workbench.config.adopted import keep_adopted
from workbench.config.stack_file import check_stack, missing_key, parse_environment
from workbench.errors import OperatorError


def load() -> EnvironmentConfig:
    """Return the stack's environment config.

    Raises:
        pulumi.RunError: when it is missing or wrong.
    """
    stack = pulumi.get_stack()
    source = f"Pulumi.{stack}.yaml"
    text = pulumi.Config().get("env")
    try:
        if text is None:
            raise OperatorError(missing_key(PROGRAM, source=source))
        environment = parse_environment(PROGRAM, text, source=source)
        folder = Path(sys.modules["__main__"].__file__ or "").parent
        check_stack(PROGRAM, environment, stack, folder)
        keep_adopted(stack, folder)
    except OperatorError as error:
        raise pulumi.RunError(str(error)) from None
    return environment
