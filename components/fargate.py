"""The task sizes that Fargate offers, as data; imports nothing, so that a config can be checked without the SDK."""

from collections.abc import Mapping, Sequence

_GIB = 1024

FARGATE_SIZES: Mapping[int, Sequence[int]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
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
