"""Moments in the names of copies."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """Return a moment as it stands in names: UTC, to the second, e.g. ``20261125t101500``."""
    return f"{moment.astimezone(UTC):%Y%m%dt%H%M%S}"
