"""Meilisearch on hosts of EC2."""

from workbench.operations.stores.entry import KindEntry
from workbench.stores import SearchHost

ENTRY = KindEntry(
    store_type=SearchHost,
    module="workbench.operations.stores.search.kind",
    verb="search",
    summary="Make a second volume of a snapshot of Meilisearch's, in the zone of its host.",
    option="--snapshot",
    metavar="SNAPSHOT|latest",
    help="As `PROGRAM restore points` lists it.",
)
