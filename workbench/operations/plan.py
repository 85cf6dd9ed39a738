"""The form that every plan of an operation has."""

from collections.abc import Mapping
from typing import Any, Protocol


class Plan(Protocol):
    """The plan of an operation, before it does anything."""

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        ...

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        ...
