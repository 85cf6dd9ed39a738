"""``zelly plan``: what a stack's program would make, evaluated in this process without engine, account or network."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from zelly_infra.commands.console import (
    JsonOption,
    StackArgument,
    data_console,
    output_lines,
    print_json,
    project_root,
    resources,
    talk,
)
from zelly_infra.commands.errors import failure_lines

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.tree import Tree

    from zelly_infra.evaluate import Backend, Evaluation, RecordedResource
    from zelly_infra.review.tree import ComponentNode
    from zelly_infra.stack_file import StackFile


def plan(stack: StackArgument, json: JsonOption = False) -> None:
    """Show what the program makes for a stack, without making anything.

    Values that only AWS could tell stand as placeholders such as ${vpc.id}, secrets as [secret].
    """
    from zelly_infra.review.plan_document import document  # noqa: PLC0415
    from zelly_infra.stack_file import read_stack_file  # noqa: PLC0415

    root = project_root()
    file = read_stack_file(stack, root)
    evaluation = planned(file, root)
    if json:
        print_json(document(evaluation, file.environment.region).as_json())
        return
    console = data_console()
    for part in plan_view(evaluation, file.environment.region):
        console.print(part)


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


def _grow(tree: "Tree", parent: "ComponentNode") -> None:
    for component in parent.components:
        _grow(tree.add(f"{component.type} {component.name}: {resources(component.total)}"), component)
    for type_token, count in sorted(parent.own.items()):
        tree.add(f"{count} {type_token}", style="dim")
