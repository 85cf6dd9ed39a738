"""Relay's contract with its tools (:mod:`workbench.program`).

Importing it imports no pydantic: an operating command starts without.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from relay_infra import catalog, names
from workbench import program as contract
from workbench.program import Container, Description, OtherStack, Program, Secrets, SecretVariable, Service, StateNames
from workbench.promotions import Notifications
from workbench.stores import FileSystem

if TYPE_CHECKING:
    from relay_infra.config import EnvironmentConfig


def _config_type() -> "type[EnvironmentConfig]":
    from relay_infra.config import EnvironmentConfig  # noqa: PLC0415

    return EnvironmentConfig


def _collisions(config: "EnvironmentConfig", other: OtherStack) -> Iterator[str]:
    from relay_infra.other_stacks import collisions  # noqa: PLC0415

    return collisions(config, other)


def _describe(config: "EnvironmentConfig") -> Description:
    from relay_infra.description import describe  # noqa: PLC0415

    return describe(config)


def _no_role(_config: "EnvironmentConfig") -> int:
    return 0


def _service(entry: catalog.Service) -> Service:
    return Service(
        name=entry.name,
        containers=(
            Container(
                name=entry.name,
                repository=entry.repository,
                secrets=tuple(SecretVariable(name=key, secret=entry.secret, key=key) for key in entry.keys),
            ),
        ),
        log_group=names.log_group_name(entry.name),
    )


PROGRAM: "contract.Program[EnvironmentConfig]" = Program(
    name=names.PLATFORM,
    title="the Relay platform",
    module=__name__,
    services=tuple(map(_service, catalog.SERVICES)),
    linked_services=(
        "backup.amazonaws.com",
        "ecs.amazonaws.com",
        "ecs.application-autoscaling.amazonaws.com",
        "elasticfilesystem.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "spot.amazonaws.com",
    ),
    secrets=Secrets(
        prefix=f"{names.PLATFORM}/",
        application={**catalog.APPLICATION_SECRETS, **catalog.CI_SECRETS, **catalog.CONTROLLER_SECRETS},
        own=catalog.OWN_SECRETS,
        hosts={
            **dict.fromkeys(catalog.CI_SECRETS, "the agents that build"),
            **dict.fromkeys((*catalog.CONTROLLER_SECRETS, catalog.AGENT_KEY_SECRET), "jenkins"),
            catalog.VPN_KEY_SECRET: "vpn",
        },
        once=frozenset({*catalog.CI_SECRETS, *catalog.CONTROLLER_SECRETS, *catalog.OWN_SECRETS}),
    ),
    state=StateNames(bucket=names.STATE_BUCKET, key_alias=names.STATE_KEY_ALIAS),
    owner_flag=names.OWNER_FLAG,
    config_type=_config_type,
    check=lambda: None,
    collisions=_collisions,
    describe=_describe,
    role_characters=_no_role,
    store_kinds=(FileSystem,),
    has_agents=True,
    promotion=("preproduction", "production"),
    takes_approvals=True,
    notifications=Notifications(
        slack=f"{names.PLATFORM}/ci/slack", monday=f"{names.PLATFORM}/ci/monday", sentry=f"{names.PLATFORM}/ci/sentry"
    ),
    twins=("preproduction", "production"),
)
