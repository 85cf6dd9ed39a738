"""A stack's plan on a terminal: what it makes, component by component."""

from typing import TYPE_CHECKING

from rich.tree import Tree

from workbench.cli.shared.console import output_lines
from workbench.counting import counted
from workbench.review.tree import ComponentNode, component_tree, count_by_type, is_made, stack_in

if TYPE_CHECKING:
    from rich.console import RenderableType

    from workbench.evaluate import Evaluation
    from workbench.review.difference.new_components import CostOf


def short_view(evaluation: "Evaluation", region: str, cost_of: "CostOf") -> list["RenderableType"]:
    """Return a line for each component, with what it holds and costs, and how many types and outputs there are."""
    root = component_tree(evaluation)
    tree = Tree(_title(evaluation, region, root))
    for component in root.components:
        title = f"{component.type} {component.name}: {counted(component.total, 'resource')}"
        tree.add(f"{title}, {cost_of(component.resource_names)}")
    _add_own(tree, root)
    types, outputs = len(count_by_type(evaluation)), len(evaluation.outputs)
    rest = f"{types} types and {outputs} outputs: --full lists them, and what each component holds"
    return [*_shown(tree, evaluation), rest]


def full_view(evaluation: "Evaluation", region: str) -> list["RenderableType"]:
    """Return the tree of components with all that they hold, the totals by type, and the outputs."""
    root = component_tree(evaluation)
    tree = Tree(_title(evaluation, region, root))
    _grow(tree, root)
    totals = [f"{count:4} {type_token}" for type_token, count in sorted(count_by_type(evaluation).items())]
    return [*_shown(tree, evaluation), "Resources by type", *totals, "", "Outputs", *output_lines(evaluation.outputs)]


def _shown(tree: Tree, evaluation: "Evaluation") -> list["RenderableType"]:
    """Return the tree, and what of the plan is looked up where nobody answers."""
    if not evaluation.look_ups:
        return [tree, ""]
    calls = [
        token.split(":")[1].removeprefix("index/") + (f" ({count} times)" if count > 1 else "")
        for token, count in evaluation.look_ups.items()
    ]
    return [tree, "", f"Looked up, here with placeholders for answers: {', '.join(calls)}", ""]


def _title(evaluation: "Evaluation", region: str, root: ComponentNode) -> str:
    protected = sum(resource.protect for resource in evaluation.resources if is_made(resource))
    return f"{stack_in(evaluation.stack, region)}: {counted(root.total, 'resource')}, {protected} of them protected"


def _grow(tree: Tree, parent: ComponentNode) -> None:
    for component in parent.components:
        _grow(tree.add(f"{component.type} {component.name}: {counted(component.total, 'resource')}"), component)
    _add_own(tree, parent)


def _add_own(tree: Tree, parent: ComponentNode) -> None:
    for type_token, count in sorted(parent.own.items()):
        tree.add(f"{count} {type_token}", style="dim")
