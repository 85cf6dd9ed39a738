"""The shop, as its tools know it: the contract of :mod:`workbench.program`, filled in."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sample_infra import services
from workbench import program as contract
from workbench.costs import DocumentedCosts, Switch
from workbench.program import Description, OtherStack, Program, Secrets, StateNames
from workbench.promotions import Notifications
from workbench.stores import AuroraCluster, ClickHouseHost, RedisNode
from workbench.words import Noun, Verb

if TYPE_CHECKING:
    from sample_infra.config import EnvironmentConfig
    from workbench.local_dev.model import LocalPlatform


def _config_type() -> "type[EnvironmentConfig]":
    from sample_infra.config import EnvironmentConfig  # noqa: PLC0415

    return EnvironmentConfig


def _describe(config: "EnvironmentConfig") -> Description:
    from sample_infra.description import describe  # noqa: PLC0415

    return describe(config)


def _role_characters(config: "EnvironmentConfig") -> int:
    from sample_infra.pipelines import granted_size  # noqa: PLC0415

    return granted_size(config)


def _collisions(config: "EnvironmentConfig", other: OtherStack) -> Iterator[str]:
    if (config.aws_account_id, config.region) == (other.value("aws_account_id"), other.value("region")):
        yield f"region: {config.region}; taken by {other.source}: another region is allowed"


def _local_platform(root: Path) -> "LocalPlatform":
    from sample_infra.local_platform import local_platform  # noqa: PLC0415

    return local_platform(root)


PROGRAM: "contract.Program[EnvironmentConfig]" = Program(
    name=services.PROJECT,
    title="the sample shop",
    module=__name__,
    store_kinds=(AuroraCluster, RedisNode, ClickHouseHost),
    has_agents=True,
    services=services.SERVICES,
    secrets=Secrets(
        prefix=f"{services.PROJECT}/",
        application=services.APPLICATION_SECRETS,
        own=services.OWN_SECRETS,
        hosts={services.CLICKHOUSE_SECRET: "clickhouse host"},
    ),
    state=StateNames(bucket="sample-pulumi-state", key_alias="alias/sample-pulumi"),
    owner_flag="registry.create",
    config_type=_config_type,
    check=lambda: None,
    collisions=_collisions,
    describe=_describe,
    role_characters=_role_characters,
    promotion=("trial", "live"),
    takes_approvals=True,
    local_platform=_local_platform,
    notifications=Notifications(slack="sample/ci/slack", monday="sample/ci/monday", sentry="sample/ci/sentry"),
    documented_costs=DocumentedCosts(
        named={"Compute": ("fargate.", "ec2.", "ebs."), "Stores": ("aurora.", "elasticache.")},
        not_named={"Network": ("alb.", "nat.", "ipv4.", "transfer.")},
    ),
    switches=lambda: (
        Switch(
            name="Container Insights off",
            config={"container_insights": "disabled"},
            gives_up="tasks are not counted",
        ),
        Switch(
            name="Aurora pauses",
            config={"aurora/minimum_capacity_acu": 0, "aurora/seconds_until_auto_pause": 300},
            gives_up="the first connection after a pause waits",
            interrupts=True,
        ),
    ),
    commands={
        "clickhouse": Noun(
            "Prepare the analytics database.",
            {
                "init": Verb(
                    "workbench.cli.clickhouse",
                    "Apply the SQL files of a directory in the order of their names, each statement once.",
                )
            },
        )
    },
)
