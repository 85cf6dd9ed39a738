"""Versions of Redis and Valkey: the one that runs against the pinned one, and how long each is kept."""

from collections.abc import Mapping

from workbench.operations.upkeep.releases import End, end
from workbench.operations.upkeep.versions import Difference, VersionDifference, compared, numbers
from workbench.program import Release
from workbench.stores import RedisNode

PRODUCTS: Mapping[str, str] = {"redis": "ElastiCache for Redis OSS", "valkey": "ElastiCache for Valkey"}
"""By engine."""

_SOURCE = "ElastiCache User Guide, Engine versions: end of standard support"
ENDS: Mapping[tuple[str, str], End] = {
    (PRODUCTS["redis"], "7"): end(_SOURCE, None),
    **{(PRODUCTS["valkey"], major): end(_SOURCE, None) for major in ("7", "8", "9")},
}


def release(store: RedisNode) -> Release:
    """Return the major release that a node's version is of."""
    return Release(product=PRODUCTS[store.engine], release=store.version.split(".")[0], setting=store.version_setting)


def difference(store: RedisNode, running: str) -> VersionDifference | None:
    """Compare what runs, e.g. ``redis 7.1.0``, with what is pinned. The patch is AWS's own; None: they are the same."""
    engine, _, version = running.partition(" ")
    pinned = store.version
    setting = f'{store.version_setting}: "{".".join(version.split(".")[: pinned.count(".") + 1])}"'
    if engine != store.engine:
        return VersionDifference(
            store=store.label,
            running=running,
            pinned=f"{store.engine} {pinned}",
            setting=f"{store.engine_setting}: {engine} and {setting}",
            difference=Difference.AHEAD if engine == "valkey" else Difference.BEHIND,
            # "Engine versions", ElastiCache User Guide.
            downgrade="and nothing leads back from Valkey",
        )
    if version == pinned or version.startswith(f"{pinned}."):
        return None
    return VersionDifference(
        store=store.label,
        running=version,
        pinned=pinned,
        setting=setting,
        difference=compared(numbers(version), numbers(pinned)),
        # The provider's engine version is "ForceNew" on a downgrade (internal/service/elasticache/engine_version.go).
        downgrade="for which the provider replaces the node, and its data go",
    )
