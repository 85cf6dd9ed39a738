"""Until when the releases that an environment pins are kept by those who make them, as data.

A date is the first day without fixes that its source names, or that follows from the rule that the source gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from workbench.program import AuroraCluster, ClickHouseHost, Description, RedisNode, Release, Store


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
    ("Aurora MySQL", "3.08"): _end(_AURORA_SOURCE, date(2025, 11, 18)),
    ("Aurora MySQL", "3.09"): _end(_AURORA_SOURCE, date(2026, 5, 14)),
    ("Aurora MySQL", "3.10"): _end(_AURORA_SOURCE, date(2028, 4, 30)),
    ("Aurora MySQL", "3.11"): _end(_AURORA_SOURCE, date(2026, 11, 13)),
    ("Aurora MySQL", "3.12"): _end(_AURORA_SOURCE, date(2027, 2, 17)),
    ("Aurora MySQL", "3.13"): _end(_AURORA_SOURCE, date(2027, 8, 27)),
    ("ElastiCache for Redis OSS", "7"): _end(_ELASTICACHE_SOURCE, None),
    **{("ElastiCache for Valkey", major): _end(_ELASTICACHE_SOURCE, None) for major in ("7", "8", "9")},
    ("ClickHouse", "24.3"): _end(_CLICKHOUSE_SOURCE, date(2025, 3, 27)),
    ("ClickHouse", "24.8"): _end(_CLICKHOUSE_SOURCE, date(2025, 8, 21)),
    ("ClickHouse", "25.3"): _end(_CLICKHOUSE_SOURCE, date(2026, 3, 20)),
    ("ClickHouse", "25.8"): _end(_CLICKHOUSE_SOURCE, date(2026, 8, 29)),
    ("ClickHouse", "26.3"): _end(_CLICKHOUSE_SOURCE, date(2027, 3, 27)),
    ("Amazon Linux", "2023"): _end(
        "AL2023 User Guide, Release cadence: end of the maintenance phase", date(2029, 6, 30)
    ),
}
"""By product and release."""


def pinned(description: Description) -> Sequence[Release]:
    """Return the releases that a stack file pins."""
    stores = [release for store in description.stores for release in _of_store(store)]
    return stores if description.host_release is None else [*stores, description.host_release]


def _of_store(store: Store) -> Sequence[Release]:
    match store:
        case AuroraCluster():
            minor = ".".join(store.version.split(".")[3:5])
            return [Release(product="Aurora MySQL", release=minor, setting=store.version_setting)]
        case RedisNode():
            product = {"redis": "ElastiCache for Redis OSS", "valkey": "ElastiCache for Valkey"}[store.engine]
            return [Release(product=product, release=store.version.split(".")[0], setting=store.version_setting)]
        case ClickHouseHost():
            tag = store.image.partition("@")[0].rpartition(":")[2]
            minor = ".".join(tag.split(".")[:2])
            return [Release(product="ClickHouse", release=minor, setting=store.image_setting)]
        case _:
            return []
