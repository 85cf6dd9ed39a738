"""The task sizes that Fargate offers, as data; imports nothing, so that a config can be checked without the SDK."""

from collections.abc import Mapping, Sequence

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


def allowed_memory_mib(cpu_units: int) -> Sequence[int]:
    """Return the memory sizes in MiB that Fargate takes with this many CPU units.

    Raises:
        ValueError: when Fargate has no task of that many units.
    """
    if cpu_units not in FARGATE_SIZES:
        raise ValueError(f"cpu_units: {cpu_units}; allowed: {', '.join(str(units) for units in FARGATE_SIZES)}")
    return FARGATE_SIZES[cpu_units]
