"""The difference of two plans on a terminal: the danger on top, then a tree of what changes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.tree import Tree

    from zelly_infra.review.assessment import Assessed, Assessment

_ACTION_STYLES = {"added": "green", "changed": "yellow", "replaced": "bold red", "removed": "red"}
_SIGN_STYLES = {"+": "green", "-": "red", "!": "yellow"}


def comparison_view(assessment: "Assessment") -> "Iterator[RenderableType]":
    """Yield what the console prints, part by part."""
    from rich.text import Text  # noqa: PLC0415

    from zelly_infra.review.assessment import DESTRUCTIVE  # noqa: PLC0415
    from zelly_infra.review.wording import HEADLINES, finding_text, summary, verdict  # noqa: PLC0415

    comparison = assessment.comparison
    yield f"{comparison.stack} in {comparison.region} against {comparison.base}: {summary(assessment)}"
    yield verdict(assessment)
    for one in assessment.dangers:
        for finding in one.findings:
            style = "bold red" if finding.severity in DESTRUCTIVE else "bold yellow"
            headline = Text(f"  {HEADLINES[finding.severity]} ", style=style)
            yield headline.append(f"{one.change.name} ({one.change.type}): {finding_text(finding)}", style="not bold")
    if assessment.changes:
        yield ""
        yield _tree(assessment)
    if comparison.outputs:
        yield f"Outputs made in another way: {', '.join(comparison.outputs)}"


def _tree(assessment: "Assessment") -> "Tree":
    from rich.tree import Tree  # noqa: PLC0415

    root = Tree(assessment.comparison.stack)
    branches: dict[tuple[str, ...], Tree] = {(): root}
    for one in assessment.changes:
        path = one.change.components
        for depth in range(len(path)):
            if path[: depth + 1] not in branches:
                branches[path[: depth + 1]] = branches[path[:depth]].add(path[depth])
        _grow(branches[path], one)
    return root


def _grow(parent: "Tree", one: "Assessed") -> None:
    from rich.text import Text  # noqa: PLC0415

    from zelly_infra.review.assessment import reasons  # noqa: PLC0415
    from zelly_infra.review.wording import lines  # noqa: PLC0415

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
    for line in lines(change):
        branch.add(Text(f"{line.sign} {line.text}", style=_SIGN_STYLES[line.sign]))
