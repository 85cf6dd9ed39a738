"""The cost of a change, for pull requests and pages."""

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
    """Return the change of cost as Markdown, below a heading of the third level.

    Prices and assumptions are those of the project in ``root``. If they are wrong or missing, the section says so, and
    the review goes on.
    """
    try:
        return section(cost_difference(base, plan, root))
    except OperatorError as error:
        return "\n\n".join(["### Cost: not estimated", *(f"`{line}`" for line in error.lines)])


def cost_difference_section(base: "Base", plan: "PlanDocument", root: Path) -> Section:
    """Return the change of cost as a section of the page."""
    try:
        return difference_section(cost_difference(base, plan, root))
    except OperatorError as error:
        return Section(title="Change of the cost", summary=f"Not estimated: {error}")


def cost_difference(base: "Base", plan: "PlanDocument", root: Path) -> Difference:
    """Return the difference in cost between a plan and its base.

    Raises:
        OperatorError: where prices or assumptions are wrong or missing.
    """

    def priced(one: "PlanDocument") -> "Estimate":
        # The plan of a stack that did not exist has no region.
        return estimate_of(plan.stack, one.region or plan.region, one.resources, root)

    return difference(priced(base.plan), priced(plan), base=base.label)
