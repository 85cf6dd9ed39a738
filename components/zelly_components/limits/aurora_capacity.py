"""Limits of Aurora Serverless v2 by engine and capacity, as pure functions."""

import re

LARGEST_CAPACITY_ACU = 256
"""For current engines; older ones end at 128 ("ServerlessV2FeaturesSupport", RDS API reference)."""

MINIMUM_ACU_FOR_INSIGHTS = 2
"""With less, the statistics take memory that the database needs, and hold an idle instance above its minimum
("Performance and scaling for Aurora Serverless v2", Aurora User Guide)."""


def check_insights(*, performance_insights: bool, minimum_capacity_acu: float) -> None:
    """Check that query statistics are only kept where there is room for them.

    Raises:
        ValueError: with the field, what came and what is allowed.
    """
    if performance_insights and minimum_capacity_acu < MINIMUM_ACU_FOR_INSIGHTS:
        raise ValueError(
            f"performance_insights: came true with minimum_capacity_acu {minimum_capacity_acu:g}; "
            f"allowed from {MINIMUM_ACU_FOR_INSIGHTS} ACU on"
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
        ValueError: with the field, what came and what is allowed.
    """
    version = aurora_version(engine_version)
    _check_acu("minimum_capacity_acu", minimum_capacity_acu, smallest=0)
    _check_acu("maximum_capacity_acu", maximum_capacity_acu, smallest=1)
    if minimum_capacity_acu > maximum_capacity_acu:
        raise ValueError(
            f"minimum_capacity_acu: came {minimum_capacity_acu:g}; allowed at most maximum_capacity_acu, "
            f"{maximum_capacity_acu:g}"
        )
    if minimum_capacity_acu == 0 and version < (3, 8, 0):
        raise ValueError(f"minimum_capacity_acu: came 0 with {engine_version}; allowed from 8.0.mysql_aurora.3.08.0 on")
    if seconds_until_auto_pause is None:
        return
    if minimum_capacity_acu > 0:
        raise ValueError(
            f"seconds_until_auto_pause: came {seconds_until_auto_pause}; allowed only with minimum_capacity_acu 0"
        )
    if not 300 <= seconds_until_auto_pause <= 86_400:
        raise ValueError(f"seconds_until_auto_pause: came {seconds_until_auto_pause}; allowed 300 to 86400")


def _check_acu(field: str, value: float, *, smallest: int) -> None:
    if not smallest <= value <= LARGEST_CAPACITY_ACU or value * 2 % 1:
        raise ValueError(f"{field}: came {value:g}; allowed {smallest} to {LARGEST_CAPACITY_ACU} in steps of 0.5")


def aurora_version(engine_version: str) -> tuple[int, int, int]:
    """Return Aurora's own version in a full engine version: ``(3, 10, 5)`` for ``8.0.mysql_aurora.3.10.5``.

    Raises:
        ValueError: when the version is not in full.
    """
    match = re.fullmatch(r"8\.\d\.mysql_aurora\.(\d+)\.(\d+)\.(\d+)", engine_version)
    if match is None:
        raise ValueError(
            f"engine_version: came {engine_version}; allowed a full version such as 8.0.mysql_aurora.3.10.5"
        )
    major, minor, patch = (int(part) for part in match.groups())
    return major, minor, patch
