"""The cost of a change: two estimates of one stack, compared line by line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workbench.review.cost.estimate import NOTHING, Estimate, Line, Unpriced
from workbench.review.cost.quantity import Quantity

_Key = tuple[str, str, str]
"""Component, resource, and what kind of charge it is."""

_SIZES = re.compile(
    r"(fargate|ec2|elasticache|ebs|aurora\.mysql|rds)\..*\.(vcpu_hour|gb_hour|hour|gb_month)|(aurora\.mysql)\..*acu_hour.*"
)
"""Items that only differ in size or kind of one and the same thing: another instance type is a change of one line."""


@dataclass(frozen=True, kw_only=True)
class ChangedLine:
    """A line that is not what it was: another quantity, new, or gone."""

    component: str
    resource: str
    what: str
    """Now, after what it was where that read otherwise; of a line that is gone, before."""
    items: Sequence[str]
    """Of the price table, before and now."""
    before: Quantity
    """US dollars a month; nothing where there was no such line."""
    after: Quantity
    """US dollars a month; nothing where there is no such line any more."""

    @property
    def delta(self) -> Decimal:
        """The expected difference in US dollars a month."""
        return self.after.expected - self.before.expected


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two estimates with the same prices and the same assumptions, so that only the plans differ."""

    base: str
    """What is compared with, in words."""
    before: Estimate
    after: Estimate
    lines: Sequence[ChangedLine]
    """The largest change first."""
    newly_unpriced: Sequence[Unpriced]
    """What the change adds to what has no price."""

    @property
    def sums(self) -> Sequence[tuple[str, Decimal, Decimal]]:
        """The whole stack before and after: as expected, at the least, at the most."""
        before, after = self.before.usd, self.after.usd
        return (
            ("total", before.expected, after.expected),
            ("total, at the least", before.low, after.low),
            ("total, at the most", before.high, after.high),
        )

    @property
    def delta(self) -> Decimal:
        """The expected difference of the whole stack, in US dollars a month."""
        return self.after.usd.expected - self.before.usd.expected


def difference(before: Estimate, after: Estimate, *, base: str) -> Difference:
    """Return what differs; a line that is expected to cost the same is left out, whatever else changed in it."""
    old, new = _by_key(before), _by_key(after)
    lines = [_changed(key, old.get(key, []), new.get(key, [])) for key in dict.fromkeys([*old, *new])]
    known = set(before.unpriced)
    return Difference(
        base=base,
        before=before,
        after=after,
        lines=sorted(
            (line for line in lines if line.delta),
            key=lambda line: (-abs(line.delta), line.component, line.resource, line.what),
        ),
        newly_unpriced=[one for one in after.unpriced if one not in known],
    )


def _by_key(estimate: Estimate) -> Mapping[_Key, list[Line]]:
    found: dict[_Key, list[Line]] = {}
    for line in estimate.lines:
        found.setdefault((line.component, line.resource, _kind(line.item)), []).append(line)
    return found


def _kind(item: str) -> str:
    return _SIZES.sub(r"\1\3.\2", item)


def _changed(key: _Key, old: Sequence[Line], new: Sequence[Line]) -> ChangedLine:
    component, resource, _ = key
    words = dict.fromkeys(", ".join(dict.fromkeys(line.what for line in lines)) for lines in (old, new) if lines)
    return ChangedLine(
        component=component,
        resource=resource,
        what=" → ".join(words),
        items=[*dict.fromkeys(line.item for line in (*old, *new))],
        before=_usd(old),
        after=_usd(new),
    )


def _usd(lines: Sequence[Line]) -> Quantity:
    total = NOTHING
    for line in lines:
        total = total.plus(line.usd)
    return total
