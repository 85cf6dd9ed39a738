"""The choice of a store, and of what is restored of it: by name, or the newest."""

from collections.abc import Mapping
from typing import TypeVar

from workbench.errors import OperatorError
from workbench.program import Description
from workbench.stores import Store

_T = TypeVar("_T")
_S = TypeVar("_S", bound=Store)
_SHOWN = 5


def chosen_store(description: Description, kind: type[_S], label: str | None) -> _S:
    """Return the store of a kind that has a label; without one, the only store of the kind.

    Raises:
        OperatorError: when there is none of the kind or of the label, or several without a label.
    """
    found = {store.label: store for store in description.stores_of(kind)}
    if not found:
        others = ", ".join(store.label for store in description.stores) or "none"
        raise OperatorError(f"{description.stack} has no store of this kind; its stores: {others}")
    if label is None and len(found) == 1:
        return next(iter(found.values()))
    if label not in found:
        came = "nothing" if label is None else label
        raise OperatorError(f"--store: came {came}; allowed in {description.stack}: {', '.join(found)}")
    return found[label]


def chosen(option: str, name: str | None, found: Mapping[str, _T], *, nothing: str) -> _T:
    """Return what an option named, or the first of what there is, which is the newest.

    Raises:
        OperatorError: when there is nothing, or nothing of that name.
    """
    if not found:
        raise OperatorError(f"{nothing}; `zelly restore points` lists what there is")
    if name is None:
        return next(iter(found.values()))
    if name not in found:
        more = "" if len(found) <= _SHOWN else f" and {len(found) - _SHOWN} older ones"
        raise OperatorError(f"{option}: came {name}; allowed: latest, {', '.join([*found][:_SHOWN])}{more}")
    return found[name]
