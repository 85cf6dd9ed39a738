"""Choosing what is restored: by name, or the newest."""

from collections.abc import Mapping
from typing import TypeVar

from workbench.errors import OperatorError
from workbench.words import command

_T = TypeVar("_T")
_SHOWN = 5


def chosen(option: str, name: str | None, found: Mapping[str, _T], *, nothing: str) -> _T:
    """Return what an option named, or the first of what there is, which is the newest.

    Raises:
        OperatorError: when there is nothing, or nothing of that name.
    """
    if not found:
        raise OperatorError(f"{nothing}; `{command('restore points')}` lists what there is")
    if name is None:
        return next(iter(found.values()))
    if name not in found:
        more = "" if len(found) <= _SHOWN else f" and {len(found) - _SHOWN} older ones"
        raise OperatorError(f"{option}: came {name}; allowed: latest, {', '.join([*found][:_SHOWN])}{more}")
    return found[name]
