"""The kinds of stores that commands know: one list."""

from functools import cache
from typing import TYPE_CHECKING, Any

from workbench.operations.stores import aurora, clickhouse, efs, postgresql, redis, redis_host, search
from workbench.operations.stores.entry import KindEntry
from workbench.program import Description
from workbench.stores import Store

if TYPE_CHECKING:
    from workbench.operations.stores.kind import Kind, ManagedKind, ShownKind

ENTRIES: tuple[KindEntry, ...] = (
    aurora.ENTRY,
    postgresql.ENTRY,
    redis.ENTRY,
    redis_host.ENTRY,
    search.ENTRY,
    clickhouse.ENTRY,
    efs.ENTRY,
)


def entry_of(store: Store) -> KindEntry:
    """Return the entry of a store's kind."""
    return next(entry for entry in ENTRIES if entry.store_type is type(store))


def kind_of(store: Store) -> "Kind[Any, Any]":
    """Return a store's kind."""
    return _loaded(entry_of(store))


def managed(description: Description) -> "list[tuple[Store, ManagedKind[Any, Any]]]":
    """Return the stores that services of AWS run, with their kinds."""
    kinds = ((store, kind_of(store).managed) for store in description.stores)
    return [(store, kind) for store, kind in kinds if kind is not None]


def shown(description: Description) -> "list[tuple[Store, ShownKind[Any, Any]]]":
    """Return the stores that the status screen has rows for, with their kinds."""
    kinds = ((store, kind_of(store).shown) for store in description.stores)
    return [(store, kind) for store, kind in kinds if kind is not None]


@cache
def _loaded(entry: KindEntry) -> "Kind[Any, Any]":
    return entry.load()
