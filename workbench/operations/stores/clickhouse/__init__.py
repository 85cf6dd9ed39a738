"""ClickHouse on hosts of EC2."""

from workbench.operations.stores.entry import KindEntry
from workbench.stores import ClickHouseHost

ENTRY = KindEntry(
    store_type=ClickHouseHost,
    module="workbench.operations.stores.clickhouse.kind",
    verb="clickhouse",
    summary="Make a second volume of a snapshot of ClickHouse's, in the zone of its host.",
    option="--snapshot",
    metavar="SNAPSHOT|latest",
    help="As `PROGRAM restore points` lists it.",
)
