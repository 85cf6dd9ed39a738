"""Releases of ClickHouse, and how long each is kept."""

from collections.abc import Mapping
from datetime import date

from workbench.operations.upkeep.releases import End, end
from workbench.program import Release
from workbench.stores import ClickHouseHost

PRODUCT = "ClickHouse"

_SOURCE = (
    "ClickHouse/ClickHouse utils/list-versions/version_date.tsv; docs, How to choose between ClickHouse releases: a "
    "long-term release for a year"
)
ENDS: Mapping[tuple[str, str], End] = {
    (PRODUCT, "24.3"): end(_SOURCE, date(2025, 3, 27)),
    (PRODUCT, "24.8"): end(_SOURCE, date(2025, 8, 21)),
    (PRODUCT, "25.3"): end(_SOURCE, date(2026, 3, 20)),
    (PRODUCT, "25.8"): end(_SOURCE, date(2026, 8, 29)),
    (PRODUCT, "26.3"): end(_SOURCE, date(2027, 3, 27)),
}


def release(store: ClickHouseHost) -> Release:
    """Return the release that a host's image is of."""
    tag = store.image.partition("@")[0].rpartition(":")[2]
    return Release(product=PRODUCT, release=".".join(tag.split(".")[:2]), setting=store.image_setting)
