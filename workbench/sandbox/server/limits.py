"""Limits of AWS's that moto does not hold: requests that are refused for the size of what they carry."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from workbench.sandbox.server.table import Call, Preparation, RefusalError
from zelly_components.limits.sizes import SizeLimit

Check: TypeAlias = Callable[[Call], None]


def at_most(limit: SizeLimit, member: str, code: str) -> Check:
    """Return a function that refuses a request whose member is larger.

    ``code`` is an error that the operation lists in the service's API reference; the words name count and limit, which
    AWS's own seldom do.
    """

    def check(call: Call) -> None:
        value = call.parameters.get(member)
        if isinstance(value, str) and (excess := limit.excess(value)) is not None:
            raise RefusalError(code, f"{member}: {excess}")

    return check


def limited(service: str, checks: Mapping[str, Check]) -> tuple[Preparation, ...]:
    """Return the preparations that check a service's operations."""
    return tuple(
        Preparation(service=service, operation=operation, prepare=check) for operation, check in checks.items()
    )
