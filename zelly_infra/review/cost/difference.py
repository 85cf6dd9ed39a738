"""What a change costs: two estimates of one stack, line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zelly_infra.review.cost.estimate import NOTHING, Estimate, Line, Unpriced
from zelly_infra.review.cost.quantity import Quantity

_Key = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class ChangedLine:
    """A line that is not what it was: another quantity, new, or gone."""

    component: str
    resource: str
    what: str
    """Now; of a line that is gone, before."""
    item: str
    before: Quantity
    """US dollars a month; nothing where there was no such line."""
    after: Quantity
    """US dollars a month; nothing where there is no such line any more."""

    @property
    def delta(self) -> Decimal:
        """How much more it is expected to cost a month."""
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
    def delta(self) -> Decimal:
        """How much more the stack is expected to cost a month."""
        return self.after.usd.expected - self.before.usd.expected


def difference(before: Estimate, after: Estimate, *, base: str) -> Difference:
    """Return what differs; lines that cost the same are left out, whatever else changed in them."""
    old, new = _by_key(before), _by_key(after)
    lines = [_changed(key, old.get(key, []), new.get(key, [])) for key in dict.fromkeys([*old, *new])]
    known = set(before.unpriced)
    return Difference(
        base=base,
        before=before,
        after=after,
        lines=sorted(
            (line for line in lines if line.before != line.after),
            key=lambda line: (-abs(line.delta), line.component, line.resource, line.item),
        ),
        newly_unpriced=[one for one in after.unpriced if one not in known],
    )


def _by_key(estimate: Estimate) -> Mapping[_Key, list[Line]]:
    found: dict[_Key, list[Line]] = {}
    for line in estimate.lines:
        found.setdefault(line.key, []).append(line)
    return found


def _changed(key: _Key, old: Sequence[Line], new: Sequence[Line]) -> ChangedLine:
    component, resource, item = key
    return ChangedLine(
        component=component,
        resource=resource,
        what=(new or old)[0].what,
        item=item,
        before=_usd(old),
        after=_usd(new),
    )


def _usd(lines: Sequence[Line]) -> Quantity:
    total = NOTHING
    for line in lines:
        total = total.plus(line.usd)
    return total
