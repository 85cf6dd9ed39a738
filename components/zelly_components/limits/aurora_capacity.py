"""Limits of Aurora Serverless v2 by engine and capacity, as pure functions."""

import re

from zelly_components.limits.errors import LimitError

LARGEST_CAPACITY_ACU = 256
"""For current engines; older ones end at 128 ("ServerlessV2FeaturesSupport", RDS API reference)."""

MINIMUM_ACU_FOR_INSIGHTS = 2
"""With less, the statistics take memory that the database needs, and hold an idle instance above its minimum
("Performance and scaling for Aurora Serverless v2", Aurora User Guide)."""


def check_insights(*, performance_insights: bool, minimum_capacity_acu: float) -> None:
    """Check that query statistics are only kept where there is room for them.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    if performance_insights and minimum_capacity_acu < MINIMUM_ACU_FOR_INSIGHTS:
        raise LimitError(
            "performance_insights",
            f"true with minimum_capacity_acu {minimum_capacity_acu:g}",
            f"from {MINIMUM_ACU_FOR_INSIGHTS} ACU on",
        )


def check_capacity(
    *,
    engine_version: str,
    minimum_capacity_acu: float,
    maximum_capacity_acu: float,
    seconds_until_auto_pause: int | None,
) -> None:
    """Check a capacity range against the engine ("Using Aurora Serverless v2", Aurora User Guide).

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    version = aurora_version(engine_version)
    _check_acu("minimum_capacity_acu", minimum_capacity_acu, smallest=0)
    _check_acu("maximum_capacity_acu", maximum_capacity_acu, smallest=1)
    if minimum_capacity_acu > maximum_capacity_acu:
        raise LimitError(
            "minimum_capacity_acu",
            f"{minimum_capacity_acu:g}",
            f"at most maximum_capacity_acu ({maximum_capacity_acu:g})",
        )
    if minimum_capacity_acu == 0 and version < (3, 8, 0):
        raise LimitError("minimum_capacity_acu", f"0 with {engine_version}", "from 8.0.mysql_aurora.3.08.0 on")
    if seconds_until_auto_pause is None:
        return
    if minimum_capacity_acu > 0:
        raise LimitError(
            "seconds_until_auto_pause",
            f"{seconds_until_auto_pause} with minimum_capacity_acu {minimum_capacity_acu:g}",
            "null, as only a cluster with 0 ACU pauses",
        )
    if not 300 <= seconds_until_auto_pause <= 86_400:
        raise LimitError("seconds_until_auto_pause", seconds_until_auto_pause, "300 to 86400")


def _check_acu(field: str, value: float, *, smallest: int) -> None:
    if not smallest <= value <= LARGEST_CAPACITY_ACU or value * 2 % 1:
        raise LimitError(field, f"{value:g}", f"{smallest} to {LARGEST_CAPACITY_ACU} in steps of 0.5")


def aurora_version(engine_version: str) -> tuple[int, int, int]:
    """Return Aurora's own version in a full engine version: ``(3, 10, 5)`` for ``8.0.mysql_aurora.3.10.5``.

    Raises:
        LimitError: when the version is not in full.
    """
    match = re.fullmatch(r"8\.\d\.mysql_aurora\.(\d+)\.(\d+)\.(\d+)", engine_version)
    if match is None:
        raise LimitError("engine_version", engine_version, "a full version such as 8.0.mysql_aurora.3.10.5")
    major, minor, patch = (int(part) for part in match.groups())
    return major, minor, patch
