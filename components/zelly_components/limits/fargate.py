"""The task sizes that Fargate offers, as data."""

from collections.abc import Mapping, Sequence

from zelly_components.limits.errors import LimitError

_GIB = 1024


def _gib(first: int, last: int, step: int = 1) -> range:
    return range(first * _GIB, last * _GIB + 1, step * _GIB)


FARGATE_SIZES: Mapping[int, Sequence[int]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: _gib(1, 4),
    1024: _gib(2, 8),
    2048: _gib(4, 16),
    4096: _gib(8, 30),
    8192: _gib(16, 60, 4),
    16384: _gib(32, 120, 8),
}
"""CPU units to the memory sizes in MiB that go with them (ECS Developer Guide, "Task CPU and memory" for Fargate)."""


def check_fargate_size(cpu_units: int, memory_mib: int) -> None:
    """Check that Fargate has a task of this size.

    Raises:
        LimitError: for CPU units that Fargate does not have, or memory that does not go with them.
    """
    if cpu_units not in FARGATE_SIZES:
        raise LimitError("cpu_units", cpu_units, _listed(FARGATE_SIZES))
    if memory_mib not in FARGATE_SIZES[cpu_units]:
        raise LimitError("memory_mib", f"{memory_mib} with cpu_units {cpu_units}", _listed(FARGATE_SIZES[cpu_units]))


def _listed(numbers: Sequence[int] | Mapping[int, object]) -> str:
    return ", ".join(str(number) for number in numbers)
