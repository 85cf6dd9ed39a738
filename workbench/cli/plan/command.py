"""``plan``: what a stack's program would make, evaluated in this process without engine, account or network."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import typer
from rich.console import RenderableType

from workbench.cli.plan.estimates import cost_of
from workbench.cli.plan.evaluation import examined, planned, read_any_stack_file
from workbench.cli.plan.options import (
    AgainstOption,
    CheckOption,
    FullOption,
    HtmlOption,
    MarkdownOption,
    QuotasOption,
    SaveOption,
    TimelineOption,
    check_comparison_options,
    check_picture_options,
    check_quota_options,
)
from workbench.cli.plan.output import end, print_parts, save_plan
from workbench.cli.plan.quotas import quota_view, show_quotas
from workbench.cli.plan.rules_view import RulesOption, rules_view
from workbench.cli.plan.view import full_view, short_view
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json
from workbench.cli.shared.program import project_root
from workbench.cli.shared.stack import StackOption, selected_stack
from workbench.evaluate import Evaluation
from workbench.review.plan_document import document
from workbench.review.rules.report import Report

app = App()

# Loaded with the option that asks for them: 40 ms and 4 MiB that most plans do without.
_COMPARING = "workbench.cli.plan.changes"
_PICTURES = "workbench.cli.plan.pictures"


@app.command()
def plan(
    stack: StackOption = None,
    against: AgainstOption = None,
    json: JsonOption = False,
    markdown: MarkdownOption = False,
    save: SaveOption = None,
    html: HtmlOption = None,
    timeline: TimelineOption = False,
    quotas: QuotasOption = False,
    check: CheckOption = False,
    rules: RulesOption = False,
    full: FullOption = False,
) -> None:
    """Show what the program makes for a stack, or what it changes, without making anything.

    Values that only AWS could tell stand as placeholders such as ${vpc.id}, secrets as [secret].

    With --against the exit code tells: 0 the same, 3 changes, 4 something is destroyed, or AWS would refuse it.

    Every plan is held against the rules in docs/policy.md; --check makes a broken one count.
    """
    check_comparison_options(against=against, json=json, markdown=markdown)
    check_picture_options(html=html, timeline=timeline, against=against, json=json)
    check_quota_options(quotas=quotas, against=against, pictures=html is not None or timeline, check=check)
    root = project_root()
    stack = selected_stack(stack, root)
    file = read_any_stack_file(stack, root)
    region = file.region
    if against is not None:
        comparing = importlib.import_module(_COMPARING)
        found = comparing.changes(against, file, save, root)
        comparing.show_changes(found, json=json, markdown=markdown, html=html, every_exception=rules, full=full)
        end(found.report, check=check, json=json)
        raise typer.Exit(int(found.assessment.exit_code))
    evaluation = planned(file, root)
    if save is not None:
        save_plan(document(evaluation, region), save)
    report = examined(evaluation, file, root)
    if quotas:
        show_quotas(evaluation, region, json=json)
    elif html is not None or timeline:
        importlib.import_module(_PICTURES).show_pictures(
            evaluation, region, report, html=html, timeline=timeline, json=json
        )
    elif json:
        print_json(document(evaluation, region).as_json())
    else:
        print_parts(_view(evaluation, report, region, root, every_exception=rules, full=full))
    end(report, check=check, json=json)


def _view(
    evaluation: Evaluation, report: Report, region: str, root: Path, *, every_exception: bool, full: bool
) -> Iterator[RenderableType]:
    if full:
        yield from full_view(evaluation, region)
    else:
        yield from short_view(evaluation, region, cost_of(evaluation.stack, region, evaluation.resources, root))
    yield from quota_view(evaluation, region)
    yield from rules_view(report, every_exception=every_exception)
