"""The cost of a change, for the comment that ``plan --against --markdown`` prints."""

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.plan.estimates import estimate_of
from workbench.errors import OperatorError
from workbench.review.cost.difference import Difference, difference
from workbench.review.cost.markdown import cost_section as section
from workbench.review.cost.section import difference_section
from workbench.review.page import Section

if TYPE_CHECKING:
    from workbench.cli.plan.against import Base
    from workbench.review.cost.estimate import Estimate
    from workbench.review.plan_document import PlanDocument


def cost_section(base: "Base", plan: "PlanDocument", root: Path) -> str:
    """Return a section of Markdown with a heading of the third level: what a plan costs more or less than its base.

    Prices and assumptions are those of the project in ``root``. Where they are wrong or missing, the section says so: a
    review goes on without an estimate.
    """
    try:
        return section(cost_difference(base, plan, root))
    except OperatorError as error:
        return "\n\n".join(["### Cost: not estimated", *(f"`{line}`" for line in error.lines)])


def cost_difference_section(base: "Base", plan: "PlanDocument", root: Path) -> Section:
    """Return the same as a part of the page."""
    try:
        return difference_section(cost_difference(base, plan, root))
    except OperatorError as error:
        return Section(title="Change of the cost", summary=f"Not estimated: {error}")


def cost_difference(base: "Base", plan: "PlanDocument", root: Path) -> Difference:
    """Return what a plan costs more or less than its base.

    Raises:
        OperatorError: where prices or assumptions are wrong or missing.
    """

    def priced(one: "PlanDocument") -> "Estimate":
        # The plan of a stack that did not exist has no region.
        return estimate_of(plan.stack, one.region or plan.region, one.resources, root)

    return difference(priced(base.plan), priced(plan), base=base.label)
