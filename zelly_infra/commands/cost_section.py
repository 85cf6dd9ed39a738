"""The cost of a change, for the comment that ``zelly plan --against --markdown`` prints."""

from pathlib import Path
from typing import TYPE_CHECKING

from zelly_infra.errors import OperatorError

if TYPE_CHECKING:
    from zelly_infra.commands.against import Base
    from zelly_infra.review.cost.estimate import Estimate
    from zelly_infra.review.plan_document import PlanDocument


def cost_section(base: "Base", plan: "PlanDocument", root: Path) -> str:
    """Return a section of Markdown with a heading of the third level: what a plan costs more or less than its base.

    Prices and assumptions are those of the project in ``root``. Where they are wrong or missing, the section says so: a
    review goes on without an estimate.
    """
    from zelly_infra.review.cost.difference import difference  # noqa: PLC0415
    from zelly_infra.review.cost.estimate import estimate  # noqa: PLC0415
    from zelly_infra.review.cost.markdown import cost_section as section  # noqa: PLC0415
    from zelly_infra.review.cost.plan import plan_of  # noqa: PLC0415
    from zelly_infra.review.cost.prices import read_prices  # noqa: PLC0415
    from zelly_infra.review.cost.usage import FOLDER, read_usage  # noqa: PLC0415

    try:
        prices, usage = read_prices(), read_usage(root / FOLDER / f"{plan.stack}.yaml")

        def priced(one: "PlanDocument") -> "Estimate":
            # The plan of a stack that did not exist has no region.
            return estimate(plan_of(plan.stack, one.region or plan.region, one.resources, usage), prices)

        return section(difference(priced(base.plan), priced(plan), base=base.label))
    except OperatorError as error:
        return "\n\n".join(["### Cost: not estimated", *(f"`{line}`" for line in error.lines)])
