"""Replication groups of ElastiCache, with Redis or Valkey."""

from workbench.operations.stores.entry import KindEntry
from workbench.stores import RedisNode

ENTRY = KindEntry(
    store_type=RedisNode,
    module="workbench.operations.stores.redis.kind",
    verb="redis",
    summary="Make a second Redis node that holds what a snapshot holds.",
    option="--snapshot",
    metavar="SNAPSHOT|latest",
    help="As `PROGRAM restore points` lists it.",
)
