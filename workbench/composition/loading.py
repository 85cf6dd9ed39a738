"""The running stack's environment config, checked: what each program's ``load.py`` does with the text that it reads."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pulumi

from workbench.config.adopted import keep_adopted
from workbench.config.stack_file import check_stack, missing_key, parse_environment
from workbench.errors import OperatorError
from workbench.program import Program, StackConfig

Config = TypeVar("Config", bound=StackConfig)


def loaded(program: Program[Config], text: str | None, *requirements: Callable[[Config, str], None]) -> Config:
    """Return the environment config in a text of the running stack's configuration.

    Args:
        program: Whose it is.
        text: The structured key's; None where the stack has none.
        requirements: The program's own, called with the config and the name of the stack's file.

    Raises:
        pulumi.RunError: when it is missing or wrong. The engine prints its lines without a traceback.
    """
    try:
        return _loaded(program, text, requirements)
    except OperatorError as error:
        raise pulumi.RunError(str(error)) from None


def _loaded(
    program: Program[Config], text: str | None, requirements: tuple[Callable[[Config, str], None], ...]
) -> Config:
    stack = pulumi.get_stack()
    source = f"Pulumi.{stack}.yaml"
    if text is None:
        raise OperatorError(missing_key(program, source=source))
    environment = parse_environment(program, text, source=source)
    folder = _project_folder()
    check_stack(program, environment, stack, folder)
    for require in requirements:
        require(environment, source)
    keep_adopted(stack, folder)
    return environment


def _project_folder() -> Path:
    """Return the folder of the running program's ``__main__.py`` and of the stack files.

    Not the working directory: a tree that is compared with another one is evaluated from the other's.
    """
    return Path(getattr(sys.modules["__main__"], "__file__", None) or "").parent
