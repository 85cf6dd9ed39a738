"""Versions of Aurora MySQL: the one that runs against the pinned one, and how long each is kept."""

import re
from collections.abc import Mapping
from datetime import date

from workbench.operations.upkeep.releases import End, end
from workbench.operations.upkeep.versions import VersionDifference, compared, numbers
from workbench.program import Release
from workbench.stores import AuroraCluster

PRODUCT = "Aurora MySQL"

_VERSION = re.compile(r"(?P<mysql>[\d.]+)\.mysql_aurora\.(?P<aurora>[\d.]+)")

_SOURCE = (
    "Aurora MySQL Release Notes, release dates; Aurora User Guide, Amazon Aurora version support: a minor for twelve "
    "months, a long-term one for three years or until standard support of MySQL 8.0 ends (2028-04-30)"
)
ENDS: Mapping[tuple[str, str], End] = {
    (PRODUCT, "3.08"): end(_SOURCE, date(2025, 11, 18)),
    (PRODUCT, "3.09"): end(_SOURCE, date(2026, 5, 14)),
    (PRODUCT, "3.10"): end(_SOURCE, date(2028, 4, 30)),
    (PRODUCT, "3.11"): end(_SOURCE, date(2026, 11, 13)),
    (PRODUCT, "3.12"): end(_SOURCE, date(2027, 2, 17)),
    (PRODUCT, "3.13"): end(_SOURCE, date(2027, 8, 27)),
}


def release(store: AuroraCluster) -> Release:
    """Return the minor release that a cluster's version is of."""
    minor = ".".join(store.version.split(".")[3:5])
    return Release(product=PRODUCT, release=minor, setting=store.version_setting)


def difference(store: AuroraCluster, running: str) -> VersionDifference | None:
    """Compare the version that runs with the pinned one; None: they are the same."""
    pinned = store.version
    if running == pinned:
        return None
    return VersionDifference(
        store=store.label,
        running=running,
        pinned=pinned,
        setting=f"{store.version_setting}: {running}",
        difference=compared(_numbers(running), _numbers(pinned)),
        downgrade="which RDS refuses",
        shown=(_short(running), _short(pinned)),
    )


def _short(version: str) -> str:
    return version.rpartition("mysql_aurora.")[2]


def _numbers(version: str) -> tuple[int, ...] | None:
    match = _VERSION.fullmatch(version)
    mysql, aurora = (None, None) if match is None else (numbers(match["mysql"]), numbers(match["aurora"]))
    return None if mysql is None or aurora is None else (*mysql, *aurora)
