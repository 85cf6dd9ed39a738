"""Zelly's contract with its tools (:mod:`workbench.program`).

Importing it imports no pydantic: an operating command starts without.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import program as contract
from workbench.costs import Switch
from workbench.program import (
    Container,
    Description,
    LiveProperties,
    OtherStack,
    Program,
    Secrets,
    SecretVariable,
    Service,
    StateNames,
)
from workbench.stores import AuroraCluster, ClickHouseHost, FileSystem, RedisNode
from workbench.words import Noun, Verb
from zelly_infra import catalog, names
from zelly_infra.documented_costs import DOCUMENTED_COSTS

if TYPE_CHECKING:
    from workbench.local_dev.model import LocalPlatform
    from zelly_infra.config import EnvironmentConfig


def _config_type() -> "type[EnvironmentConfig]":
    from zelly_infra.config import EnvironmentConfig  # noqa: PLC0415

    return EnvironmentConfig


def _check() -> None:
    from zelly_infra.catalog_checks import check_catalog  # noqa: PLC0415

    check_catalog()


def _collisions(config: "EnvironmentConfig", other: OtherStack) -> Iterator[str]:
    from zelly_infra.other_stacks import collisions  # noqa: PLC0415

    return collisions(config, other)


def _describe(config: "EnvironmentConfig") -> Description:
    from zelly_infra.description import describe  # noqa: PLC0415

    return describe(config)


def _role_characters(config: "EnvironmentConfig") -> int:
    from zelly_infra.composition.access import granted_size  # noqa: PLC0415

    return granted_size(config)


def _adopted_values(config: "EnvironmentConfig", live: LiveProperties) -> Mapping[str, Any]:
    from zelly_infra.adopted_values import adopted_values  # noqa: PLC0415

    return adopted_values(config, live)


def _switches() -> Sequence[Switch]:
    from zelly_infra.cost_switches import SWITCHES  # noqa: PLC0415

    return SWITCHES


def _pages(root: Path) -> Mapping[str, str]:
    from zelly_infra.documentation.pages import pages  # noqa: PLC0415

    return pages(root)


def _local_platform(root: Path) -> "LocalPlatform":
    from zelly_infra.local_dev.platform import local_platform  # noqa: PLC0415

    return local_platform(root)


def _service(entry: catalog.Service) -> Service:
    return Service(
        name=entry.name,
        containers=tuple(
            Container(
                name=container.name,
                repository=container.repository,
                secrets=tuple(
                    SecretVariable(name=variable.name, secret=variable.secret, key=variable.key)
                    for variable in container.secrets
                ),
            )
            for container in entry.containers
        ),
        log_group=names.log_group_name(entry.name),
    )


PROGRAM: "contract.Program[EnvironmentConfig]" = Program(
    name=names.PLATFORM,
    title="the Zelly platform",
    module=__name__,
    store_kinds=(AuroraCluster, RedisNode, ClickHouseHost, FileSystem),
    linked_services=(
        "backup.amazonaws.com",
        "ecs.amazonaws.com",
        "ecs.application-autoscaling.amazonaws.com",
        "elasticache.amazonaws.com",
        "elasticfilesystem.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "rds.amazonaws.com",
    ),
    services=tuple(_service(entry) for entry in catalog.SERVICES),
    secrets=Secrets(
        prefix=f"{names.PLATFORM}/",
        application=catalog.APPLICATION_SECRETS,
        own=catalog.PROGRAM_SECRETS,
        hosts=catalog.HOSTS_BY_SECRET,
    ),
    state=StateNames(bucket=names.STATE_BUCKET, key_alias=names.STATE_KEY_ALIAS),
    owner_flag=names.OWNER_FLAG,
    config_type=_config_type,
    check=_check,
    collisions=_collisions,
    describe=_describe,
    role_characters=_role_characters,
    promotion=("staging", "production"),
    switches=_switches,
    adopted_values=_adopted_values,
    documented_costs=DOCUMENTED_COSTS,
    local_platform=_local_platform,
    pages=_pages,
    commands={
        "service": Noun(
            "",
            {
                "add": Verb(
                    "zelly_infra.commands.service_add",
                    "Write the size of a new service of the catalog into every stack file that lacks it.",
                )
            },
        ),
        "environment": Noun(
            "Add an environment: a stack file, and no code.",
            {
                "add": Verb(
                    "zelly_infra.commands.environment",
                    "Write the files of another environment, and say what is left to fill in.",
                )
            },
        ),
        "clickhouse": Noun(
            "Prepare the analytics database.",
            {
                "init": Verb(
                    "workbench.cli.clickhouse",
                    "Apply the SQL files of a directory in the order of their names, each statement once.",
                )
            },
        ),
        "vpn": Noun(
            "Hand out VPN configurations, and see who is let in.",
            {
                "config": Verb(
                    "zelly_infra.commands.vpn",
                    "Print a developer's finished WireGuard configuration: into a file, as a QR code, or to a pipe.",
                ),
                "peers": Verb(
                    "zelly_infra.commands.vpn",
                    "List the peers; exit 1 when the bastion's list differs from the stack file.",
                ),
            },
        ),
    },
)
