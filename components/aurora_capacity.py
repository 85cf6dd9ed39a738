"""What Aurora Serverless v2 allows at which capacity, as pure functions."""

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
