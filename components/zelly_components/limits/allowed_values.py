"""Closed lists of values that AWS takes: instance types, node types, regions, TLS policies, days of logs.

The lists stand in ``allowed_values.json`` with their sources; ``make lists`` writes it anew. AWS adds to them: a type
that is newer than the file is refused until the file is written anew.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from zelly_components.limits.errors import LimitError

FILE = Path(__file__).with_name("allowed_values.json")

_NEAR_MATCHES = 3


@dataclass(frozen=True, kw_only=True)
class AllowedValues:
    """One list of the file, with the noun for its values."""

    key: str
    noun: str
    """With its article, e.g. ``an EC2 instance type``."""
    example: str | int
    """The value that is named where none comes near to what came."""

    def values(self) -> Sequence[str | int]:
        """Return the list."""
        return _lists()[self.key]

    def instead_of(self, value: str | int) -> str | None:
        """Return in words the allowed values that come near to this one; None for a value of the list."""
        if value in self.values():
            return None
        near = self._near(value) or [str(self.example)]
        return f"{self.noun} such as {_either(near)}"

    def check(self, field: str, value: str | int) -> None:
        """Refuse a value that is not on the list.

        Raises:
            LimitError: with the field, what came and what is allowed.
        """
        if (allowed := self.instead_of(value)) is not None:
            raise LimitError(field, value, allowed)

    def _near(self, value: str | int) -> list[str]:
        if isinstance(value, int):
            numbers = [number for number in self.values() if isinstance(number, int)]
            below, above = [n for n in numbers if n < value], [n for n in numbers if n > value]
            return [str(number) for number in (*below[-1:], *above[:1])]
        # Imported for a refusal alone.
        import difflib  # noqa: PLC0415

        return difflib.get_close_matches(value, [str(each) for each in self.values()], n=_NEAR_MATCHES)


INSTANCE_TYPES = AllowedValues(key="instance_types", noun="an EC2 instance type", example="t3.small")
"""Without those that are named against EC2's own convention (``u-6tb1.metal``, ``mac-m4.metal``): they are no hosts."""
CACHE_NODE_TYPES = AllowedValues(key="cache_node_types", noun="a cache node type", example="cache.t4g.small")
"""Of the current generation: ElastiCache makes no new nodes of the previous one."""
REGIONS = AllowedValues(key="regions", noun="an AWS region", example="ap-south-1")
"""Of the partition ``aws``: every ARN that is written here begins with ``arn:aws:``."""
TLS_POLICIES = AllowedValues(
    key="tls_policies", noun="an ELB security policy", example="ELBSecurityPolicy-TLS13-1-2-2021-06"
)
LOG_RETENTION_DAYS = AllowedValues(
    key="log_retention_days", noun="a number of days that CloudWatch Logs knows", example=30
)


@functools.cache
def _lists() -> Mapping[str, Sequence[str | int]]:
    document: Mapping[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: _unfolded(entry["values"]) for name, entry in document["lists"].items()}


def _unfolded(values: Any) -> Sequence[str | int]:
    """Return a list; one that is folded by families, ``{"t3": "micro small"}``, as its members' whole names."""
    if isinstance(values, dict):
        families = cast("Mapping[str, str]", values)
        return tuple(f"{family}.{size}" for family, sizes in families.items() for size in sizes.split())
    return tuple(values)


def _either(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
