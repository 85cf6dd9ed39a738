"""The difference of two plans on a terminal: the danger on top, then a tree of what changes."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from workbench.review.danger.assessment import DESTRUCTIVE, Assessed, Assessment, reasons, unfolded
from workbench.review.difference.new_components import CostOf, NewComponent
from workbench.review.difference.wording import HEADLINES, danger_lines, ignored_lines, lines, summary, verdict
from workbench.review.tree import stack_in

if TYPE_CHECKING:
    from rich.console import RenderableType


_ACTION_STYLES = {"added": "green", "changed": "yellow", "replaced": "bold red", "removed": "red"}
_SIGN_STYLES = {"+": "green", "-": "red", "!": "yellow"}


def comparison_view(assessment: Assessment, cost_of: CostOf | None = None, *, full: bool) -> "Iterator[RenderableType]":
    """Yield what the console prints, part by part; a component that is new as a whole in one line unless ``full``."""
    comparison = assessment.comparison
    yield f"{stack_in(comparison.stack, comparison.region)} against {comparison.base}: {summary(assessment)}"
    yield verdict(assessment)
    for line in danger_lines(assessment):
        style = "bold red" if line.severity in DESTRUCTIVE else "bold yellow"
        whose = "" if line.change is None else f"{line.change.name} ({line.change.type}): "
        source = "" if line.source is None else f" [{line.source}]"
        headline = Text(f"  {HEADLINES[line.severity]} ", style=style)
        yield headline.append(f"{whose}{line.words}{source}", style="not bold")
    for line in ignored_lines(assessment):
        unheard = Text("  IGNORED ", style="bold cyan")
        yield unheard.append(f"{line.name} ({line.type}): {line.change}: {line.taken_over}", style="not bold")
    if assessment.changes:
        yield ""
        yield _tree(assessment, [] if full else assessment.comparison.new_components, cost_of)
    if comparison.outputs:
        yield f"Outputs made in another way: {', '.join(comparison.outputs)}"


def _tree(assessment: Assessment, folded: Sequence[NewComponent], cost_of: CostOf | None) -> Tree:
    root = Tree(assessment.comparison.stack)
    branches: dict[tuple[str, ...], Tree] = {(): root}

    def branch(path: tuple[str, ...]) -> Tree:
        if path not in branches:
            branches[path] = branch(path[:-1]).add(path[-1])
        return branches[path]

    entries: list[tuple[tuple[str, ...], Assessed | NewComponent]] = [
        *((component.path, component) for component in folded),
        *((one.change.components, one) for one in unfolded(assessment, folded)),
    ]
    for path, entry in sorted(entries, key=lambda entry: entry[0]):
        if isinstance(entry, NewComponent):
            label = Text("added ", style=_ACTION_STYLES["added"])
            cost = "" if cost_of is None else f", {cost_of(entry.names)}"
            label.append(f"{entry.type} {entry.name}: {entry.counted}{cost}", style="not bold")
            branch(path[:-1]).add(label)
        else:
            _grow(branch(path), entry)
    return root


def _grow(parent: Tree, one: Assessed) -> None:
    change = one.change
    style = "dim" if one.harmless else _ACTION_STYLES[change.action]
    label = Text(f"{change.action} ", style=style).append(f"{change.name} ({change.type})", style="not bold")
    if change.former_urn is not None:
        label.append(f", formerly {change.former_urn.rpartition('::')[2]}")
    if one.harmless is not None:
        label.append(f", harmless: {one.harmless}")
    elif why := reasons(change):
        label.append(f", because {why}")
    branch = parent.add(label)
    for line in lines(one):
        branch.add(Text(f"{line.sign} {line.text}", style=_SIGN_STYLES[line.sign]))
