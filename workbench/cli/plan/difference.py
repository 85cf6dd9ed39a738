"""The difference between a stack's plan and what it is compared with, ready for every view of it."""

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
    """A plan, and what it is compared with."""

    base: "Base"
    plan: "PlanDocument"
    evaluation: "Evaluation"
    report: "Report"
    """The plan's rules, which knows the exceptions that there were."""
    assessment: Assessment
    root: Path
    """The project's folder."""

    def cost_of(self, names: Iterable[str]) -> str:
        """Say what the resources of some names cost a month. Nothing is reckoned before it is asked."""
        return self._cost_of(names)

    @cached_property
    def _cost_of(self) -> "CostOf":
        return cost_of(self.plan.stack, self.plan.region, self.plan.resources, self.root)

    def view(self, *, every_exception: bool, full: bool) -> "list[RenderableType]":
        """Return what a terminal shows."""
        shown = comparison_view(self.assessment, self.cost_of, full=full)
        return [*shown, *rules_view(self.report, every_exception=every_exception)]

    def markdown(self, *, every_exception: bool, full: bool) -> str:
        """Return the comment for a pull request."""
        rules = rules_markdown(self.report, every_exception=every_exception)
        sections = [cost_section(self.base, self.plan, self.root), rules]
        return comment(self.assessment, sections, self.cost_of, full=full)

    def document(self) -> dict[str, Any]:
        """Return what programs read."""
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
