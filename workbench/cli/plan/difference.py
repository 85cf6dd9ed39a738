"""The difference between a stack's plan and its base, with its views."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.plan.comparison_view import comparison_view
from workbench.cli.plan.cost_section import cost_difference_section, cost_section
from workbench.cli.plan.estimates import cost_of
from workbench.cli.plan.rules_view import rules_markdown, rules_view
from workbench.review.danger.assessment import Assessment, assess
from workbench.review.difference.comparison import compare
from workbench.review.difference.document import comparison_document
from workbench.review.difference.markdown import comment
from workbench.review.difference.section import comparison_section

if TYPE_CHECKING:
    from rich.console import RenderableType

    from workbench.cli.plan.against import Base
    from workbench.evaluate import Evaluation
    from workbench.review.difference.new_components import CostOf
    from workbench.review.page import Section
    from workbench.review.plan_document import PlanDocument
    from workbench.review.rules.report import Report


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A plan, its base and the assessment of the changes."""

    base: "Base"
    plan: "PlanDocument"
    evaluation: "Evaluation"
    report: "Report"
    """The plan's rules, which knows the exceptions that there were."""
    assessment: Assessment
    root: Path
    """The project's folder."""

    def cost_of(self, names: Iterable[str]) -> str:
        """Return the monthly cost of the resources of some names, in words. The first call computes the estimate."""
        return self._cost_of(names)

    @cached_property
    def _cost_of(self) -> "CostOf":
        return cost_of(self.plan.stack, self.plan.region, self.plan.resources, self.root)

    def view(self, *, every_exception: bool, full: bool) -> "list[RenderableType]":
        """Return the view for a terminal."""
        shown = comparison_view(self.assessment, self.cost_of, full=full)
        return [*shown, *rules_view(self.report, every_exception=every_exception)]

    def markdown(self, *, every_exception: bool, full: bool) -> str:
        """Return the comment for a pull request."""
        rules = rules_markdown(self.report, every_exception=every_exception)
        sections = [cost_section(self.base, self.plan, self.root), rules]
        return comment(self.assessment, sections, self.cost_of, full=full)

    def document(self) -> dict[str, Any]:
        """Return the difference as a JSON object."""
        return comparison_document(self.assessment)

    def page_sections(self) -> "list[Section]":
        """Return the parts of the page that only a difference has."""
        changes = comparison_section(self.assessment, self.cost_of)
        return [changes, cost_difference_section(self.base, self.plan, self.root)]


def differing(base: "Base", plan: "PlanDocument", evaluation: "Evaluation", report: "Report", root: Path) -> Difference:
    """Compare a plan with its base."""
    return Difference(
        base=base,
        plan=plan,
        evaluation=evaluation,
        report=replace(report, before=base.exceptions),
        assessment=assess(compare(base.plan, plan, base=base.label)),
        root=root,
    )
