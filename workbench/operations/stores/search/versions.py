"""Releases of Meilisearch, and how long each is kept."""

from collections.abc import Mapping
from datetime import date

from workbench.operations.upkeep.releases import End, end
from workbench.program import Release
from workbench.stores import SearchHost

PRODUCT = "Meilisearch"

ENDS: Mapping[tuple[str, str], End] = {
    (PRODUCT, "1.7"): end(
        "endoflife.date, Meilisearch: only the latest release gets fixes. The day of 1.8 is from memory",
        date(2024, 5, 6),
    ),
}
"""Of the releases that are pinned somewhere: each ends with the next one."""


def release(store: SearchHost) -> Release:
    """Return the release that a version is of."""
    return Release(product=PRODUCT, release=".".join(store.version.split(".")[:2]), setting=store.version_setting)
