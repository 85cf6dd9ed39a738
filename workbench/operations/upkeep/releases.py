"""Until when the releases that an environment pins are kept by those who make them, as data.

A date is the first day without fixes that its source names, or that follows from the rule that the source gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from workbench.program import Product

SETTINGS: Mapping[str, str] = {
    Product.AURORA: "aurora.engine_version",
    Product.REDIS: "redis.engine_version",
    Product.VALKEY: "redis.engine_version",
    Product.CLICKHOUSE: "clickhouse.image",
    Product.LINUX: "the ami_id of each host",
}
"""The key of the stack file that pins each product."""


@dataclass(frozen=True, kw_only=True)
class End:
    """The end of a release's support."""

    on: date | None
    """None: no day is announced."""
    source: str
    read: date
    """When that was looked up."""


_AURORA_SOURCE = (
    "Aurora MySQL Release Notes, release dates; Aurora User Guide, Amazon Aurora version support: a minor for twelve "
    "months, a long-term one for three years or until standard support of MySQL 8.0 ends (2028-04-30)"
)
_CLICKHOUSE_SOURCE = (
    "ClickHouse/ClickHouse utils/list-versions/version_date.tsv; docs, How to choose between ClickHouse releases: a "
    "long-term release for a year"
)
_ELASTICACHE_SOURCE = "ElastiCache User Guide, Engine versions: end of standard support"
_READ = date(2026, 11, 30)


def _end(source: str, on: date | None) -> End:
    return End(on=on, source=source, read=_READ)


ENDS: Mapping[tuple[str, str], End] = {
    (Product.AURORA, "3.08"): _end(_AURORA_SOURCE, date(2025, 11, 18)),
    (Product.AURORA, "3.09"): _end(_AURORA_SOURCE, date(2026, 5, 14)),
    (Product.AURORA, "3.10"): _end(_AURORA_SOURCE, date(2028, 4, 30)),
    (Product.AURORA, "3.11"): _end(_AURORA_SOURCE, date(2026, 11, 13)),
    (Product.AURORA, "3.12"): _end(_AURORA_SOURCE, date(2027, 2, 17)),
    (Product.AURORA, "3.13"): _end(_AURORA_SOURCE, date(2027, 8, 27)),
    (Product.REDIS, "7"): _end(_ELASTICACHE_SOURCE, None),
    **{(Product.VALKEY, major): _end(_ELASTICACHE_SOURCE, None) for major in ("7", "8", "9")},
    (Product.CLICKHOUSE, "24.3"): _end(_CLICKHOUSE_SOURCE, date(2025, 3, 27)),
    (Product.CLICKHOUSE, "24.8"): _end(_CLICKHOUSE_SOURCE, date(2025, 8, 21)),
    (Product.CLICKHOUSE, "25.3"): _end(_CLICKHOUSE_SOURCE, date(2026, 3, 20)),
    (Product.CLICKHOUSE, "25.8"): _end(_CLICKHOUSE_SOURCE, date(2026, 8, 29)),
    (Product.CLICKHOUSE, "26.3"): _end(_CLICKHOUSE_SOURCE, date(2027, 3, 27)),
    (Product.LINUX, "2023"): _end(
        "AL2023 User Guide, Release cadence: end of the maintenance phase", date(2029, 6, 30)
    ),
}
"""By product and release."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A release past its end that is pinned all the same."""

    until: date
    """The last day on which it is no finding."""
    reason: str


ACCEPTED: Mapping[tuple[str, str], Accepted] = {
    (Product.CLICKHOUSE, "24.3"): Accepted(
        until=date(2027, 11, 30),
        reason="the platform's documents name it; no other host than its clients reaches it",
    ),
}
"""As the rules' exceptions: with a reason, and a last day."""
