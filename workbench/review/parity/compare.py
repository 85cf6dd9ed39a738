"""The comparison of two stacks of one program, resource by resource.

Names and values are compared without what has to differ: the environment's name and the region in them. A text that
holds a JSON document is compared value by value.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from workbench.evaluate import RecordedResource
from workbench.providers.changes import Change, changes, value_at, written
from workbench.review.parity.allowed import AllowedDifference

ENVIRONMENT = "{environment}"
REGION = "{region}"


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two stacks, evaluated."""

    stack: str
    region: str
    resources: Sequence[RecordedResource]

    def plain(self, text: str) -> str:
        """Return a text without the environment's name and the region."""
        named = re.sub(rf"(?<![A-Za-z0-9]){re.escape(self.stack)}(?![A-Za-z0-9])", ENVIRONMENT, text)
        return named.replace(self.region, REGION)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference between the stacks."""

    name: str
    """The resource's, without the environment."""
    type: str
    path: str | None
    """As Pulumi writes it; None: only one of the stacks has the resource."""
    only_in: str | None
    """The stack that has it, where only one has."""
    values: tuple[Any, Any]
    """In the order of the stacks; of a resource as a whole, None twice."""
    allowed: AllowedDifference | None


@dataclass(frozen=True, kw_only=True)
class Parity:
    """The result of a comparison."""

    stacks: tuple[str, str]
    compared: int
    """The resources that both have."""
    differences: tuple[Difference, ...]
    needless: tuple[AllowedDifference, ...]
    """The entries that nothing needs any more."""

    @property
    def unexpected(self) -> tuple[Difference, ...]:
        """The differences that nothing allows."""
        return tuple(one for one in self.differences if one.allowed is None)

    @property
    def holds(self) -> bool:
        """True if the stacks differ in nothing but what may differ, and nothing is allowed in vain."""
        return not self.unexpected and not self.needless


def compared(first: Side, second: Side, allowed: Sequence[AllowedDifference]) -> Parity:
    """Return what differs between two stacks."""
    sides = (_by_name(first), _by_name(second))
    found = [
        *_one_sided(sides, (first.stack, second.stack), allowed),
        *(
            difference
            for name in sorted(sides[0].keys() & sides[1].keys())
            for difference in _properties(name, (first, second), (sides[0][name], sides[1][name]), allowed)
        ),
    ]
    used = {id(one.allowed) for one in found}
    return Parity(
        stacks=(first.stack, second.stack),
        compared=len(sides[0].keys() & sides[1].keys()),
        differences=tuple(found),
        needless=tuple(one for one in allowed if id(one) not in used),
    )


_Named = Mapping[tuple[str, str], RecordedResource]
"""Resources by type and name without the environment."""


def _by_name(side: Side) -> _Named:
    return {(resource.type, side.plain(resource.name)): resource for resource in side.resources}


def _allowed(allowed: Iterable[AllowedDifference], name: str, pattern: str | None = None) -> AllowedDifference | None:
    return next((one for one in allowed if one.covers(name, pattern)), None)


def _one_sided(
    sides: tuple[_Named, _Named], stacks: tuple[str, str], allowed: Sequence[AllowedDifference]
) -> Iterator[Difference]:
    for own, other, stack in ((sides[0], sides[1], stacks[0]), (sides[1], sides[0], stacks[1])):
        for type_token, name in sorted(own.keys() - other.keys()):
            yield Difference(
                name=name,
                type=type_token,
                path=None,
                only_in=stack,
                values=(None, None),
                allowed=_allowed(allowed, name),
            )


def _properties(
    key: tuple[str, str],
    sides: tuple[Side, Side],
    resources: tuple[RecordedResource, RecordedResource],
    allowed: Sequence[AllowedDifference],
) -> Iterator[Difference]:
    type_token, name = key
    before, after = (
        {**_documents(resource.inputs), **({"(protected)": True} if resource.protect else {})} for resource in resources
    )
    for change in changes(before, after):
        values = value_at(before, change.path), value_at(after, change.path)
        if _plain(sides[0], values[0]) != _plain(sides[1], values[1]):
            yield Difference(
                name=name,
                type=type_token,
                path=_path(change),
                only_in=None,
                values=values,
                allowed=_allowed(allowed, name, change.pattern),
            )


def _path(change: Change) -> str:
    return written(change.path)


def _plain(side: Side, value: Any) -> Any:
    return side.plain(value) if isinstance(value, str) else value


def _documents(value: Any) -> Any:
    """Return a value with every text that is a JSON document in it as that document."""
    if isinstance(value, Mapping):
        return {name: _documents(item) for name, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_documents(item) for item in cast("list[Any]", value)]
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return _documents(json.loads(value))
        except ValueError:
            return value
    return value
