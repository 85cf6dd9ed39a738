"""An estimate beside what the platform's documents say, and where the two differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.review.cost.estimate import Estimate
from workbench.review.cost.wording import change, money

NAMED: Mapping[str, tuple[str, ...]] = {
    "Fargate": ("fargate.",),
    "Load balancers": ("alb.hour", "nlb.hour"),
    "NAT gateway": ("nat.hour",),
    "Aurora": ("aurora.",),
    "Redis": ("elasticache.",),
    "ClickHouse and bastion, with disks and snapshots": ("ec2.", "ebs."),
}
"""What the documents name, by the beginnings of items."""

NOT_NAMED: Mapping[str, tuple[str, ...]] = {
    "Public IPv4 addresses": ("ipv4.",),
    "Container Insights and other custom metrics": ("cloudwatch.custom_metric_month",),
    "Alarms": ("cloudwatch.alarm_month",),
    "Dashboards": ("cloudwatch.dashboard_month",),
    "Logs and flow logs": ("cloudwatch.logs.", "vpc_flow_logs."),
    "Traffic and capacity units": ("alb.lcu_hour", "nlb.nlcu_hour", "nat.gb", "transfer."),
    "Secrets and the alarm topic's key": ("secrets.", "kms."),
    "Certificates on EFS, images, access logs": ("efs.", "backup.", "ecr.", "s3."),
}
"""What they leave out, in the same way."""


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


def compare_with_documents(estimate: Estimate, documented: Decimal) -> Comparison:
    """Return an estimate beside what the documents say."""
    return Comparison(
        documented=documented,
        named={label: _sum(estimate, beginnings) for label, beginnings in NAMED.items()},
        not_named={label: _sum(estimate, beginnings) for label, beginnings in NOT_NAMED.items()},
    )


def _sum(estimate: Estimate, beginnings: tuple[str, ...]) -> Decimal:
    return sum((line.usd.expected for line in estimate.lines if line.item.startswith(beginnings)), Decimal(0))


def _parts(sums: Mapping[str, Decimal]) -> str:
    largest_first = sorted(sums.items(), key=lambda part: -part[1])
    return ", ".join(f"{label} {money(usd)}" for label, usd in largest_first if usd) or "nothing"
