"""The description of one environment of the shop, for its tools."""

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
from workbench.program import DeployedService, Description, Product, SharedResources
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
        aurora_cluster=names.name("aurora"),
        aurora_version=config.aurora.engine_version,
        redis_engine=config.redis.engine,
        redis_version=config.redis.engine_version,
        redis_prefix=f"{names.name('redis')}-",
        redis_secret=REDIS_SECRET,
        clickhouse_zone=config.clickhouse.availability_zone,
        clickhouse_volume_gib=config.clickhouse.volume_gib,
        clickhouse_secret=CLICKHOUSE_SECRET,
        hosts={"clickhouse": names.name("clickhouse")},
        host_images={"clickhouse": config.clickhouse.ami_id},
        releases={
            Product.AURORA: ".".join(config.aurora.engine_version.split(".")[3:5]),
            Product.REDIS: config.redis.engine_version.partition(".")[0],
            Product.CLICKHOUSE: "24.3",
            Product.LINUX: "2023",
        },
        alarm_prefix=f"{names.name('monitoring')}-",
        is_proxied=False,
        aurora_cidrs=None,
        alarm_emails=config.alarm_emails,
        running_hours=None,
        log_group_prefix=LOG_GROUPS,
        log_groups=frozenset({*(service.log_group for service in SERVICES), CLICKHOUSE_LOG_GROUP}),
        shared=SharedResources(
            repositories=REPOSITORIES,
            registry_region=config.registry.region,
            provider_url=f"https://{ISSUER}",
            role_name=ROLE,
            is_owner=config.registry.create,
        ),
    )
