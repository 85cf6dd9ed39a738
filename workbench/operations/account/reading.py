"""Reads of the account what doctor judges."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.aws.account.quotas import ServiceQuotas
from workbench.aws.account.settings import AccountSettings
from workbench.aws.iam.service_linked_roles import ServiceLinkedRoles
from workbench.cloudflare import CloudflareDns, CloudflareError, DnsRecord
from workbench.operations.account.facts import AccountFacts, QuotaFacts, QuotaReading
from workbench.operations.account.settings import OF_REGISTRY, WANTED
from workbench.operations.readings import Readers, Unclear, attempt
from workbench.providers.quotas import Quota, Standing
from workbench.review.quotas.needs import Needs

AccountReading = Callable[[], AccountFacts]


@dataclass(frozen=True, kw_only=True)
class AccountAws:
    """The wrappers that the account is read with."""

    roles: ServiceLinkedRoles
    settings: AccountSettings
    """In the stack's region."""
    registry_settings: AccountSettings | None
    """In the region of the image repositories; None: there are none."""
    quotas: ServiceQuotas


@dataclass(frozen=True, kw_only=True)
class AccountOutside:
    """Sources beside AWS."""

    needs: Callable[[], Needs | Unclear]
    """Evaluates the program: what the plan needs of the region's quotas."""
    cloudflare: CloudflareDns | Unclear
    zone_id: str


def start_account(pool: Readers, aws: AccountAws, outside: AccountOutside) -> AccountReading:
    """Begin to read, and return what waits for it: some 12 calls, and two for each quota that the plan comes near."""
    roles = pool.start(aws.roles.services)
    places = {setting: aws.registry_settings if setting in OF_REGISTRY else aws.settings for setting in WANTED}
    settings = {setting: pool.start(place.setting, setting) for setting, place in places.items() if place is not None}
    quotas = pool.start(_quotas, outside.needs, aws.quotas)
    records = pool.start(_records, outside)

    def facts() -> AccountFacts:
        return AccountFacts(
            roles=roles.outcome(),
            settings={setting: reading.outcome() for setting, reading in settings.items()},
            quotas=quotas.outcome(),
            dns_records=records.outcome(),
        )

    return facts


def _quotas(needs: Callable[[], Needs | Unclear], quotas: ServiceQuotas) -> QuotaFacts | Unclear:
    found = needs()
    if isinstance(found, Unclear):
        return found
    near = [need.quota for need in found.needs if need.standing(need.quota.default) is not Standing.WITHIN]
    return QuotaFacts(needs=found, readings={quota.code: attempt(_quota, quota, quotas) for quota in near})


def _quota(quota: Quota, quotas: ServiceQuotas) -> QuotaReading:
    return QuotaReading(
        value=quotas.value(quota.service, quota.code), requested=quotas.requested(quota.service, quota.code)
    )


def _records(outside: AccountOutside) -> Sequence[DnsRecord] | Unclear:
    if isinstance(outside.cloudflare, Unclear):
        return outside.cloudflare
    try:
        return outside.cloudflare.records(outside.zone_id)
    except CloudflareError as error:
        return Unclear(error.lines[0])
