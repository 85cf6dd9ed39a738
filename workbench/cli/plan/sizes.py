"""Refusal of a plan with anything larger than AWS takes, other stack files' additions to shared roles counted in."""

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import OperatorError

if TYPE_CHECKING:
    from workbench.config.stack_file import StackFile
    from workbench.evaluate import Evaluation


def check_sizes(evaluation: "Evaluation", file: "StackFile", root: Path) -> None:
    """Refuse a plan with something that AWS would refuse for its size.

    Raises:
        OperatorError: a line for each, with the resource, the count and the limit.
    """
    from workbench.review.sizes.measure import too_large  # noqa: PLC0415

    environment = file.environment
    lines = too_large(
        evaluation.resources,
        region=environment.region,
        account_id=environment.aws_account_id,
        inline_elsewhere={environment.github.role_name: _granted_elsewhere(file, root)},
    )
    if lines:
        raise OperatorError(*(f"{environment.environment}: {line}" for line in lines))


def _granted_elsewhere(file: "StackFile", root: Path) -> int:
    """Return the characters that the other stacks add to the role; a file that is wrong says so when it is read."""
    from workbench.config.stack_file import read_stack_file, stack_names  # noqa: PLC0415
    from zelly_infra.composition.access import granted_size  # noqa: PLC0415

    mine, size = file.environment, 0
    for stack in stack_names(root):
        if stack == mine.environment:
            continue
        try:
            other = read_stack_file(stack, root).environment
        except OperatorError:
            continue
        if (other.aws_account_id, other.github.role_name) == (mine.aws_account_id, mine.github.role_name):
            size += granted_size(other)
    return size
