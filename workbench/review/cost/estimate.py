"""The estimate of a plan: lines with quantity, price and source, and what has no price."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby

from workbench.errors import OperatorError
from workbench.review.cost.plan import Charge, Finding, Plan, Resource, Unknown
from workbench.review.cost.prices import Price, PriceTable
from workbench.review.cost.quantity import Quantity
from workbench.review.cost.shared import SHARED
from workbench.review.cost.types import PRICED, is_known
from workbench.review.cost.usage import NotAssumed

_CENT = Decimal("0.01")
NOTHING = Quantity.fixed(0)
_TOGETHER = "together"
"""Stands for the resource in what several resources share."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the bill."""

    component: str
    resource: str
    """The resource's name without the stack's prefix; ``together`` for what several share."""
    what: str
    item: str
    quantity: Quantity
    price: Price
    usd: Quantity
    """A month, to the cent."""


@dataclass(frozen=True, kw_only=True)
class Unpriced:
    """A part that costs something and is in no line."""

    component: str
    resource: str
    type: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The cost of a stack a month, in US dollars, without tax."""

    stack: str
    prefix: str
    """How the names of the stack's resources begin."""
    region: str
    prices_of: str
    """The region whose prices these are: another one where the table has none of this one."""
    lines: Sequence[Line]
    unpriced: Sequence[Unpriced]

    @property
    def usd(self) -> Quantity:
        """The sum of the lines."""
        return _sum(self.lines)

    @property
    def unverified_usd(self) -> Decimal:
        """The part of the expected sum that stands on prices without a source."""
        return sum((line.usd.expected for line in self.lines if not line.price.verified), Decimal(0))

    @property
    def price_dates(self) -> tuple[str, str] | None:
        """The oldest and the newest date of a price that counts; None where none has a date."""
        dates = sorted(line.price.date for line in self.lines if line.price.date is not None)
        return (dates[0], dates[-1]) if dates else None

    def by_component(self) -> list[tuple[str, Quantity, list[Line]]]:
        """Return the lines in their groups, in order, each with its sum."""
        groups = [(name, list(lines)) for name, lines in groupby(self.lines, key=lambda line: line.component)]
        return [(name, _sum(lines), lines) for name, lines in groups]


def estimate(plan: Plan, prices: PriceTable) -> Estimate:
    """Return what a plan costs, at another region's prices where the table has none of the stack's.

    Raises:
        OperatorError: with one line for each assumption that a price depends on and that nobody has made.
    """
    lines: list[Line] = []
    unpriced: list[Unpriced] = []
    missing: list[str] = []
    for found in _findings(plan, missing):
        result = _priced(found, prices)
        if isinstance(result, Line):
            lines.append(result)
        else:
            unpriced.append(result)
    if missing:
        raise OperatorError(*sorted({*missing}))
    return Estimate(
        stack=plan.stack,
        prefix=plan.prefix,
        region=plan.region,
        prices_of=prices.lender(plan.region) or plan.region,
        lines=_ordered(lines),
        unpriced=unpriced,
    )


@dataclass(frozen=True, kw_only=True)
class _Found:
    component: str
    resource: str
    type: str
    region: str
    finding: Finding


def _findings(plan: Plan, missing: list[str]) -> Iterator[_Found]:
    for resource in plan.resources:
        findings = _attempted(_of_type(resource, plan), missing)
        yield from (_of_resource(resource, finding, plan) for finding in findings)
    for shared in SHARED:
        resources = [resource for type_token in shared.types for resource in plan.of_type(type_token)]
        if resources:
            for finding in _attempted(shared.price(resources, plan), missing):
                yield _Found(
                    component=shared.group,
                    resource=_TOGETHER,
                    type=shared.types[0],
                    region=_region(resources[0], plan),
                    finding=finding,
                )


def _attempted(findings: Iterable[Finding], missing: list[str]) -> Iterator[Finding]:
    """Yield findings, and last what kept them from going on: an input that is left out, or known by AWS alone.

    An assumption that is left out is noted in ``missing``.
    """
    try:
        yield from findings
    except NotAssumed as error:
        missing.append(str(error))
    except KeyError as error:
        yield Unknown(f"its price depends on {error.args[0]}, which is left out or not one that has a price")
    except (ValueError, ArithmeticError):
        yield Unknown("its price depends on a value that only a deployment can tell")


def _of_type(resource: Resource, plan: Plan) -> Iterable[Finding]:
    if not is_known(resource.type):
        return [Unknown("the type has no price, and no reason to have none")]
    priced = PRICED.get(resource.type)
    return priced(resource, plan) if priced is not None else []


def _of_resource(resource: Resource, finding: Finding, plan: Plan) -> _Found:
    return _Found(
        component=plan.component(resource),
        resource=plan.short(resource.name),
        type=resource.type,
        region=_region(resource, plan),
        finding=finding,
    )


def _region(resource: Resource, plan: Plan) -> str:
    return str(resource.inputs.get("region", plan.region))


def _priced(found: _Found, prices: PriceTable) -> Line | Unpriced:
    finding = found.finding
    if isinstance(finding, Charge):
        region = finding.region or found.region
        price = prices.price_or_lent(region, finding.item)
        if price is not None:
            return Line(
                component=found.component,
                resource=found.resource,
                what=finding.what,
                item=finding.item,
                quantity=finding.quantity,
                price=price,
                usd=finding.quantity.map(lambda value: (value * price.usd).quantize(_CENT, ROUND_HALF_EVEN)),
            )
        reason = f"{finding.what}: no price of {finding.item} in {region}"
    else:
        reason = finding.reason
    return Unpriced(component=found.component, resource=found.resource, type=found.type, reason=reason)


def _ordered(lines: Sequence[Line]) -> list[Line]:
    """Return the lines by component, the dearest first; what is shared keeps the order of its table, at the end."""
    own = [line for line in lines if line.resource != _TOGETHER]
    sums: dict[str, Decimal] = {}
    for line in own:
        sums[line.component] = sums.get(line.component, Decimal(0)) + line.usd.expected
    own.sort(key=lambda line: (-sums[line.component], line.component))
    return [*own, *(line for line in lines if line.resource == _TOGETHER)]


def _sum(lines: Iterable[Line]) -> Quantity:
    total = NOTHING
    for line in lines:
        total = total.plus(line.usd)
    return total
