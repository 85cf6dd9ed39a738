"""Estimates of a plan's cost for views that go on without one."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import OperatorError
from workbench.review.cost.components import cost_in_words
from workbench.review.cost.estimate import Estimate, estimate
from workbench.review.cost.plan import Resource, plan_of
from workbench.review.cost.prices import read_prices
from workbench.review.cost.usage import FOLDER, read_usage

if TYPE_CHECKING:
    from workbench.review.difference.new_components import CostOf


def estimate_of(stack: str, region: str, recorded: Iterable[Resource], root: Path) -> Estimate:
    """Return the cost of a plan, at the prices and with the assumptions of the project in ``root``.

    Raises:
        OperatorError: where those are wrong or missing.
    """
    usage = read_usage(root / FOLDER / f"{stack}.yaml")
    return estimate(plan_of(stack, region, recorded, usage), read_prices())


def cost_of(stack: str, region: str, recorded: Iterable[Resource], root: Path) -> "CostOf":
    """Return a function that gives the cost of parts of a plan in words, or says that it is not known."""
    try:
        found = estimate_of(stack, region, recorded, root)
    except OperatorError:
        found = None
    return lambda names: cost_in_words(found, names)
