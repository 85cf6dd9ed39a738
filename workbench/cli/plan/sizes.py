"""Refusal of a plan with anything larger than AWS takes, other stack files' additions to shared roles counted in."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.config.plain_stack_file import PlainStackFile
from workbench.config.stack_file import StackFile, read_stack_file, stack_names
from workbench.errors import OperatorError
from workbench.review.sizes.measure import too_large

if TYPE_CHECKING:
    from workbench.evaluate import Evaluation
    from workbench.program import Description


_UNKNOWN_ACCOUNT = "0" * 12
"""As long as every account's number; a program without a description names none."""


def check_sizes(evaluation: "Evaluation", file: StackFile[Any] | PlainStackFile, root: Path) -> None:
    """Refuse a plan with something that AWS would refuse for its size.

    Raises:
        OperatorError: a line for each, with the resource, the count and the limit.
    """
    elsewhere: dict[str, int] = {}
    account = _UNKNOWN_ACCOUNT
    if isinstance(file, StackFile):
        description = file.description
        account = description.account_id
        elsewhere = {description.shared.role_name: _granted_elsewhere(file, description, root)}
    lines = too_large(evaluation.resources, region=file.region, account_id=account, inline_elsewhere=elsewhere)
    if lines:
        raise OperatorError(*(f"{file.stack}: {line}" for line in lines))


def _granted_elsewhere(file: StackFile[Any], description: "Description", root: Path) -> int:
    """Return the characters that the other stacks add to the role; a file that is wrong says so when it is read."""
    program, size = file.program, 0
    for stack in stack_names(root):
        if stack == file.stack:
            continue
        try:
            neighbour = read_stack_file(program, stack, root)
        except OperatorError:
            continue
        other = neighbour.description
        if (other.account_id, other.shared.role_name) == (description.account_id, description.shared.role_name):
            size += program.role_characters(neighbour.environment)
    return size
