"""The figures of the written pages: what the program, the prices and the quotas give."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.workbench.review.cost.plans import prices, shown
from tests.zelly_infra import facts
from tests.zelly_infra.evaluations import evaluated, evaluation_of
from tests.zelly_infra.review.estimates import estimate_of, usage_of
from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes
from workbench.cli.cost.view import difference_view, estimate_view
from workbench.review.cost.difference import difference
from workbench.review.cost.documented import compare_with_documents
from workbench.review.cost.estimate import Estimate, Line, estimate
from workbench.review.cost.plan import plan_of
from workbench.review.cost.savings import savings
from workbench.review.cost.usage import Usage
from workbench.review.cost.wording import money
from workbench.review.quotas.needs import needs
from zelly_infra.cost_switches import SWITCHES
from zelly_infra.documented_costs import DOCUMENTED_COSTS
from zelly_infra.stack_file import KEY, read_stack_file

PAGE = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
STACKS = ("production", "staging")


def _sum(stack: str, *beginnings: str) -> Decimal:
    return sum((line.usd.expected for line in _lines(stack) if line.item.startswith(beginnings)), Decimal(0))


def _lines(stack: str) -> list[Line]:
    return [*estimate_of(stack).lines]


def _row(label: str, *beginnings: str, mark: str = "") -> str:
    cells = [f"{mark}{money(_sum(stack, *beginnings))}{mark}" for stack in STACKS]
    return f"| {mark}{label}{mark} | {cells[0]} | {cells[1]} |"


def test_every_line_is_in_one_row_of_the_table() -> None:
    rows = [
        beginnings for group in (DOCUMENTED_COSTS.named, DOCUMENTED_COSTS.not_named) for beginnings in group.values()
    ]
    for stack in STACKS:
        for line in _lines(stack):
            assert sum(line.item.startswith(beginnings) for beginnings in rows) == 1, line.item


def stale_table() -> list[str]:
    """Return what the table of expected costs lacks: what the documents name, and what they do not."""
    named, others = (
        tuple(one for row in group.values() for one in row)
        for group in (DOCUMENTED_COSTS.named, DOCUMENTED_COSTS.not_named)
    )
    expected = [
        *(_row(label, *beginnings) for label, beginnings in DOCUMENTED_COSTS.named.items()),
        _row("named in the documents", *named, mark="**"),
        *(_row(label, *beginnings) for label, beginnings in DOCUMENTED_COSTS.not_named.items()),
        _row("not named", *others, mark="**"),
        _row("expected, a month", "", mark="**"),
    ]
    shown_there = [line for line in PAGE.splitlines() if line in expected]
    return [] if shown_there == expected else expected


def stale_words() -> list[str]:
    """Return the sentences with figures that the page lacks."""
    addresses = {stack: _sum(stack, "ipv4.") / Decimal("3.65") for stack in STACKS}
    (capacity,) = [line for line in _lines("production") if "acu_hour" in line.item]
    at_one_acu = _sum("production", "") + (1 - Decimal("0.6")) * 730 * capacity.price.usd
    sentences = [
        *(f"{count:.0f} public IPv4 addresses in {stack}" for stack, count in addresses.items()),
        f"{money(at_one_acu)} USD at 1 ACU on average",
    ]
    return [sentence for sentence in sentences if sentence not in PAGE]


def _block(command: str, page: str = PAGE) -> list[str]:
    """Return what a page shows below a command."""
    return page.split(f"$ {command}\n", 1)[1].split("```", 1)[0].splitlines()


def _not_printed(block: list[str], printed: list[str]) -> list[str]:
    assert len(block) > 5
    return [line for line in block if line not in ("…", *printed)]


def stale_estimate() -> list[str]:
    return _not_printed(_block("zelly cost production --lines"), _printed(lines=True))


def stale_sums() -> list[str]:
    page = (ROOT / "docs" / "plans.md").read_text(encoding="utf-8")
    return _not_printed(_block("zelly cost production", page), _printed(lines=False))


def _printed(*, lines: bool) -> list[str]:
    found = estimate_of("production")
    documented = usage_of("production").documented_usd_per_month
    assert documented is not None
    comparison = compare_with_documents(found, documented, DOCUMENTED_COSTS)
    return shown(estimate_view(found, comparison, lines=lines, columns=10_000))


def stale_difference() -> list[str]:
    file = read_stack_file("production", ROOT)
    changes = {
        "redis/node_type": "cache.t4g.medium",
        "aurora/engine_version": "8.0.mysql_aurora.3.10.0",
        "clickhouse/volume_gib": 25,
    }
    environment = json.dumps(with_changes(environment_of("production"), changes))
    changed = evaluated(file, config={**file.config, KEY: environment})
    assumed = usage_of("production")
    before, after = (
        estimate(plan_of("production", file.environment.region, one.resources, assumed), prices())
        for one in (evaluation_of("production"), changed)
    )
    block = _block("zelly cost production --against main")
    label = block[0].split(" against ", 1)[1].split(", USD", 1)[0]
    printed = shown(difference_view(difference(before, after, base=label)))
    return [] if block == printed else printed


def stale_quotas() -> list[str]:
    """Return the rows of quotas that the first day's page lacks or has wrong: those that production comes near."""
    page = (ROOT / "docs" / "first-day.md").read_text(encoding="utf-8")
    table = page.partition("## 2. Quotas")[2].partition("## 3.")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:2] == "| "]
    stated = {
        re.sub(r".*`(.*)`", r"\1", name): (int(default), float(steady), int(most.partition(":")[0]))
        for name, default, steady, most, _ in cells[1:]
    }
    near = {
        need.quota.code: (need.quota.default, next(iter(need.situations.values())), need.peak)
        for need in needs(evaluation_of("production").resources).needs
        if need.standing(need.quota.default) != "within"
    }
    return [f"{code}: {near.get(code)}" for code in near.keys() | stated.keys() if near.get(code) != stated.get(code)]


