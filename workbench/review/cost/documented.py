"""An estimate beside what the platform's documents say, and where the two differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.costs import DocumentedCosts
from workbench.review.cost.estimate import Estimate
from workbench.review.cost.wording import change, money


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The expected cost beside the documents', in US dollars a month."""

    documented: Decimal
    named: Mapping[str, Decimal]
    """Of what the documents name, by label."""
    not_named: Mapping[str, Decimal]

    @property
    def expected(self) -> Decimal:
        """The sum of both."""
        return sum((*self.named.values(), *self.not_named.values()), Decimal(0))

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "monthly_usd": float(self.documented),
            "difference_usd": float(self.expected - self.documented),
            "named_usd": {label: float(usd) for label, usd in self.named.items()},
            "not_named_usd": {label: float(usd) for label, usd in self.not_named.items()},
        }

    def lines(self) -> list[str]:
        """Return it for people to read, each line a paragraph."""
        named, others = sum(self.named.values(), Decimal(0)), sum(self.not_named.values(), Decimal(0))
        return [
            f"The documents say about {self.documented:f}; expected is {change(self.expected - self.documented)}:",
            f"  {change(named - self.documented)} in what they name, {money(named)}: {_parts(self.named)}",
            f"  {change(others)} in what they do not name: {_parts(self.not_named)}",
        ]


def compare_with_documents(estimate: Estimate, documented: Decimal, costs: DocumentedCosts) -> Comparison:
    """Return an estimate beside the sum that the documents say, in the groups that a program's documents have."""
    return Comparison(
        documented=documented,
        named={label: _sum(estimate, beginnings) for label, beginnings in costs.named.items()},
        not_named={label: _sum(estimate, beginnings) for label, beginnings in costs.not_named.items()},
    )


def _sum(estimate: Estimate, beginnings: tuple[str, ...]) -> Decimal:
    return sum((line.usd.expected for line in estimate.lines if line.item.startswith(beginnings)), Decimal(0))


def _parts(sums: Mapping[str, Decimal]) -> str:
    largest_first = sorted(sums.items(), key=lambda part: -part[1])
    return ", ".join(f"{label} {money(usd)}" for label, usd in largest_first if usd) or "nothing"
