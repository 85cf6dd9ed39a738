"""Versions of RDS for PostgreSQL: the one that runs against the pinned one, and how long each is kept."""

from collections.abc import Mapping, Sequence
from datetime import date

from workbench.operations.upkeep.releases import End, end
from workbench.operations.upkeep.versions import VersionDifference, compared, numbers
from workbench.program import Release
from workbench.stores import PostgresInstance

PRODUCT = "RDS for PostgreSQL"

_MAJOR = (
    "PostgreSQL's versioning policy: five years of fixes, for 16 until 2028-11-09; release calendar of RDS for "
    "PostgreSQL: standard support until the February after, then Extended Support at a price by the vCPU (both from "
    "memory)"
)
_MINOR = (
    "AWS Health: minor versions 16.5 to 16.8 reach the end of standard support, and are upgraded to 16.11 or higher"
)

ENDS: Mapping[tuple[str, str], End] = {
    (PRODUCT, "16"): end(_MAJOR, date(2029, 2, 28)),
    **{(PRODUCT, f"16.{minor}"): end(_MINOR, date(2026, 5, 31)) for minor in range(5, 9)},
}
"""Of minors only those are here whose end AWS has named; the others end when it names a day."""


def releases(store: PostgresInstance) -> Sequence[Release]:
    """Return the major release that an instance's version is of, and the minor one where its end is named."""
    major = store.version.partition(".")[0]
    found = [(PRODUCT, major), *([(PRODUCT, store.version)] if (PRODUCT, store.version) in ENDS else [])]
    return [Release(product=product, release=release, setting=store.version_setting) for product, release in found]


def difference(store: PostgresInstance, running: str) -> VersionDifference | None:
    """Compare the version that runs with the pinned one; None: they are the same."""
    pinned = store.version
    if running == pinned:
        return None
    return VersionDifference(
        store=store.label,
        running=running,
        pinned=pinned,
        setting=f'{store.version_setting}: "{running}"',
        difference=compared(numbers(running), numbers(pinned)),
        downgrade="which RDS refuses",
        shown=(running, pinned),
    )
