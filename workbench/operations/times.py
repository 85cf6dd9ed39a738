"""Times as operators read them."""

from datetime import UTC, datetime


def utc(time: datetime) -> str:
    """Return a time in UTC, in the form of ISO 8601, to the second."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
