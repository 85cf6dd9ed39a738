"""``zelly plan``: what a stack's program would make, evaluated in this process without engine, account or network."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zelly_infra.commands.against import AgainstOption, base_plan
from zelly_infra.commands.console import (
    JsonOption,
    data_console,
    output_lines,
    print_json,
    project_root,
    resources,
    talk,
)
from zelly_infra.commands.environment import StackOption, selected_stack
from zelly_infra.commands.errors import failure_lines
from zelly_infra.commands.plan_pictures import HtmlOption, TimelineOption, check_picture_options, show_pictures
from zelly_infra.commands.quotas import QuotasOption, check_quota_options, quota_view, show_quotas
from zelly_infra.errors import OperatorError

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.tree import Tree

    from zelly_infra.commands.against import Base
    from zelly_infra.evaluate import Backend, Evaluation, RecordedResource
    from zelly_infra.review.plan_document import PlanDocument
    from zelly_infra.review.rules.report import Report
    from zelly_infra.review.tree import ComponentNode
    from zelly_infra.stack_file import StackFile


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
) -> None:
    """Show what the program makes for a stack, or what it changes, without making anything.

    Values that only AWS could tell stand as placeholders such as ${vpc.id}, secrets as [secret].

    With --against the exit code tells: 0 the same, 3 changes, 4 something is destroyed, or AWS would refuse it.

    Every plan is held against the rules in docs/policy.md; --check makes a broken one count.
    """
    from zelly_infra.review.plan_document import document  # noqa: PLC0415
    from zelly_infra.stack_file import read_stack_file  # noqa: PLC0415

    _check_options(against=against, json=json, markdown=markdown)
    check_picture_options(html=html, timeline=timeline, against=against, json=json)
    check_quota_options(quotas=quotas, against=against, pictures=html is not None or timeline, check=check)
    root = project_root()
    stack = selected_stack(stack, root)
    file = read_stack_file(stack, root)
    region = file.environment.region
    if against is not None:
        with base_plan(against, stack, root) as base:
            evaluation = planned(file, root)
            plan = document(evaluation, region)
            _save(plan, save)
            report = examined(evaluation, root)
            code = _show_difference(base(), plan, report, root, json=json, markdown=markdown)
            _end(report, check=check, json=json)
            raise typer.Exit(code)
    evaluation = planned(file, root)
    _save(document(evaluation, region) if save is not None else None, save)
    report = examined(evaluation, root)
    if quotas:
        show_quotas(evaluation, region, json=json)
    elif html is not None or timeline:
        show_pictures(evaluation, region, report, html=html, timeline=timeline, json=json)
    elif json:
        print_json(document(evaluation, region).as_json())
    else:
        _print_plan(evaluation, region, report)
    _end(report, check=check, json=json)


def _print_plan(evaluation: "Evaluation", region: str, report: "Report") -> None:
    console = data_console()
    for part in [*plan_view(evaluation, region), *quota_view(evaluation, region), *rules_view(report)]:
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
    from zelly_infra.files import write_whole  # noqa: PLC0415

    try:
        write_whole(path, dumps(plan.as_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    except OSError as error:
        raise OperatorError(f"--save: {path}: {error.strerror}") from None


def _show_difference(
    base: "Base", plan: "PlanDocument", report: "Report", root: Path, *, json: bool, markdown: bool
) -> int:
    """Print what changes, and return the exit code."""
    from zelly_infra.review.assessment import assess  # noqa: PLC0415
    from zelly_infra.review.comparison import compare  # noqa: PLC0415

    assessment = assess(compare(base.plan, plan, base=base.label))
    if json:
        from zelly_infra.review.comparison_document import comparison_document  # noqa: PLC0415

        print_json(comparison_document(assessment))
    elif markdown:
        from zelly_infra.commands.cost_section import cost_section  # noqa: PLC0415
        from zelly_infra.review.markdown import comment  # noqa: PLC0415

        sections = [cost_section(base, plan, root), rules_markdown(report)]
        typer.echo(comment(assessment, sections), nl=False)
    else:
        from zelly_infra.commands.comparison_view import comparison_view  # noqa: PLC0415

        console = data_console()
        for part in [*comparison_view(assessment), *rules_view(report)]:
            console.print(part)
    return int(assessment.exit_code)


def planned(file: "StackFile", root: Path) -> "Evaluation":
    """Evaluate the project's program for one stack, with placeholders for whatever only AWS could tell.

    Raises:
        typer.Exit: when the program makes something that cannot be planned; each such resource has been named.
    """
    from zelly_infra.evaluate import EvaluationError, SymbolicBackend  # noqa: PLC0415

    try:
        return evaluate_project(file, root, backend=SymbolicBackend())
    except EvaluationError as error:
        talk(*failure_lines(file.environment.environment, error.failures))
        raise typer.Exit(1) from None


def examined(evaluation: "Evaluation", root: Path) -> "Report":
    """Hold an evaluated stack against every rule."""
    from zelly_infra.review.rules.recorded import report_on  # noqa: PLC0415

    return report_on(evaluation, root)


def evaluate_project(
    file: "StackFile",
    root: Path,
    *,
    backend: "Backend",
    progress: "Callable[[RecordedResource], None] | None" = None,
) -> "Evaluation":
    """Evaluate the project's program for one stack, its resources made by ``backend``."""
    from zelly_infra.evaluate import evaluate_stack  # noqa: PLC0415
    from zelly_infra.evaluate.sdk_on_demand import load_sdk_on_demand  # noqa: PLC0415
    from zelly_infra.stack_file import PROJECT  # noqa: PLC0415

    load_sdk_on_demand()
    return evaluate_stack(
        root / "__main__.py",
        project=PROJECT,
        stack=file.environment.environment,
        config=file.config,
        secret_keys=file.secret_keys,
        backend=backend,
        progress=progress,
    )


def plan_view(evaluation: "Evaluation", region: str) -> list["RenderableType"]:
    """Return the readable plan: the tree of components, the totals by type, the names of the outputs."""
    from rich.tree import Tree  # noqa: PLC0415

    from zelly_infra.review.tree import component_tree, count_by_type, is_made  # noqa: PLC0415

    root = component_tree(evaluation)
    protected = sum(resource.protect for resource in evaluation.resources if is_made(resource))
    tree = Tree(f"{evaluation.stack} in {region}: {resources(root.total)}, {protected} of them protected")
    _grow(tree, root)
    totals = [f"{count:4} {type_token}" for type_token, count in sorted(count_by_type(evaluation).items())]
    return [tree, "", "Resources by type", *totals, "", "Outputs", *output_lines(evaluation.outputs)]


def rules_view(report: "Report") -> list[str]:
    """Return what the rules say, under a heading."""
    return ["", "Rules", *(f"  {line}" for line in rules_lines(report))]


def rules_lines(report: "Report") -> list[str]:
    """Return what the rules say."""
    from zelly_infra.review.rules.table import RULES  # noqa: PLC0415
    from zelly_infra.review.rules.wording import lines  # noqa: PLC0415

    return list(lines(report, RULES))


def rules_markdown(report: "Report") -> str:
    """Return what the rules say, for a pull request's comment."""
    from zelly_infra.review.rules.table import RULES  # noqa: PLC0415
    from zelly_infra.review.rules.wording import markdown  # noqa: PLC0415

    return markdown(report, RULES)


def _grow(tree: "Tree", parent: "ComponentNode") -> None:
    for component in parent.components:
        _grow(tree.add(f"{component.type} {component.name}: {resources(component.total)}"), component)
    for type_token, count in sorted(parent.own.items()):
        tree.add(f"{count} {type_token}", style="dim")
