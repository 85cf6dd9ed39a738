"""Drift without Pulumi: what the program wants of resources whose names it gives, against what AWS has under them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeAlias

from workbench.aws.present import ROWS, Row, read_present
from workbench.aws.shared.connection import Connection
from workbench.operations.readings import Unread, attempt
from workbench.placeholders import holds_placeholder


class Wanted(Protocol):
    """A resource of the plan, as far as it is compared."""

    @property
    def urn(self) -> str:
        """The URN in the state."""
        ...

    @property
    def type(self) -> str:
        """The type token."""
        ...

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The inputs that the program gives."""
        ...

    @property
    def ignore_changes(self) -> Iterable[str]:
        """The inputs whose changes Pulumi ignores."""
        ...

    @property
    def custom(self) -> bool:
        """Whether it is no component."""
        ...


@dataclass(frozen=True, kw_only=True)
class Read:
    """The outcome of a reading."""

    absent: tuple[str, ...]
    """URNs of what is not in AWS."""
    differing: Mapping[str, Mapping[str, Any]]
    """By URN, what AWS has in the place of each property that differs."""
    same: int
    unread: tuple[Unread, ...]
    not_compared: Mapping[str, int]
    """How many resources of which types were not looked at."""

    @property
    def compared(self) -> int:
        """The number of resources that were looked at."""
        return self.same + len(self.absent) + len(self.differing)


class Nothing(Enum):
    """The outcome of a look that found nothing to compare."""

    ABSENT = "not in AWS"
    NOT_COMPARED = "not looked at"


Look: TypeAlias = Callable[[Wanted], Mapping[str, Any] | Unread | Nothing]
"""Looks at one resource, and returns what AWS has in the place of each property that differs."""


def look_at(wanted: Iterable[Wanted], look: Look) -> Read:
    """Look at every resource of the plan that a provider makes."""
    absent: list[str] = []
    differing: dict[str, Mapping[str, Any]] = {}
    unread: list[Unread] = []
    not_compared: Counter[str] = Counter()
    same = 0
    for resource in wanted:
        if not resource.custom or resource.type.startswith("pulumi:"):
            continue
        found = look(resource)
        if found is Nothing.NOT_COMPARED:
            not_compared[resource.type] += 1
        elif found is Nothing.ABSENT:
            absent.append(resource.urn)
        elif isinstance(found, Unread):
            unread.append(found)
        elif found:
            differing[resource.urn] = found
        else:
            same += 1
    return Read(
        absent=tuple(absent), differing=differing, same=same, unread=tuple(unread), not_compared=dict(not_compared)
    )


def read(wanted: Iterable[Wanted], connection: Connection) -> Read:
    """Look at every resource whose type is cheaply read and whose name the program gives."""

    def look(resource: Wanted) -> Mapping[str, Any] | Unread | Nothing:
        row = ROWS.get(resource.type)
        name = None if row is None else resource.inputs.get(row.name)
        if row is None or not isinstance(name, str) or is_unknown(name):
            return Nothing.NOT_COMPARED
        found = _read(row, name, resource, connection)
        if isinstance(found, Unread):
            return found
        if found is None:
            return Nothing.ABSENT
        return _differences(resource, {**row.defaults, **resource.inputs}, found)

    return look_at(wanted, look)


def _read(row: Row, name: str, resource: Wanted, connection: Connection) -> Mapping[str, Any] | Unread | None:
    region = resource.inputs.get("region")
    return attempt(read_present, row, name, connection.in_region(region) if isinstance(region, str) else connection)


def _differences(resource: Wanted, inputs: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    ignored = ignored_inputs(resource)
    return {
        key: found[key]
        for key, wanted in inputs.items()
        if key in found and key not in ignored and not is_unknown(wanted) and not _is_same(wanted, found[key])
    }


def ignored_inputs(resource: Wanted) -> frozenset[str]:
    """Return the inputs of which Pulumi ignores at least a part."""
    return frozenset(path.partition(".")[0].partition("[")[0] for path in resource.ignore_changes)


def _is_same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        # What AWS adds by itself is no difference.
        fields: Mapping[str, Any] = wanted  # pyright: ignore[reportUnknownVariableType]
        return all(key in found and _is_same(value, found[key]) for key, value in fields.items())
    return bool(wanted == found)


def is_unknown(value: Any) -> bool:
    """Tell whether a placeholder stands in a value: what only AWS, or nobody but the engine, knows."""
    if isinstance(value, Mapping):
        return any(is_unknown(one) for one in value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        return any(is_unknown(one) for one in value)  # pyright: ignore[reportUnknownVariableType]
    return holds_placeholder(value) or value == "[secret]"
