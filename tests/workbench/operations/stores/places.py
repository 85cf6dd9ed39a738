"""The shop's stores, where they are restored, and who waits for it."""

from tests.workbench.operations.clocks import FakeClock
from tests.workbench.operations.environments import AURORA, CLICKHOUSE, REDIS
from workbench.operations.stores.restoration import Place
from workbench.operations.stores.waiting import Patience
from workbench.stores import FileSystem

PLACE = Place(program="shop", stack="production", region="eu-west-1")

CERTIFICATES = FileSystem(label="Certificates", name="shop-certificates", restoring_role="shop-backup-restore")
STORES = (AURORA, REDIS, CLICKHOUSE, CERTIFICATES)


def patience(clock: FakeClock | None = None, *, waits: bool = True) -> Patience:
    """Return the patience of somebody who hears of nothing."""
    return Patience(hear=list[str]().append, clock=clock or FakeClock(), waits=waits)
