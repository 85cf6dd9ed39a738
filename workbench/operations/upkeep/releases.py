"""Until when the releases that an environment pins are kept by those who make them, as data.

A date is the first day without fixes that its source names, or that follows from the rule that the source gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from workbench.operations.images.references import parsed

if TYPE_CHECKING:
    from zelly_infra.config import EnvironmentConfig

AURORA = "Aurora MySQL"
REDIS = "ElastiCache for Redis OSS"
VALKEY = "ElastiCache for Valkey"
CLICKHOUSE = "ClickHouse"
LINUX = "Amazon Linux"

SETTINGS: Mapping[str, str] = {
    AURORA: "aurora.engine_version",
    REDIS: "redis.engine_version",
    VALKEY: "redis.engine_version",
    CLICKHOUSE: "clickhouse.image",
    LINUX: "the ami_id of each host",
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
    (AURORA, "3.08"): _end(_AURORA_SOURCE, date(2025, 11, 18)),
    (AURORA, "3.09"): _end(_AURORA_SOURCE, date(2026, 5, 14)),
    (AURORA, "3.10"): _end(_AURORA_SOURCE, date(2028, 4, 30)),
    (AURORA, "3.11"): _end(_AURORA_SOURCE, date(2026, 11, 13)),
    (AURORA, "3.12"): _end(_AURORA_SOURCE, date(2027, 2, 17)),
    (AURORA, "3.13"): _end(_AURORA_SOURCE, date(2027, 8, 27)),
    (REDIS, "7"): _end(_ELASTICACHE_SOURCE, None),
    **{(VALKEY, major): _end(_ELASTICACHE_SOURCE, None) for major in ("7", "8", "9")},
    (CLICKHOUSE, "24.3"): _end(_CLICKHOUSE_SOURCE, date(2025, 3, 27)),
    (CLICKHOUSE, "24.8"): _end(_CLICKHOUSE_SOURCE, date(2025, 8, 21)),
    (CLICKHOUSE, "25.3"): _end(_CLICKHOUSE_SOURCE, date(2026, 3, 20)),
    (CLICKHOUSE, "25.8"): _end(_CLICKHOUSE_SOURCE, date(2026, 8, 29)),
    (CLICKHOUSE, "26.3"): _end(_CLICKHOUSE_SOURCE, date(2027, 3, 27)),
    (LINUX, "2023"): _end("AL2023 User Guide, Release cadence: end of the maintenance phase", date(2029, 6, 30)),
}
"""By product and release."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A release past its end that is pinned all the same."""

    until: date
    """The last day on which it is no finding."""
    reason: str


ACCEPTED: Mapping[tuple[str, str], Accepted] = {
    (CLICKHOUSE, "24.3"): Accepted(
        until=date(2027, 11, 30),
        reason="the platform's documents name it; no other host than its clients reaches it",
    ),
}
"""As the rules' exceptions: with a reason, and a last day."""


def pinned_releases(config: "EnvironmentConfig") -> Mapping[str, str]:
    """Return, of each product that a config pins, the release whose support ends as a whole."""
    return {
        AURORA: ".".join(config.aurora.engine_version.split(".")[3:5]),
        {"redis": REDIS, "valkey": VALKEY}[config.redis.engine]: config.redis.engine_version.split(".")[0],
        CLICKHOUSE: ".".join((parsed(config.clickhouse.image).tag or "no tag").split(".")[:2]),
        # What the hosts' boot documents are written for.
        LINUX: "2023",
    }
