"""The time for which Secrets Manager keeps a deleted secret."""

from zelly_components.limits.errors import LimitError


def check_recovery_window(days: int) -> None:
    """Check a secret's recovery window: 7 to 30 days, or deletion at once ("DeleteSecret", API reference).

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    if days != 0 and not 7 <= days <= 30:
        raise LimitError("recovery_window_days", days, "0, or 7 to 30")
