"""What each switch of the configuration would save: the program evaluated with it on, priced as ever."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, cast

from workbench.config.types import UNCHOSEN_AMI
from workbench.review.cost.estimate import Estimate
from workbench.review.cost.usage import Usage
from zelly_components.limits.redis_engines import ENGINE_VERSIONS

Value: TypeAlias = Any
"""What YAML holds."""


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One way to pay less for the same function.

    ``config`` maps paths in the structured key to values; ``*`` is every member of a mapping. A function gets the
    present value and returns the new one. ``usage`` does the same in the assumptions, for what a switch changes that no
    resource tells.
    """

    name: str
    config: Mapping[str, Value | Callable[[Value], Value]]
    gives_up: str
    """What one no longer has."""
    usage: Mapping[str, Value] | None = None
    interrupts: bool = False
    """Whether services stop or wait because of it: then it is offered only where nothing is protected from deletion."""


def _graviton(instance_type: str) -> str:
    return instance_type.replace("t3.", "t4g.")


def _valkey(version: str) -> str:
    return version if version in ENGINE_VERSIONS["valkey"] else "8.2"


def _nat_instance(present: Value) -> Value:
    """Return the instance that is configured, or one whose AMI has still to be chosen."""
    return present or {
        "instance_type": "t4g.micro",
        "cpu_credits": "unlimited",
        "ami_id": UNCHOSEN_AMI,
        "log_retention_days": 30,
    }


def _always(hours: int) -> Mapping[str, int]:
    return {"low": hours, "expected": hours, "high": hours}


SWITCHES: Sequence[Switch] = (
    Switch(
        name="services on ARM64",
        config={"services/*/architecture": "ARM64"},
        gives_up="every image has to be built for ARM64",
    ),
    Switch(
        name="hosts on Graviton",
        config={"clickhouse/instance_type": _graviton, "bastion/instance_type": _graviton},
        gives_up="needs an ARM64 AMI (ami_id) too; both hosts are replaced, and ClickHouse is away for minutes",
    ),
    Switch(
        name="one shared application load balancer",
        config={"load_balancing/shared": True},
        gives_up="the HTTPS services share one balancer's capacity and its failure",
    ),
    Switch(
        name="one Elastic IP for the storefront",
        config={"storefront/load_balancer_zones": 1},
        gives_up="the storefront stands in one zone; two of its addresses are released",
    ),
    Switch(
        name="NAT instance instead of the gateway",
        config={"network/nat_gateways": "none", "network/nat_instance": _nat_instance},
        gives_up="one small host carries all traffic to the internet, down for minutes when replaced or when its zone "
        "fails; needs an ARM64 AMI (ami_id)",
    ),
    Switch(
        name="Container Insights off",
        config={"containers/container_insights": "disabled"},
        gives_up="tasks are not counted: the alarm on missing ones rings only when a service runs none",
    ),
    Switch(
        name="Valkey in the place of Redis",
        config={"redis/engine": "valkey", "redis/engine_version": _valkey},
        gives_up="the way back in place; the applications' clients have to be tried with it first",
    ),
    Switch(
        name="Fargate Spot",
        config={"containers/capacity_providers": [{"name": "FARGATE_SPOT", "weight": 1, "base": 0}]},
        gives_up="AWS may stop any task with two minutes' notice, and may have no room for a new one",
        interrupts=True,
    ),
    Switch(
        name="Aurora pauses at 0 ACU",
        config={"aurora/minimum_capacity_acu": 0, "aurora/seconds_until_auto_pause": 300},
        gives_up="the first connection after a pause waits some 15 seconds; an open connection prevents the pause",
        interrupts=True,
    ),
    Switch(
        name="nightly stop, weekends too",
        config={
            "running_hours": {
                "weekdays": ["mon", "tue", "wed", "thu", "fri"],
                "start": "08:00",
                "stop": "20:00",
                "time_zone": "Asia/Kolkata",
            }
        },
        usage={
            # Sixty hours a week; what services need runs half an hour longer a day.
            "services/task_hours_per_month": _always(261),
            "aurora/running_hours_per_month": _always(272),
            "host_hours_per_month": _always(272),
        },
        gives_up="nobody works there at night or at the weekend; Redis, balancers and a NAT gateway run on",
        interrupts=True,
    ),
)
"""The switches that the configuration has, in the order in which they are shown."""


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What one switch saves by itself."""

    switch: Switch
    changes: Mapping[str, Value]
    """The values that it sets, by path, without those that are set already."""
    usd: Decimal
    """A month, as expected. Below zero when it costs more than it saves."""


Pricing: TypeAlias = Callable[[Mapping[str, Value], Usage], Estimate]
"""Evaluates the program with a configuration, and prices it with assumptions."""


def savings(
    environment: Mapping[str, Value], usage: Usage, price: Pricing, switches: Sequence[Switch] = SWITCHES
) -> tuple[Estimate, list[Saving], Estimate]:
    """Return the present estimate, what each switch saves alone, and the estimate with all of them on.

    A switch that is on already is left out.
    """
    present = price(environment, usage)
    found: list[Saving] = []
    together: tuple[Mapping[str, Value], Usage] = (environment, usage)
    for switch in switches:
        changes = changes_of(switch, environment)
        if not changes or (switch.interrupts and environment["deletion_protection"]):
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
