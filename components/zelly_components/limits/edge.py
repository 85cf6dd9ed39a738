"""Limits of Cloudflare that a config and a component share."""

from typing import Literal, TypeAlias

from zelly_components.limits.errors import LimitError

ORIGIN_CERTIFICATE_DAYS = (7, 30, 90, 365, 730, 1095, 5475)
"""The terms of an Origin CA certificate; of any other one the provider says "inconsistent result after apply"
(cloudflare/terraform-provider-cloudflare#5725, cloudflare/origin-ca-issuer#81)."""

RATE_LIMIT_PERIODS = (10, 60, 120, 300, 600, 3600)
"""The seconds over which requests are counted (from memory; the plan decides which of them it has, see "Rate limiting
rules", Cloudflare WAF)."""

WafAction: TypeAlias = Literal["log", "managed_challenge", "block"]
"""The answer to a request that a managed rule finds: write it down, ask for a human, refuse it."""


def check_validity(field: str, days: int) -> None:
    """Check the term of an Origin CA certificate.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    if days not in ORIGIN_CERTIFICATE_DAYS:
        raise LimitError(field, days, _one_of(ORIGIN_CERTIFICATE_DAYS))


def check_rate_limit(period_field: str, period_seconds: int) -> None:
    """Check the period of a rate limit.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    if period_seconds not in RATE_LIMIT_PERIODS:
        raise LimitError(period_field, period_seconds, _one_of(RATE_LIMIT_PERIODS))


def _one_of(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
