"""The kinds of stores that commands know."""

from typing import Any

from workbench.operations.stores.aurora.kind import Aurora
from workbench.operations.stores.clickhouse.kind import ClickHouse
from workbench.operations.stores.efs.kind import Efs
from workbench.operations.stores.kind import Kind, ManagedKind
from workbench.operations.stores.redis.kind import Redis
from workbench.program import Description, Store

KINDS: tuple[Kind[Any, Any], ...] = (Aurora(), Redis(), ClickHouse(), Efs())


def kind_of(store: Store) -> Kind[Any, Any]:
    """Return the kind of a store."""
    return next(kind for kind in KINDS if kind.store_type is type(store))


def managed(description: Description) -> list[tuple[Store, ManagedKind[Any, Any]]]:
    """Return the stores that services of AWS run, with their kinds."""
    return [(store, kind) for store in description.stores if isinstance(kind := kind_of(store), ManagedKind)]
