"""Findings of the rules on a plan, for a terminal and for a comment."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.review.rules.table import RULES
from workbench.review.rules.wording import lines, markdown

if TYPE_CHECKING:
    from workbench.review.rules.report import Report

RulesOption = Annotated[
    bool,
    typer.Option("--rules", help="List every exception from the rules, not only new ones and those that end soon."),
]


def rules_view(report: "Report", *, every_exception: bool) -> list[str]:
    """Return what the rules say, under a heading."""
    return ["", "Rules", *(f"  {line}" for line in rules_lines(report, every_exception=every_exception))]


def rules_lines(report: "Report", *, every_exception: bool = False) -> list[str]:
    """Return what the rules say."""
    return list(lines(report, RULES, every_exception=every_exception))


def rules_markdown(report: "Report", *, every_exception: bool = False) -> str:
    """Return what the rules say, for a pull request's comment."""
    return markdown(report, RULES, every_exception=every_exception)
