"""The savings of each switch of the configuration: the program is evaluated with it on, and priced."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, cast

from workbench.costs import Switch
from workbench.review.cost.estimate import Estimate
from workbench.review.cost.usage import Usage

Value: TypeAlias = Any
"""What YAML holds."""


@dataclass(frozen=True, kw_only=True)
class Saving:
    """The saving of one switch by itself."""

    switch: Switch
    changes: Mapping[str, Value]
    """The values that it sets, by path, without those that are set already."""
    usd: Decimal
    """A month, as expected. Below zero when it costs more than it saves."""


Pricing: TypeAlias = Callable[[Mapping[str, Value], Usage], Estimate]
"""Evaluates the program with a configuration, and prices it with assumptions."""


def savings(
    environment: Mapping[str, Value], usage: Usage, price: Pricing, switches: Sequence[Switch], *, interrupting: bool
) -> tuple[Estimate, list[Saving], Estimate]:
    """Return the present estimate, what each switch saves alone, and the estimate with all of them on.

    A switch that is on already is left out, and without ``interrupting`` what interrupts.
    """
    present = price(environment, usage)
    found: list[Saving] = []
    together: tuple[Mapping[str, Value], Usage] = (environment, usage)
    for switch in switches:
        changes = changes_of(switch, environment)
        if not changes or (switch.interrupts and not interrupting):
            continue
        alone = price(with_values(environment, changes), _with_usage(usage, switch))
        saving = present.usd.expected - alone.usd.expected
        found.append(Saving(switch=switch, changes=changes, usd=saving))
        together = (with_values(together[0], changes), _with_usage(together[1], switch))
    return present, found, price(*together) if found else present


def changes_of(switch: Switch, environment: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values that a switch sets, by path without wildcards; those that are set already are left out."""
    found: dict[str, Value] = {}
    for path, wanted in switch.config.items():
        for place, present in _places(environment, path.split("/")):
            value = wanted(present) if callable(wanted) else wanted
            if value != present:
                found["/".join(place)] = value
    return found


def with_values(document: Mapping[str, Value], values: Mapping[str, Value]) -> dict[str, Value]:
    """Return a copy of a document with each path set to its value."""
    changed = copy.deepcopy(dict(document))
    for path, value in values.items():
        *parents, last = path.split("/")
        target = changed
        for part in parents:
            target = target[part]
        target[last] = value
    return changed


def _places(value: Value, path: Sequence[str]) -> Iterator[tuple[list[str], Value]]:
    if not path:
        yield [], value
        return
    members = cast("Mapping[str, Value]", value)
    for name in sorted(members) if path[0] == "*" else [path[0]]:
        for place, present in _places(members[name], path[1:]):
            yield [name, *place], present


def _with_usage(usage: Usage, switch: Switch) -> Usage:
    if not switch.usage:
        return usage
    return Usage.model_validate(with_values(json.loads(usage.model_dump_json()), switch.usage))
