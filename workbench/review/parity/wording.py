"""Parity in lines, and as JSON."""

from collections.abc import Iterator
from typing import Any

from workbench.counting import counted
from workbench.review.parity.compare import Difference, Parity

_SHORT = 60


def lines(parity: Parity, *, every: bool) -> Iterator[str]:
    """Yield the result: what nothing allows first, then, if asked for, what may differ with its reason."""
    first, second = parity.stacks
    listed = [one for one in parity.differences if one.allowed is not None]
    yield (
        f"{first} and {second}: {counted(parity.compared, 'resource')} of both compared, "
        f"{counted(len(parity.unexpected), 'difference')} that nothing allows, {len(listed)} that may be"
    )
    for one in parity.unexpected:
        yield f"  {_said(one, parity)}"
    for entry in parity.needless:
        properties = ", ".join(entry.properties) or "resources of one stack"
        yield f"  needless: {entry.resources} ({properties}): no difference needs it any more"
    if every:
        for reason in dict.fromkeys(one.allowed.reason for one in listed if one.allowed is not None):
            yield f"  {reason}"
            yield from (
                f"    {_said(one, parity)}"
                for one in listed
                if one.allowed is not None and one.allowed.reason == reason
            )


def document(parity: Parity) -> dict[str, Any]:
    """Return the result as a JSON object."""
    return {
        "stacks": list(parity.stacks),
        "holds": parity.holds,
        "compared": parity.compared,
        "differences": [
            {
                "resource": one.name,
                "type": one.type,
                "property": one.path,
                "only_in": one.only_in,
                "values": None if one.path is None else dict(zip(parity.stacks, one.values, strict=True)),
                "reason": None if one.allowed is None else one.allowed.reason,
            }
            for one in parity.differences
        ],
        "needless": [entry.resources for entry in parity.needless],
    }


def _said(one: Difference, parity: Parity) -> str:
    if one.path is None:
        return f"{one.name} ({one.type}): only in {one.only_in}"
    values = ", ".join(f"{_value(value)} in {stack}" for stack, value in zip(parity.stacks, one.values, strict=True))
    return f"{one.name} ({one.type}): {one.path}: {values}"


def _value(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"
