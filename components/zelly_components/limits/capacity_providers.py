"""The rules of a capacity provider strategy on Fargate (ECS API, "CapacityProviderStrategyItem")."""

from collections.abc import Sequence
from typing import Protocol

from zelly_components.limits.errors import LimitError

LARGEST_WEIGHT = 1_000
LARGEST_BASE = 100_000


class CapacityProvider(Protocol):
    """A share of the tasks and what they run on."""

    @property
    def name(self) -> str:
        """``FARGATE`` or ``FARGATE_SPOT``."""
        ...

    @property
    def weight(self) -> int:
        """Its share of the tasks beyond the base."""
        ...

    @property
    def base(self) -> int:
        """The tasks that it gets before the weights count."""
        ...


def check_capacity_providers(providers: Sequence[CapacityProvider]) -> None:
    """Check that every task has a provider, and that only one has a base.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    field = "capacity_providers"
    names = [provider.name for provider in providers]
    if len(set(names)) != len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise LimitError(field, f"{repeated} more than once", "once")
    for provider in providers:
        for part, value, largest in (
            ("weight", provider.weight, LARGEST_WEIGHT),
            ("base", provider.base, LARGEST_BASE),
        ):
            if not 0 <= value <= largest:
                raise LimitError(f"{field}.{provider.name}.{part}", value, f"0 to {largest}")
    weights = [str(provider.weight) for provider in providers]
    if not any(provider.weight for provider in providers):
        raise LimitError(field, f"weights {', '.join(weights) or 'none'}", "at least one above 0")
    bases = [str(provider.base) for provider in providers if provider.base]
    if len(bases) > 1:
        raise LimitError(field, f"bases {', '.join(bases)}", "one provider with a base")
