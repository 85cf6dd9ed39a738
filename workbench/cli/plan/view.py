"""A stack's plan for a terminal, component by component."""

from typing import TYPE_CHECKING

from rich.tree import Tree

from workbench.cli.shared.console import output_lines
from workbench.counting import counted
from workbench.review.tree import ComponentNode, component_tree, count_by_type, is_made

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
    return [tree, "", f"{types} types and {outputs} outputs: --full lists them, and what each component holds"]


def full_view(evaluation: "Evaluation", region: str) -> list["RenderableType"]:
    """Return the tree of components with all that they hold, the totals by type, and the outputs."""
    root = component_tree(evaluation)
    tree = Tree(_title(evaluation, region, root))
    _grow(tree, root)
    totals = [f"{count:4} {type_token}" for type_token, count in sorted(count_by_type(evaluation).items())]
    return [tree, "", "Resources by type", *totals, "", "Outputs", *output_lines(evaluation.outputs)]


def _title(evaluation: "Evaluation", region: str, root: ComponentNode) -> str:
    protected = sum(resource.protect for resource in evaluation.resources if is_made(resource))
    return f"{evaluation.stack} in {region}: {counted(root.total, 'resource')}, {protected} of them protected"


def _grow(tree: Tree, parent: ComponentNode) -> None:
    for component in parent.components:
        _grow(tree.add(f"{component.type} {component.name}: {counted(component.total, 'resource')}"), component)
    _add_own(tree, parent)


def _add_own(tree: Tree, parent: ComponentNode) -> None:
    for type_token, count in sorted(parent.own.items()):
        tree.add(f"{count} {type_token}", style="dim")
