"""Clients that an account is read with: AWS's, and what is asked beside it."""

import os
from typing import TYPE_CHECKING

from workbench.cli.plan.quotas import planned_needs
from workbench.cli.shared.environment import Environment, is_embedded

if TYPE_CHECKING:
    from workbench.cloudflare import CloudflareDns
    from workbench.operations.account.reading import AccountAws, AccountOutside
    from workbench.operations.readings import Unclear


def account_aws(environment: Environment) -> "AccountAws":
    """Return the wrappers that an account is read with."""
    from workbench.aws.account.quotas import ServiceQuotas  # noqa: PLC0415
    from workbench.aws.account.settings import AccountSettings  # noqa: PLC0415
    from workbench.aws.iam.service_linked_roles import ServiceLinkedRoles  # noqa: PLC0415
    from workbench.operations.account.reading import AccountAws  # noqa: PLC0415

    account_id = environment.config.aws_account_id
    return AccountAws(
        roles=ServiceLinkedRoles(environment.aws),
        settings=AccountSettings(environment.aws, account_id),
        registry_settings=AccountSettings(environment.registry, account_id),
        quotas=ServiceQuotas(environment.aws),
    )


def account_outside(environment: Environment) -> "AccountOutside":
    """Return what is asked beside AWS: the program itself, and Cloudflare where a token is there."""
    from workbench.operations.account.reading import AccountOutside  # noqa: PLC0415

    return AccountOutside(
        needs=lambda: planned_needs(environment.stack, environment.root),
        cloudflare=_cloudflare(),
        zone_id=environment.description.dns_zone_id,
    )


def _cloudflare() -> "CloudflareDns | Unclear":
    from workbench.cloudflare import TOKEN_VARIABLE, URL_VARIABLE, CloudflareDns  # noqa: PLC0415
    from workbench.operations.readings import Unclear  # noqa: PLC0415

    token = os.environ.get(TOKEN_VARIABLE)
    if is_embedded() and URL_VARIABLE not in os.environ:
        return Unclear("the embedded AWS's records are in no zone of Cloudflare's")
    if not token:
        return Unclear(f"Cloudflare is asked only with a token that may read the zone's DNS, in {TOKEN_VARIABLE}")
    return CloudflareDns(token)
