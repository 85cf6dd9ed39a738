"""Restoring the stores of an environment: what there is to restore, and which store is meant."""

from datetime import datetime
from typing import Any

from workbench.aws.shared.wrappers import Wrappers
from workbench.operations.stores.choice import chosen_store
from workbench.operations.stores.kind import Kind
from workbench.operations.stores.kinds import kind_of
from workbench.operations.stores.plan import Place, Restoration, RestoreChoice
from workbench.operations.stores.points import StorePoints, judged
from workbench.program import Description


def restore_points(description: Description, wrappers: Wrappers, *, now: datetime) -> list[StorePoints]:
    """Return what every store can be restored to, with what is wrong about it."""
    found: list[StorePoints] = []
    for store in description.stores:
        kind = kind_of(store)
        is_only = len(description.stores_of(kind.store_type)) == 1
        points = kind.points(store, wrappers)
        name = kind.word if is_only else f"{kind.word} {store.label}"
        found.append(judged(name, points, now=now, oldest=kind.oldest_point))
    return found


def plan_restoration(
    program: str,
    description: Description,
    kind: Kind[Any, Any],
    label: str | None,
    choice: RestoreChoice,
    wrappers: Wrappers,
) -> Restoration:
    """Plan a copy of a program's store of a kind: of the only one, or of the one with a label.

    Raises:
        OperatorError: when there is no such store, or nothing of it to restore.
    """
    store = chosen_store(description, kind.store_type, label)
    is_only = len(description.stores_of(kind.store_type)) == 1
    place = Place(
        program=program,
        stack=description.stack,
        region=description.region,
        store=None if is_only else store.label,
    )
    return kind.restoration(store, place, choice, wrappers)
