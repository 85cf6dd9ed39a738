"""The description of one environment of the shop, for its tools."""

from datetime import timedelta

from sample_infra.config import EnvironmentConfig
from sample_infra.services import (
    CLICKHOUSE_LOG_GROUP,
    CLICKHOUSE_SECRET,
    LOAD_BALANCER,
    LOG_GROUPS,
    REDIS_SECRET,
    REPOSITORIES,
    ROLE,
    SERVICES,
    names_of,
)
from workbench.agents import BuildAgents
from workbench.names import Names
from workbench.program import DeployedService, Description, Release, SharedResources, UnseenCheck
from workbench.promotions import ApprovalRules
from workbench.stores import AuroraCluster, ClickHouseHost, RedisNode, Store
from zelly_components.identity.github_subjects import ISSUER


def describe(config: EnvironmentConfig) -> Description:
    """Return what the program makes of a config."""
    names = names_of(config.environment)
    return Description(
        stack=config.environment,
        region=config.region,
        account_id=config.aws_account_id,
        registry_region=config.registry.region,
        tag_prefix=config.registry.tag_prefix,
        deployed={
            name: DeployedService(architecture=service.architecture, maximum_tasks=service.maximum_tasks)
            for name, service in config.services.items()
        },
        hostnames={config.dns.hostname: LOAD_BALANCER},
        dns_zone=names.name("dns"),
        dns_zone_id=config.dns.cloudflare_zone_id,
        certificate_names={config.dns.hostname: names.name("certificate")},
        stores=_stores(config, names),
        hosts={"clickhouse": names.name("clickhouse")},
        host_images={"clickhouse": config.clickhouse.ami_id},
        host_release=Release(product="Amazon Linux", release="2023", setting="clickhouse.ami_id"),
        accepted_releases={},
        unseen_steps=(
            UnseenCheck(
                name="tables made", why="Aurora is not seen from outside", service="web", command="make-tables"
            ),
        ),
        unseen_invariants=(
            UnseenCheck(
                name="cache warm",
                why="the proxy's cache is not seen from outside",
                service="web",
                container="proxy",
                command="show-cache",
            ),
        ),
        alarm_prefix=f"{names.name('monitoring')}-",
        is_proxied=False,
        alarm_emails=config.alarm_emails,
        running_hours=None,
        log_group_prefix=LOG_GROUPS,
        log_groups=frozenset({*(service.log_group for service in SERVICES), CLICKHOUSE_LOG_GROUP}),
        shared=_shared(config),
        approval=_approval(config),
        agents=_agents(config, names),
    )


def _shared(config: EnvironmentConfig) -> SharedResources:
    return SharedResources(
        repositories=REPOSITORIES,
        registry_region=config.registry.region,
        provider_url=f"https://{ISSUER}",
        role_name=ROLE,
        is_owner=config.registry.create,
    )


def _approval(config: EnvironmentConfig) -> ApprovalRules | None:
    minutes = config.approval_minutes
    return None if minutes is None else ApprovalRules(longest_wait_minutes=minutes)


def _agents(config: EnvironmentConfig, names: Names) -> BuildAgents | None:
    # No stack makes the group: it is there for as long as a test is about it.
    groups = {"build": names.name("builders")}
    return BuildAgents(groups=groups, longest_build=timedelta(hours=2)) if config.registry.create else None


def _stores(config: EnvironmentConfig, names: Names) -> tuple[Store, ...]:
    return (
        AuroraCluster(
            label="Aurora",
            identifier=names.name("aurora"),
            version=config.aurora.engine_version,
            version_setting="aurora.engine_version",
            allowed_cidrs=None,
        ),
        RedisNode(
            label="Redis",
            prefix=f"{names.name('redis')}-",
            copy_prefix=f"{names.name('restored')}-",
            engine=config.redis.engine,
            engine_setting="redis.engine",
            version=config.redis.engine_version,
            version_setting="redis.engine_version",
            secret=REDIS_SECRET,
        ),
        ClickHouseHost(
            label="ClickHouse",
            host=names.name("clickhouse"),
            volume=f"{names.name('clickhouse')}-data",
            zone=config.clickhouse.availability_zone,
            volume_gib=config.clickhouse.volume_gib,
            image=config.clickhouse.image,
            image_setting="clickhouse.image",
            secret=CLICKHOUSE_SECRET,
        ),
    )
