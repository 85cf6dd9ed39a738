"""Promotions, as a program wants them: what they wait for, and where others are told of builds."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ApprovalRules:
    """The approval that a promotion to a stack waits for."""

    longest_wait_minutes: int
    """How long one may be waited for, and how long it is good for: both end together."""


@dataclass(frozen=True, kw_only=True)
class Notifications:
    """The secrets with what it takes to tell others of a pipeline's builds, in the region of the registry."""

    slack: str
    """With the key ``SLACK_WEBHOOK_URL``."""
    monday: str
    """With the keys ``MONDAY_TOKEN`` and ``MONDAY_BOARD``, and those that name the board's columns."""
    sentry: str
    """With the keys ``SENTRY_TOKEN``, ``SENTRY_ORGANISATION`` and ``SENTRY_PROJECTS``."""
