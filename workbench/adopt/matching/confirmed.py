"""Pairs that a person confirmed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Confirmed:
    """A pair that a person confirmed in a file."""

    name: str
    """The resource's logical name."""
    address: str
    """The instance's."""
    where: str
    """File and line."""
