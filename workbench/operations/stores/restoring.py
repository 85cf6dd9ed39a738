"""Restoring the stores of an environment: what there is to restore, and which store is meant."""

from datetime import datetime

from workbench.aws.shared.wrappers import Wrappers
from workbench.errors import OperatorError
from workbench.operations.stores.choice import chosen_store
from workbench.operations.stores.entry import KindEntry
from workbench.operations.stores.kinds import entry_of, kind_of
from workbench.operations.stores.points import StorePoints, judged
from workbench.operations.stores.restoration import Place, Restoration, RestoreChoice
from workbench.operations.stores.switching import Readers, Switching
from workbench.program import Description


def restore_points(description: Description, wrappers: Wrappers, *, now: datetime) -> list[StorePoints]:
    """Return what every store can be restored to, with what is wrong about it."""
    found: list[StorePoints] = []
    for store in description.stores:
        entry, kind = entry_of(store), kind_of(store)
        is_only = len(description.stores_of(entry.store_type)) == 1
        name = entry.verb if is_only else f"{entry.verb} {store.label}"
        found.append(judged(name, kind.points(store, wrappers), now=now, oldest=kind.oldest_point))
    return found


def plan_restoration(
    description: Description,
    entry: KindEntry,
    label: str | None,
    choice: RestoreChoice,
    *,
    program: str,
    wrappers: Wrappers,
) -> Restoration:
    """Plan a copy of a program's store of a kind: of the only one, or of the one with a label.

    Raises:
        OperatorError: when there is no such store, or nothing of it to restore.
    """
    store = chosen_store(description, entry.store_type, label)
    is_only = len(description.stores_of(entry.store_type)) == 1
    place = Place(
        program=program,
        stack=description.stack,
        region=description.region,
        store=None if is_only else store.label,
    )
    return kind_of(store).restoration(store, place, choice, wrappers)


def plan_switching(
    description: Description,
    label: str | None,
    target: str,
    *,
    program: str,
    readers: Readers,
    wrappers: Wrappers,
) -> Switching:
    """Plan that a copy takes over from a program's store: the only one that a command can switch, or that of a label.

    Raises:
        OperatorError: when there is no such store, or the copy cannot take over.
    """
    found = {store.label: store for store in description.stores if kind_of(store).can_switch}
    if not found:
        raise OperatorError(f"{description.stack} has no store that a command lets a copy take over from")
    if label is None and len(found) == 1:
        (label,) = found
    if label not in found:
        raise OperatorError(f"--store: came {label or 'nothing'}; allowed in {description.stack}: {', '.join(found)}")
    store = found[label]
    place = Place(
        program=program,
        stack=description.stack,
        region=description.region,
        store=None if len(found) == 1 else store.label,
    )
    return kind_of(store).switching(store, place, target, readers, wrappers)
