"""Estimates of a plan's cost for views that go on without one."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.shared.program import program_of
from workbench.config.plain_stack_file import PROJECT_FILE
from workbench.errors import OperatorError
from workbench.review.cost.components import cost_in_words
from workbench.review.cost.estimate import Estimate, estimate
from workbench.review.cost.nothing_assumed import nothing_assumed
from workbench.review.cost.plan import Resource, plan_of
from workbench.review.cost.prices import read_prices
from workbench.review.cost.usage import FOLDER, Usage, read_usage

if TYPE_CHECKING:
    from workbench.review.difference.new_components import CostOf


def estimate_of(stack: str, region: str, recorded: Iterable[Resource], root: Path) -> Estimate:
    """Return what a plan costs, at the prices and with the assumptions of the project in ``root``.

    Raises:
        OperatorError: where those are wrong or missing.
    """
    usage = usage_of(stack, region, root)
    return estimate(plan_of(stack, region, recorded, usage), read_prices())


def usage_of(stack: str, region: str, root: Path, path: Path | None = None) -> Usage:
    """Return what is assumed of a stack, in the file that was named or the project's; by a contract it needs one.

    Raises:
        OperatorError: where the file is wrong or missing, or the stack names no region, whose prices count.
    """
    if not region:
        raise OperatorError(f"Pulumi.{stack}.yaml: config.aws:region: missing; prices are those of a region")
    if path is None and is_without_assumptions(stack, root):
        return nothing_assumed(region)
    return read_usage(path or usage_file(stack, root))


def is_without_assumptions(stack: str, root: Path) -> bool:
    """Tell whether a stack is of a project without a contract, and nobody has assumed anything of it."""
    if usage_file(stack, root).exists() or not (root / PROJECT_FILE).is_file():
        return False
    return program_of(root) is None


def usage_file(stack: str, root: Path) -> Path:
    """Return the file of a stack's assumptions."""
    return root / FOLDER / f"{stack}.yaml"


def cost_of(stack: str, region: str, recorded: Iterable[Resource], root: Path) -> "CostOf":
    """Return what says the cost of parts of a plan; without prices or assumptions it says so."""
    try:
        found = estimate_of(stack, region, recorded, root)
    except OperatorError:
        found = None
    return lambda names: cost_in_words(found, names)
