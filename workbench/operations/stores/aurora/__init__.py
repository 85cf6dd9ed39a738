"""Clusters of Aurora MySQL."""

from workbench.operations.stores.entry import KindEntry
from workbench.stores import AuroraCluster

ENTRY = KindEntry(
    store_type=AuroraCluster,
    module="workbench.operations.stores.aurora.kind",
    verb="aurora",
    summary="Make a second Aurora cluster that holds what the live one held at a moment.",
    option="--at",
    metavar="TIME|latest",
    help="To the second, with its zone, e.g. 2026-11-25T10:15:00Z.",
)
