"""Outages: groups of alarms that ring for one cause, and page once for it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pulumi

from zelly_components.alarms.alarm import Alarm

WAIT_SECONDS = 120
"""The time that an outage waits for the one that causes it: both may ring within the same minutes."""
EXTENSION_SECONDS = 1200
"""The time that an outage stays silent after the one that caused it is over. The alarm that is quiet again last looks
at fifteen minutes."""
MOST_ALARMS = 100
"""The children that a composite alarm may have ("PutCompositeAlarm", CloudWatch API reference)."""


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A composite alarm over alarms that one cause rings together (0.50 USD a month).

    It pages when the first of them rings, and is over when the last is quiet: those that join while it lasts are told
    to the inform topic alone. Alarms that share no cause, and no reader, belong into different outages, or the one that
    lasts longest hides the others.
    """

    name: str
    """Its short name, unique among outages and alarms; the component's own name comes before it."""
    description: str
    """The event, and what to do first; it stands in the page."""
    alarms: Sequence[str]
    """The names of the alarms, whose severity is ``page``."""
    cause: str | None = None
    """Another outage that brings this one along: while that lasts, and for a while after, this one pages nobody. None:
    it always pages."""


def outage(
    name: str, description: str, alarms: Iterable[Alarm], *, cause: str | None = None, without: Iterable[str] = ()
) -> Outage:
    """Return the outage of those alarms that page; ``without`` are the names of some that do so on their own."""
    alone = frozenset(without)
    return Outage(
        name=name,
        description=description,
        alarms=[each.name for each in alarms if each.severity == "page" and each.name not in alone],
        cause=cause,
    )


def alarm_rule(names: Sequence[pulumi.Input[str]]) -> pulumi.Output[str]:
    """Return the rule of a composite alarm that rings while any of the named alarms does."""
    return pulumi.Output.all(*names).apply(lambda known: " OR ".join(f'ALARM("{name}")' for name in known))


def check_outages(outages: Sequence[Outage], alarms: Sequence[Alarm]) -> None:
    """Refuse outages that name what there is not, or that page twice for one alarm.

    Raises:
        ValueError: with what came and what is allowed.
    """
    paging = {alarm.name for alarm in alarms if alarm.severity == "page"}
    names = [each.name for each in outages]
    _once("outages", [*names, *(alarm.name for alarm in alarms)])
    _once("outages' alarms", [name for each in outages for name in each.alarms])
    for position, each in enumerate(outages):
        if strange := [name for name in each.alarms if name not in paging]:
            raise ValueError(f"outages.{each.name}.alarms: came {strange[0]}; allowed alarms that page")
        if not 0 < len(each.alarms) <= MOST_ALARMS:
            raise ValueError(f"outages.{each.name}.alarms: came {len(each.alarms)}; allowed 1 to {MOST_ALARMS}")
        if each.cause is not None and each.cause not in names[:position]:
            raise ValueError(
                f"outages.{each.name}.cause: came {each.cause}; allowed {', '.join(names[:position]) or 'None'}, "
                "the outages before it"
            )


def _once(what: str, names: Sequence[str]) -> None:
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise ValueError(f"{what}: came {', '.join(repeated)} more than once; allowed: names that differ")
