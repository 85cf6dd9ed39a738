"""Renders the page from ``page.html.j2`` beside this module.

Everything is in the file: no font, script, picture or style comes from elsewhere, and the page's own content security
policy allows none but those whose digests it names. Inputs and outputs come masked from the evaluation.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.evaluate import Evaluation, RecordedResource
from workbench.providers.creation_times import CONFIDENCES
from workbench.review.architecture.model import Architecture, architecture
from workbench.review.page.section import Section
from workbench.review.picture.svg import dark_style, svg
from workbench.review.timeline import SLOW_SECONDS, duration, in_words, slowest_chain, timeline
from workbench.review.tree import is_made

if TYPE_CHECKING:
    import jinja2

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A component with what it holds."""

    title: str
    anchor: str
    total: int
    branches: tuple["Branch", ...]
    leaves: tuple["Leaf", ...]


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One resource."""

    name: str
    type: str
    anchor: str
    marks: tuple[str, ...]
    """Its options in words, e.g. ``protected``."""
    inputs: str
    """As JSON, secrets masked."""
    depends_on: tuple[tuple[str, str], ...]
    """Names with their anchors."""


def render(
    evaluation: Evaluation, region: str, sections: Sequence[Section] = (), *, first: Sequence[Section] = ()
) -> str:
    """Return the page: what comes ``first``, picture, the given sections, timeline, tree with search, outputs."""
    try:
        drawn: Architecture | None = architecture(evaluation, region)
    except LookupError:
        # A program without a VPC, or with several, has everything but a picture.
        drawn = None
    when = timeline(evaluation)
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    style = (_FOLDER / "page.css").read_text(encoding="utf-8") + (dark_style() if drawn is not None else "")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            stack=evaluation.stack,
            region=region,
            resources=[resource for resource in evaluation.resources if is_made(resource)],
            policy=_policy(scripts=[script], styles=[style]),
            script=script,
            style=style,
            picture=svg(drawn) if drawn is not None else None,
            talks=talks(drawn) if drawn is not None else None,
            first=list(first),
            sections=list(sections),
            timeline=when,
            slow=[step for step in when.steps if step.time.seconds >= SLOW_SECONDS],
            timeline_text=in_words(when, slowest_chain(evaluation)),
            confidences=CONFIDENCES,
            prefix=f"{evaluation.project}-{evaluation.stack}-",
            tree=_branch(evaluation),
            outputs=[(name, _json(value)) for name, value in evaluation.outputs.items()],
        )
    )


def talks(drawn: Architecture) -> Section:
    """Return who may talk to whom, as a table."""
    return Section(
        title="Who may talk to whom",
        columns=("from", "to", "ports"),
        rows=[(talk.source, talk.target, ", ".join(talk.ports_text)) for talk in drawn.connections],
    )


def _environment() -> "jinja2.Environment":
    import jinja2  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["duration"] = duration
    return environment


def _policy(*, scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Return the content security policy that allows what is in the page and nothing else."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_digest, scripts))}",
            f"style-src {' '.join(map(_digest, styles))}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _branch(evaluation: Evaluation) -> Branch:
    children: dict[str | None, list[RecordedResource]] = {}
    for resource in evaluation.resources:
        children.setdefault(resource.parent, []).append(resource)
    anchors = {resource.urn: f"r{number}" for number, resource in enumerate(evaluation.resources)}
    names = {resource.urn: resource.name for resource in evaluation.resources if is_made(resource)}

    def grown(resource: RecordedResource) -> Branch:
        below = sorted(children.get(resource.urn, []), key=lambda child: (child.type, child.name))
        branches = tuple(grown(child) for child in below if not child.custom or children.get(child.urn))
        made = [child for child in ([resource, *below] if resource.custom else below) if is_made(child)]
        leaves = [child for child in made if child is resource or not children.get(child.urn)]
        return Branch(
            title=f"{resource.type.rsplit(':', 1)[1]} {resource.name}",
            anchor=f"{anchors[resource.urn]}-all",
            total=len(leaves) + sum(branch.total for branch in branches),
            branches=branches,
            leaves=tuple(leaf(child) for child in leaves),
        )

    def leaf(resource: RecordedResource) -> Leaf:
        return Leaf(
            name=resource.name,
            type=resource.type,
            anchor=anchors[resource.urn],
            marks=_marks(resource),
            inputs=_json(resource.inputs),
            depends_on=tuple((names[urn], anchors[urn]) for urn in resource.depends_on if urn in names),
        )

    (stack,) = children[None]
    return grown(stack)


def _marks(resource: RecordedResource) -> tuple[str, ...]:
    marks = {"protected": resource.protect, "kept when removed": resource.retain_on_delete}
    ignored = [f"ignores changes of {', '.join(resource.ignore_changes)}"] if resource.ignore_changes else []
    return (*(mark for mark, holds in marks.items() if holds), *ignored)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
