"""A kind of store, as far as it is known without what it is read with: that takes long to import."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.stores import Store

if TYPE_CHECKING:
    from workbench.operations.stores.kind import Kind


@dataclass(frozen=True, kw_only=True)
class KindEntry:
    """A kind of store in the list of all kinds, with the words of the command that restores it."""

    store_type: type[Store]
    """The class of a description's stores of this kind."""
    module: str
    """The module that holds the kind itself as ``KIND``."""
    verb: str
    """The verb of ``restore``."""
    summary: str
    option: str
    """The option that says what is restored."""
    metavar: str
    help: str
    is_switched: bool = False
    """Whether a copy takes over by ``restore switch``, which writes its address where services are told of it."""
    again: str | None = None
    """The help of ``--again``, without which the same thing is not restored twice; None: it never is."""

    def load(self) -> "Kind[Any, Any]":
        """Import the kind."""
        return importlib.import_module(self.module).KIND
