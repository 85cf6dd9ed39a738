"""Zelly's stack files, read and checked."""

from pathlib import Path

from workbench.config import stack_file
from workbench.config.stack_file import StackFile
from workbench.program import OtherStack
from zelly_infra.config import EnvironmentConfig
from zelly_infra.program import PROGRAM

PROJECT = PROGRAM.name
KEY = PROGRAM.config_key


def read_stack_file(stack: str, root: Path) -> StackFile[EnvironmentConfig]:
    """Return the configuration of ``stack``, as :func:`workbench.config.stack_file.read_stack_file` does."""
    return stack_file.read_stack_file(PROGRAM, stack, root)


def parse_environment(text: str, *, source: str) -> EnvironmentConfig:
    """Return the environment config in a JSON text, as the function of the same name in the workbench does."""
    return stack_file.parse_environment(PROGRAM, text, source=source)


def other_stacks(root: Path, *, beside: str | None = None) -> list[OtherStack]:
    """Return the values of the project's stack files, unchecked; ``beside`` is a stack to leave out."""
    return stack_file.other_stacks(PROGRAM, root, beside=beside)
