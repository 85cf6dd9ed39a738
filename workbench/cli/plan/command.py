"""``zelly plan``: what a stack's program would make, evaluated in this process without engine, account or network."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.plan.against import AgainstOption, base_plan
from workbench.cli.plan.difference import differing
from workbench.cli.plan.estimates import cost_of
from workbench.cli.plan.pictures import HtmlOption, TimelineOption, check_picture_options, show_pictures, write_page
from workbench.cli.plan.quotas import QuotasOption, check_quota_options, quota_view, show_quotas
from workbench.cli.plan.rules_view import RulesOption, rules_lines, rules_view
from workbench.cli.plan.sizes import check_sizes
from workbench.cli.plan.view import full_view, short_view
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import StackOption, selected_stack
from workbench.cli.shared.errors import failure_lines
from workbench.cli.shared.program import current_program, project_root
from workbench.errors import OperationFailedError, OperatorError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from workbench.cli.plan.difference import Difference
    from workbench.config.stack_file import StackFile
    from workbench.evaluate import Backend, Evaluation, RecordedResource
    from workbench.review.plan_document import PlanDocument
    from workbench.review.rules.report import Report

app = typer.Typer()


SaveOption = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE", help="Also write the plan to a file, for --against later."),
]
MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="Print the difference as a pull request's comment (with --against).")
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Exit with 1 where a rule is broken, or an exception expired or stale.")
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Show all that a component holds, also one that is new as a whole.")
]


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
    from workbench.config.stack_file import read_stack_file  # noqa: PLC0415
    from workbench.review.plan_document import document  # noqa: PLC0415

    _check_options(against=against, json=json, markdown=markdown)
    check_picture_options(html=html, timeline=timeline, against=against, json=json)
    check_quota_options(quotas=quotas, against=against, pictures=html is not None or timeline, check=check)
    root = project_root()
    stack = selected_stack(stack, root)
    file = read_stack_file(current_program(), stack, root)
    region = file.region
    if against is not None:
        found = _difference(against, file, save, root)
        _show_difference(found, json=json, markdown=markdown, html=html, every_exception=rules, full=full)
        _end(found.report, check=check, json=json)
        raise typer.Exit(int(found.assessment.exit_code))
    evaluation = planned(file, root)
    _save(document(evaluation, region) if save is not None else None, save)
    report = examined(evaluation, file, root)
    if quotas:
        show_quotas(evaluation, region, json=json)
    elif html is not None or timeline:
        show_pictures(evaluation, region, report, html=html, timeline=timeline, json=json)
    elif json:
        print_json(document(evaluation, region).as_json())
    else:
        _print(_view(evaluation, report, region, root, every_exception=rules, full=full))
    _end(report, check=check, json=json)


def _difference(against: str, file: "StackFile[Any]", save: Path | None, root: Path) -> "Difference":
    from workbench.review.plan_document import document  # noqa: PLC0415

    with base_plan(against, file.stack, root) as base:
        evaluation = planned(file, root)
        plan = document(evaluation, file.region)
        _save(plan, save)
        return differing(base(), plan, evaluation, examined(evaluation, file, root), root)


def _view(
    evaluation: "Evaluation", report: "Report", region: str, root: Path, *, every_exception: bool, full: bool
) -> "Iterator[RenderableType]":
    if full:
        yield from full_view(evaluation, region)
    else:
        yield from short_view(evaluation, region, cost_of(evaluation.stack, region, evaluation.resources, root))
    yield from quota_view(evaluation, region)
    yield from rules_view(report, every_exception=every_exception)


def _print(parts: "Iterable[RenderableType]") -> None:
    console = data_console()
    for part in parts:
        console.print(part)


def _end(report: "Report", *, check: bool, json: bool) -> None:
    """End with 1 where ``--check`` asked for it and the report does not pass; JSON leaves it to stderr to say why."""
    if not check or report.passes:
        return
    if json:
        talk(*rules_lines(report))
    raise typer.Exit(1)


def _check_options(*, against: str | None, json: bool, markdown: bool) -> None:
    if markdown and against is None:
        raise OperatorError("--markdown: missing --against; a comment shows what changes")
    if markdown and json:
        raise OperatorError("--markdown: came with --json; one of the two is allowed")


def _save(plan: "PlanDocument | None", path: Path | None) -> None:
    from json import dumps  # noqa: PLC0415

    if plan is None or path is None:
        return
    from workbench.files import write_whole  # noqa: PLC0415

    try:
        write_whole(path, dumps(plan.as_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    except OSError as error:
        raise OperatorError(f"--save: {path}: {error.strerror}") from None


def _show_difference(
    found: "Difference", *, json: bool, markdown: bool, html: Path | None, every_exception: bool, full: bool
) -> None:
    if html is not None:
        write_page(found.evaluation, found.plan.region, found.report, html, found)
    if json:
        print_json(found.document())
    elif markdown:
        typer.echo(found.markdown(every_exception=every_exception, full=full), nl=False)
    elif html is None:
        _print(found.view(every_exception=every_exception, full=full))


def planned(file: "StackFile[Any]", root: Path) -> "Evaluation":
    """Evaluate the project's program for one stack, with placeholders for whatever only AWS could tell.

    Raises:
        OperationFailedError: when the program makes something that cannot be planned, naming each such resource.
        OperatorError: when something is larger than AWS takes.
    """
    from workbench.evaluate import EvaluationError, SymbolicBackend  # noqa: PLC0415

    try:
        evaluation = evaluate_project(file, root, backend=SymbolicBackend())
    except EvaluationError as error:
        raise OperationFailedError(*failure_lines(file.stack, error.failures)) from None
    check_sizes(evaluation, file, root)
    return evaluation


def examined(evaluation: "Evaluation", file: "StackFile[Any]", root: Path) -> "Report":
    """Hold an evaluated stack against every rule."""
    from workbench.config.errors import Schemas  # noqa: PLC0415
    from workbench.review.rules.recorded import report_on  # noqa: PLC0415

    return report_on(evaluation, root, schemas=Schemas(file.program.config_type()))


def evaluate_project(
    file: "StackFile[Any]",
    root: Path,
    *,
    backend: "Backend",
    progress: "Callable[[RecordedResource], None] | None" = None,
) -> "Evaluation":
    """Evaluate the project's program for one stack, its resources made by ``backend``."""
    from workbench.evaluate import evaluate_stack  # noqa: PLC0415
    from workbench.evaluate.sdk_on_demand import load_sdk_on_demand  # noqa: PLC0415

    load_sdk_on_demand()
    return evaluate_stack(
        root / "__main__.py",
        project=current_program().name,
        stack=file.stack,
        config=file.config,
        secret_keys=file.secret_keys,
        backend=backend,
        progress=progress,
    )
