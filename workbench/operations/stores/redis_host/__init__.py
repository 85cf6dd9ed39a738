"""Redis on hosts of EC2."""

from workbench.operations.stores.entry import KindEntry
from workbench.stores import RedisHost

ENTRY = KindEntry(
    store_type=RedisHost,
    module="workbench.operations.stores.redis_host.kind",
    verb="redis-host",
    summary="Make a second volume of a snapshot of a Redis host's, in the zone of the host.",
    option="--snapshot",
    metavar="SNAPSHOT|latest",
    help="As `PROGRAM restore points` lists it.",
)
