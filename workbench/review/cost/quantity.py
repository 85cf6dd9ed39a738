"""A quantity that is not known: at the least, as expected, at the most."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

HOURS_PER_MONTH = Decimal(730)
"""365 days of 24 hours, by 12; the month that AWS's own calculator counts with."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """Three values in rising order, none below zero."""

    low: Decimal
    expected: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.expected <= self.high:
            raise ValueError(
                f"low {self.low}, expected {self.expected}, high {self.high}; "
                "allowed: 0 or more, and each at least the one before"
            )

    @classmethod
    def fixed(cls, value: Decimal | int | str) -> Self:
        """Return a quantity that is known."""
        number = Decimal(value)
        return cls(low=number, expected=number, high=number)

    def map(self, function: Callable[[Decimal], Decimal]) -> "Quantity":
        """Return the three values as a function that does not fall makes them."""
        return Quantity(low=function(self.low), expected=function(self.expected), high=function(self.high))

    def times(self, factor: "Quantity | Decimal | int") -> "Quantity":
        """Return the product: the least by the least, the most by the most."""
        other = factor if isinstance(factor, Quantity) else Quantity.fixed(factor)
        return Quantity(low=self.low * other.low, expected=self.expected * other.expected, high=self.high * other.high)

    def plus(self, other: "Quantity | Decimal | int") -> "Quantity":
        """Return the sum."""
        added = other if isinstance(other, Quantity) else Quantity.fixed(other)
        return Quantity(low=self.low + added.low, expected=self.expected + added.expected, high=self.high + added.high)

    def beyond(self, allowance: Decimal | int) -> "Quantity":
        """Return what is left when so much of it is free."""
        return self.map(lambda value: max(value - allowance, Decimal(0)))

    def within(self, least: Decimal, most: Decimal) -> "Quantity":
        """Return it with both ends held within bounds."""
        return self.map(lambda value: min(max(value, least), most))

    @property
    def is_nothing(self) -> bool:
        """Whether it is zero at the most."""
        return self.high == 0


HOURS = Quantity.fixed(HOURS_PER_MONTH)
"""Of what runs all month."""