def without_a_price() -> list[str]:
    return [f"{stack}: {one}" for stack in STACKS for one in estimate_of(stack).unpriced]


def far_from_the_documents() -> list[str]:
    """Return the expected costs that are further from the documents' than the page explains."""
    expected = {stack: (estimate_of(stack).usd.expected, facts.ENVIRONMENTS[stack].monthly_usd) for stack in STACKS}
    part = {"production": Decimal("0.15"), "staging": Decimal("0.35")}
    return [f"{stack}: {usd}" for stack, (usd, said) in expected.items() if abs(usd - said) > part[stack] * said]


SWITCHES_OF_PRODUCTION = [
    "services on ARM64",
    "hosts on Graviton",
    "one shared application load balancer",
    "one Elastic IP for the storefront",
    "NAT instance instead of the gateway",
    "Container Insights off",
    "Valkey in the place of Redis",
]
SAVINGS = {
    "production": (SWITCHES_OF_PRODUCTION, 330),
    # Container Insights are off in staging already, and Aurora pauses.
    "staging": (
        [
            *(name for name in SWITCHES_OF_PRODUCTION if name != "Container Insights off"),
            "Fargate Spot",
            "nightly stop, weekends too",
        ],
        160,
    ),
}
"""The switches that save something in a stack, and below how many US dollars a month all of them bring it."""


def stale_savings() -> list[str]:
    """Return what is wrong with the savings of each stack, or missing on the page."""
    return [f"{stack}: {line}" for stack in STACKS for line in _savings_of(stack)]


def _savings_of(stack: str) -> Iterator[str]:
    file, (switches, wanted_usd) = read_stack_file(stack, ROOT), SAVINGS[stack]

    def price(environment: Mapping[str, Any], assumed: Usage) -> Estimate:
        made = evaluated(file, config={**file.config, KEY: json.dumps(environment)})
        return estimate(plan_of(stack, file.environment.region, made.resources, assumed), prices())

    interrupting = not file.environment.deletion_protection
    present, found, together = savings(
        environment_of(stack), usage_of(stack), price, SWITCHES, interrupting=interrupting
    )
    saved, usd = {one.switch.name: one.usd for one in found}, together.usd.expected
    if list(saved) != switches or min(saved.values()) <= 0:
        yield f"switches: {saved}"
    # ARM64 and Spot save parts of the same; three metrics of a NAT instance are free once Container Insights is off.
    if not max(saved.values()) < present.usd.expected - usd <= sum(saved.values()) + 3 * Decimal("0.30"):
        yield f"all of them: {present.usd.expected - usd}"
    if together.unpriced or usd >= wanted_usd:
        yield f"with all of them: {usd}, without a price: {together.unpriced}"
    if f"\n{money(present.usd.expected)} now, {money(usd)} with all of them.\n" not in PAGE:
        yield f"the page lacks: {money(present.usd.expected)} now, {money(usd)} with all of them."
    yield from (
        f"the page lacks: {name}: {money(one)}"
        for name, one in saved.items()
        if f"\n{name} " not in PAGE or f" {money(one)}  " not in PAGE
    )


CHECKS = (
    stale_savings,
    stale_table,
    stale_words,
    stale_estimate,
    stale_sums,
    stale_difference,
    stale_quotas,
    without_a_price,
    far_from_the_documents,
)


def test_pages_say_what_the_program_the_prices_and_the_quotas_give() -> None:
    stale = {check.__name__: lines for check in CHECKS if (lines := check())}
    assert stale == {}
