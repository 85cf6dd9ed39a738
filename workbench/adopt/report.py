"""The report on a matching: four lists, for people and as JSON. No value of a secret is in it."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from workbench.adopt.danger import danger_of, names_of_records
from workbench.adopt.model import Ambiguity, Matching, Translated
from workbench.counting import counted
from workbench.review.cost.estimate import Estimate
from workbench.review.cost.wording import money

CostOf: TypeAlias = Callable[[str], Decimal | None]
"""Takes a logical name; returns US dollars a month, or None where that is not known."""


def cost_by_name(estimate: Estimate | None) -> CostOf:
    """Return what each resource costs by itself, without what it shares with others, such as traffic."""
    if estimate is None:
        return lambda _: None
    sums: dict[str, Decimal] = {}
    for line in estimate.lines:
        sums[line.resource] = sums.get(line.resource, Decimal(0)) + line.usd.expected
    unpriced = {one.resource for one in estimate.unpriced}
    prefix = estimate.prefix

    def cost(name: str) -> Decimal | None:
        short = name.removeprefix(prefix)
        return None if short in unpriced and short not in sums else sums.get(short, Decimal(0))

    return cost


def matching_json(matching: Matching, cost: CostOf, there: Mapping[str, str]) -> dict[str, Any]:
    """Return the four lists as a JSON object. ``there`` has the address of what Terraform only looks up, by name."""
    return {
        "matched": [
            {
                "address": pair.found.instance.address,
                "type": pair.resource.type,
                "name": pair.resource.name,
                "id": pair.id,
                "proof": pair.proof,
            }
            for pair in matching.matched
        ],
        "program_only": [
            {
                "type": each.type,
                "name": each.name,
                "usd_per_month": _number(cost(each.name)),
                **({"looked_up_as": there[each.name]} if each.name in there else {}),
            }
            for each in matching.program_only
        ],
        "state_only": [
            {
                "address": each.instance.address,
                **_part(each),
                "type": each.instance.type,
                "danger": _danger(matching, each),
            }
            for each in matching.state_only
        ],
        "ambiguous": [
            {
                "type": each.resource.type,
                "name": each.resource.name,
                "candidates": [{"address": one.instance.address, **_part(one)} for one in each.candidates],
                "why": each.why,
            }
            for each in matching.ambiguous
        ],
    }


def matching_lines(matching: Matching, cost: CostOf, there: Mapping[str, str], *, full: bool) -> Iterator[str]:
    """Yield the four lists for people: first how many, then each in a paragraph.

    Without ``full`` proved pairs are only counted, and of what is created only what costs something is listed.
    """
    costs = {each.name: cost(each.name) for each in matching.program_only}
    total = sum((usd for usd in costs.values() if usd is not None), Decimal(0))
    yield (
        f"{len(matching.matched)} matched, {len(matching.program_only)} in the program only, "
        f"{len(matching.state_only)} in the state only, {len(matching.ambiguous)} ambiguous."
    )
    yield from _paragraph(
        f"{counted(len(matching.matched), 'pair')} proved, to be imported:",
        [
            f"{pair.resource.name}  {_kind(pair.resource.type)}\n    {_shown(pair.found)} as {pair.id}: {pair.proof}"
            for pair in matching.matched
            if full
        ],
    )
    yield from _paragraph(
        f"{counted(len(costs), 'resource')} in the program only, to be created for {money(total)} USD a month:",
        [
            f"{each.name}  {_kind(each.type)}{said}"
            for each in matching.program_only
            if (said := _usd(costs[each.name]) + _there(there.get(each.name))) or full
        ],
    )
    yield from _paragraph(
        f"{counted(len(matching.state_only), 'thing')} in the state only, which stay and which nobody manages:",
        [f"{_shown(each)}\n    {_danger(matching, each)}" for each in matching.state_only],
    )
    yield from _paragraph(
        f"{counted(len(matching.ambiguous), 'resource')} ambiguous, to be created unless a person confirms the pair, "
        "by a line of matches.STACK.yaml:",
        [_suggestion(each) for each in matching.ambiguous],
    )


def _paragraph(headline: str, entries: list[str]) -> Iterator[str]:
    if entries:
        yield ""
        yield headline
        yield from (f"  {entry}" for entry in entries)


def _suggestion(ambiguity: Ambiguity) -> str:
    first, *others = ambiguity.candidates
    more = f"; or {', '.join(map(_shown, others))}" if others else ""
    return f"{ambiguity.resource.name}: {_shown(first)}\n    {ambiguity.why}{more}"


def _kind(token: str) -> str:
    return token.rpartition(":")[2]


def _shown(item: Translated) -> str:
    return f"{item.instance.address} {item.instance.part}".rstrip()


def _part(item: Translated) -> Mapping[str, str]:
    return {"part": item.instance.part} if item.instance.part else {}


def _danger(matching: Matching, item: Translated) -> str:
    made = (*matching.program_only, *(each.resource for each in matching.ambiguous))
    shared = matching.shared.get(item.instance.address, ()) if not item.instance.part else ()
    return danger_of(item, shared, names_of_records(made))


def _there(address: str | None) -> str:
    if address is None:
        return ""
    return f"\n    there already: Terraform looks it up as {address}, and the first `pulumi up` can't make another"


def _usd(cost: Decimal | None) -> str:
    if cost is None:
        return "  cost not known"
    return f"  {money(cost)} USD a month" if cost else ""


def _number(cost: Decimal | None) -> float | None:
    return None if cost is None else float(cost)
