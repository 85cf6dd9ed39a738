"""``plan --html`` and ``--timeline``: the plan as a page, and as a first ``up`` in time."""

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.plan.estimates import estimate_of, usage_file
from workbench.cli.plan.timeline_view import timeline_document, timeline_lines
from workbench.cli.shared.console import data_console, print_json
from workbench.cli.shared.program import program_of, project_root
from workbench.cli.shared.writing import write_text
from workbench.errors import OperatorError
from workbench.review.cost.section import section as cost_section
from workbench.review.page import Section, render
from workbench.review.rules.section import section as rules_section
from workbench.review.rules.table import RULES
from workbench.review.timeline import slowest_chain, timeline

if TYPE_CHECKING:
    from workbench.cli.plan.difference import Difference
    from workbench.evaluate import Evaluation
    from workbench.review.rules.report import Report


def show_pictures(
    evaluation: "Evaluation", region: str, report: "Report", *, html: Path | None, timeline: bool, json: bool
) -> None:
    """Write the page, print the timeline, or both."""
    if html is not None:
        write_page(evaluation, region, report, html)
    if timeline:
        _print_timeline(evaluation, json=json)


def write_page(
    evaluation: "Evaluation",
    region: str,
    report: "Report",
    path: Path,
    difference: "Difference | None" = None,
    *,
    option: str = "--html",
) -> None:
    """Write a plan as one page; with a difference, what it changes stands first.

    Raises:
        OperatorError: when it cannot be written.
    """
    first = difference.page_sections() if difference is not None else []
    sections = [_cost(evaluation, region), rules_section(report, RULES)]
    write_text(path, render(evaluation, region, sections, first=first), option=option)


def _cost(evaluation: "Evaluation", region: str) -> Section:
    """Return the page's part on cost; one line says why there is none where a stack has no assumptions about use."""
    root = project_root()
    usage = usage_file(evaluation.stack, root)
    if program_of(root) is not None and not usage.exists():
        return Section(title="Cost", summary=f"Not estimated: there is no {usage.relative_to(root)}.")
    try:
        return cost_section(estimate_of(evaluation.stack, region, evaluation.resources, root))
    except OperatorError as error:
        if program_of(root) is not None:
            raise
        return Section(title="Cost", summary=f"Not estimated: {error}")


def _print_timeline(evaluation: "Evaluation", *, json: bool) -> None:
    when, slowest = timeline(evaluation), slowest_chain(evaluation)
    if json:
        print_json(timeline_document(evaluation.stack, when, slowest))
        return
    console = data_console()
    prefix = f"{evaluation.project}-{evaluation.stack}-"
    for line in timeline_lines(evaluation.stack, when, slowest, prefix=prefix):
        console.print(line)
