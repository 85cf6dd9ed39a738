"""What a program says of its costs, as plain data: the ways to pay less, and what its documents count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One way to pay less for the same function.

    ``config`` maps paths in the structured key to values; ``*`` is every member of a mapping. A function gets the
    present value and returns the new one. ``usage`` does the same in the assumptions, for what a switch changes that no
    resource tells.
    """

    name: str
    config: Mapping[str, Any | Callable[[Any], Any]]
    gives_up: str
    """What one no longer has."""
    usage: Mapping[str, Any] | None = None
    interrupts: bool = False
    """Whether services stop or wait because of it: then it is offered only where nothing is protected from deletion."""


@dataclass(frozen=True, kw_only=True)
class DocumentedCosts:
    """The groups in which a program's documents count what a month costs.

    Each group has a label and the beginnings of the price list's items that belong to it.
    """

    named: Mapping[str, tuple[str, ...]]
    """Within the sum that the documents say."""
    not_named: Mapping[str, tuple[str, ...]]
    """Left out of it."""
