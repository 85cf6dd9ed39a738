"""Facts about the account and Cloudflare's zone, or why they were not read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.account.settings import AccountSetting
from workbench.cloudflare import DnsRecord
from workbench.operations.readings import Unclear, Unread
from workbench.review.quotas.needs import Needs


@dataclass(frozen=True, kw_only=True)
class QuotaReading:
    """A quota as the account has it."""

    value: float
    requested: float | None
    """What was asked for and is not decided yet."""


@dataclass(frozen=True, kw_only=True)
class QuotaFacts:
    """Needs of the plan, and the quotas that it exceeds or comes near by AWS's defaults."""

    needs: Needs
    readings: Mapping[str, QuotaReading | Unread]
    """By the quota's code."""


@dataclass(frozen=True, kw_only=True)
class AccountFacts:
    """Facts about an account before the first stack."""

    roles: frozenset[str] | Unread
    """The services that have their service-linked role."""
    settings: Mapping[AccountSetting, Mapping[str, Any] | Unread]
    quotas: QuotaFacts | Unclear | Unread
    dns_records: Sequence[DnsRecord] | Unclear | Unread
    """Of Cloudflare's zone."""
