"""The shop's stores, and where they are restored."""

from tests.workbench.operations.environments import AURORA, CLICKHOUSE, REDIS
from workbench.operations.stores.plan import Place
from workbench.stores import FileSystem

PLACE = Place(program="shop", stack="production", region="eu-west-1")

CERTIFICATES = FileSystem(label="Certificates", name="shop-certificates", restoring_role="shop-backup-restore")
STORES = (AURORA, REDIS, CLICKHOUSE, CERTIFICATES)
