"""``zelly plan --html`` and ``--timeline``: the plan as a page, and as a first ``up`` in time."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.plan.estimates import estimate_of
from workbench.cli.shared.console import data_console, print_json, talk
from workbench.cli.shared.program import project_root
from workbench.errors import OperatorError

if TYPE_CHECKING:
    from workbench.cli.plan.difference import Difference
    from workbench.evaluate import Evaluation
    from workbench.review.page import Section
    from workbench.review.rules.report import Report

HtmlOption = Annotated[
    Path | None,
    typer.Option(
        "--html", metavar="FILE", help="Write the plan as one page: picture, rules, cost, timeline, tree, outputs."
    ),
]
TimelineOption = Annotated[
    bool, typer.Option("--timeline", help="Show how long a first up takes, and which chain of resources decides that.")
]


def check_picture_options(*, html: Path | None, timeline: bool, against: str | None, json: bool) -> None:
    """Refuse what does not go together.

    Raises:
        OperatorError: for a timeline of a difference, and for a page as JSON.
    """
    if timeline and against is not None:
        raise OperatorError("--timeline: came with --against; one of the two is allowed")
    if html is not None and json and not timeline:
        raise OperatorError("--html: came with --json; one of the two is allowed")


def show_pictures(
    evaluation: "Evaluation", region: str, report: "Report", *, html: Path | None, timeline: bool, json: bool
) -> None:
    """Write the page, print the timeline, or both."""
    if html is not None:
        write_page(evaluation, region, report, html)
    if timeline:
        _print_timeline(evaluation, json=json)


def write_text(path: Path, text: str, *, option: str) -> None:
    """Write what was asked for, and say so.

    Raises:
        OperatorError: when it cannot be written.
    """
    from workbench.files import write_whole  # noqa: PLC0415

    try:
        write_whole(path, text)
    except OSError as error:
        raise OperatorError(f"{option}: {path}: {error.strerror}") from None
    talk(f"Wrote {path}")


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
    from workbench.review.page import render  # noqa: PLC0415
    from workbench.review.rules.section import section  # noqa: PLC0415
    from workbench.review.rules.table import RULES  # noqa: PLC0415

    first = difference.page_sections() if difference is not None else []
    sections = [_cost(evaluation, region), section(report, RULES)]
    write_text(path, render(evaluation, region, sections, first=first), option=option)


def _cost(evaluation: "Evaluation", region: str) -> "Section":
    """Return the page's part on cost; one line says why there is none where a stack has no assumptions about use."""
    from workbench.review.cost.section import section  # noqa: PLC0415
    from workbench.review.cost.usage import FOLDER  # noqa: PLC0415
    from workbench.review.page import Section  # noqa: PLC0415

    root = project_root()
    usage = root / FOLDER / f"{evaluation.stack}.yaml"
    if not usage.exists():
        return Section(title="Cost", summary=f"Not estimated: there is no {FOLDER}/{usage.name}.")
    return section(estimate_of(evaluation.stack, region, evaluation.resources, root))


def _print_timeline(evaluation: "Evaluation", *, json: bool) -> None:
    from workbench.cli.plan.timeline_view import timeline_document, timeline_lines  # noqa: PLC0415
    from workbench.review.timeline import slowest_chain, timeline  # noqa: PLC0415

    when, slowest = timeline(evaluation), slowest_chain(evaluation)
    if json:
        print_json(timeline_document(evaluation.stack, when, slowest))
        return
    console = data_console()
    prefix = f"{evaluation.project}-{evaluation.stack}-"
    for line in timeline_lines(evaluation.stack, when, slowest, prefix=prefix):
        console.print(line)
