"""What ends an action early, and with which exit code."""

from __future__ import annotations

DONE = 0
TAKEN_BACK = 1
REFUSED = 2
NOT_TAKEN_BACK = 3

OUTCOMES = {TAKEN_BACK: "failed", REFUSED: "refused", NOT_TAKEN_BACK: "failed"}
"""By exit code, the outcome of an action that ended before any service was touched."""


class StageError(Exception):
    """A stage that failed. Nothing of it is left, or what is left is said."""

    exit_code = TAKEN_BACK


def words_of(error: Exception) -> str:
    """Return what an error says; one that nobody foresaw says its kind as well."""
    foreseen = isinstance(error, (StageError, OSError))
    return str(error) if foreseen else f"{type(error).__name__}: {error}"


class RefusedError(StageError):
    """An action that may not be done: nothing was touched."""

    exit_code = REFUSED


class LeftoverError(StageError):
    """A stage that failed and left something that the agent can't take back."""

    exit_code = NOT_TAKEN_BACK


class InterruptedByOthersError(StageError):
    """The agent was told to end (SIGTERM, SIGINT, SIGHUP), e.g. because Run Command was cancelled."""
