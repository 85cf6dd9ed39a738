"""Size limits of AWS, checked on a plan. The other stacks' additions to shared roles count too."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.config.stack_file import StackFile, read_stack_file, stack_names
from workbench.errors import OperatorError
from workbench.review.sizes.measure import too_large

if TYPE_CHECKING:
    from workbench.evaluate import Evaluation
    from workbench.program import Description


def check_sizes(evaluation: "Evaluation", file: StackFile[Any], root: Path) -> None:
    """Refuse a plan with a resource that is larger than AWS accepts.

    Raises:
        OperatorError: a line for each, with the resource, the count and the limit.
    """
    description = file.description
    lines = too_large(
        evaluation.resources,
        region=description.region,
        account_id=description.account_id,
        inline_elsewhere={description.shared.role_name: _granted_elsewhere(file, description, root)},
    )
    if lines:
        raise OperatorError(*(f"{file.stack}: {line}" for line in lines))


def _granted_elsewhere(file: StackFile[Any], description: "Description", root: Path) -> int:
    """Return the number of characters that the other stacks add to the role. Wrong stack files are left out."""
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
