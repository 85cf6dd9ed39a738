"""View of ``plan --timeline``: a first ``up`` on a terminal."""

from collections.abc import Iterator
from typing import Any

from workbench.providers.creation_times import CONFIDENCES
from workbench.review.timeline import SLOW_SECONDS, Step, Timeline, in_words

_BAR = 48
"""Characters for the whole time."""


def timeline_lines(stack: str, when: Timeline, slowest: Step | None, *, prefix: str) -> Iterator[str]:
    """Yield the lines: the sum, the critical path step by step, and a bar for each resource that takes long.

    ``prefix`` is what the names of the stack begin with, which is left out.
    """
    path = when.critical_path
    slow = [step for step in when.steps if step.time.seconds >= SLOW_SECONDS]
    width = max((len(step.resource.name.removeprefix(prefix)) for step in [*path, *slow]), default=0)
    yield f"{stack}: {in_words(when, slowest)}"
    yield from ["", "Critical path: what begins when, and takes how long"]
    for step in path:
        name = step.resource.name.removeprefix(prefix)
        mark = "" if step.time.confidence == "log" else f"  ({CONFIDENCES[step.time.confidence]})"
        yield f"  {step.start:4.0f} s  {step.time.seconds:4g} s  {name:{width}}  {step.resource.type}{mark}"
    yield from ["", f"What takes {SLOW_SECONDS} s or more (█ on the critical path)"]
    for step in slow:
        name = step.resource.name.removeprefix(prefix)
        yield f"  {name:{width}}  {_bar(step, when.seconds):{_BAR}}  {step.start:3.0f} to {step.end:3.0f} s"


def _bar(step: Step, total: float) -> str:
    scale = _BAR / total
    start = min(int(step.start * scale), _BAR - 1)
    length = max(round(step.time.seconds * scale), 1)
    return " " * start + ("█" if step.critical else "▒") * min(length, _BAR - start)


def timeline_document(stack: str, when: Timeline, slowest: Step | None) -> dict[str, Any]:
    """Return what ``--timeline --json`` prints."""
    return {
        "stack": stack,
        "seconds": when.seconds,
        "seconds_in_sequence": when.seconds_in_sequence,
        "slowest_chain": None if slowest is None else {"name": slowest.resource.name, "seconds": slowest.end},
        "critical_path": [step.resource.urn for step in when.critical_path],
        "steps": [
            {
                "urn": step.resource.urn,
                "type": step.resource.type,
                "name": step.resource.name,
                "start": step.start,
                "seconds": step.time.seconds,
                "confidence": step.time.confidence,
            }
            for step in when.steps
        ],
    }
