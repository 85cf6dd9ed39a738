"""``plan --against``: what a stack's program changes."""

from pathlib import Path

import typer

from workbench.cli.plan.against import base_plan
from workbench.cli.plan.difference import Difference, differing
from workbench.cli.plan.evaluation import AnyStackFile, examined, planned
from workbench.cli.plan.output import print_parts, save_plan
from workbench.cli.plan.pictures import write_page
from workbench.cli.shared.console import print_json
from workbench.review.plan_document import document


def changes(against: str, file: AnyStackFile, save: Path | None, root: Path) -> Difference:
    """Return the difference between a stack's plan and what ``--against`` names."""
    with base_plan(against, file.stack, root) as base:
        evaluation = planned(file, root)
        plan = document(evaluation, file.region)
        if save is not None:
            save_plan(plan, save)
        return differing(base(), plan, evaluation, examined(evaluation, file, root), root)


def show_changes(
    found: Difference, *, json: bool, markdown: bool, html: Path | None, every_exception: bool, full: bool
) -> None:
    """Write the page, or print the difference as it was asked for."""
    if html is not None:
        write_page(found.evaluation, found.plan.region, found.report, html, found)
    if json:
        print_json(found.document())
    elif markdown:
        typer.echo(found.markdown(every_exception=every_exception, full=full), nl=False)
    elif html is None:
        print_parts(found.view(every_exception=every_exception, full=full))
