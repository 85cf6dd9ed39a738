"""The description of one environment of Zelly, for its tools: what is there, under which names."""

from collections.abc import Mapping

from workbench.program import DeployedService, Description, Product, SharedResources
from zelly_components.identity.github_subjects import ISSUER
from zelly_infra.catalog import (
    CLICKHOUSE_SECRET,
    REDIS_SECRET,
    REPOSITORIES,
    SERVICES,
    SHARED_LOAD_BALANCER,
    HttpsIngress,
    PassthroughIngress,
)
from zelly_infra.config import EnvironmentConfig
from zelly_infra.names import (
    BASTION_LOG_GROUP,
    CLICKHOUSE_LOG_GROUP,
    LOG_GROUPS,
    NAT_LOG_GROUP,
    Names,
    log_group_name,
)


def describe(config: EnvironmentConfig) -> Description:
    """Return what the program makes of a config."""
    names = Names(config.environment)
    has_nat_instance = config.network.nat_instance is not None
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
        hostnames=_hostnames(config),
        dns_zone=names.name("dns"),
        dns_zone_id=config.dns.cloudflare_zone_id,
        certificate_names=_certificate_names(config, names),
        aurora_cluster=names.name("aurora"),
        aurora_version=config.aurora.engine_version,
        redis_engine=config.redis.engine,
        redis_version=config.redis.engine_version,
        redis_prefix=f"{names.name('redis')}-",
        redis_secret=REDIS_SECRET,
        clickhouse_zone=config.clickhouse.availability_zone,
        clickhouse_volume_gib=config.clickhouse.volume_gib,
        clickhouse_secret=CLICKHOUSE_SECRET,
        hosts=_hosts(names, has_nat_instance=has_nat_instance),
        host_images=_host_images(config),
        releases=_releases(config),
        alarm_prefix=f"{names.name('monitoring')}-",
        is_proxied=config.dns.proxied,
        aurora_cidrs=tuple(map(str, config.aurora.allowed_cidrs.values()))
        if config.aurora.publicly_accessible
        else None,
        alarm_emails=tuple(config.alarms.emails),
        running_hours=config.running_hours,
        log_group_prefix=LOG_GROUPS,
        log_groups=_log_groups(has_nat_instance=has_nat_instance),
        shared=_shared(config),
    )


def _entrances(config: EnvironmentConfig) -> Mapping[str, HttpsIngress | PassthroughIngress]:
    """Return the ways in from the internet, by host name."""
    return {
        hostname: service.ingress
        for service in SERVICES
        if service.ingress is not None and (hostname := config.services[service.name].hostname) is not None
    }


def _hostnames(config: EnvironmentConfig) -> Mapping[str, str]:
    return {
        hostname: SHARED_LOAD_BALANCER
        if config.load_balancing.shared and isinstance(ingress, HttpsIngress)
        else ingress.load_balancer
        for hostname, ingress in _entrances(config).items()
    }


def _certificate_names(config: EnvironmentConfig, names: Names) -> Mapping[str, str]:
    return {
        # Sharing a balancer changes no certificate.
        hostname: names.name(f"{ingress.load_balancer}-certificate")
        for hostname, ingress in _entrances(config).items()
        if isinstance(ingress, HttpsIngress)
    }


def _hosts(names: Names, *, has_nat_instance: bool) -> Mapping[str, str]:
    hosts = {host: names.name(host) for host in ("clickhouse", "bastion")}
    return {**hosts, "nat": names.name("network-nat")} if has_nat_instance else hosts


def _shared(config: EnvironmentConfig) -> SharedResources:
    return SharedResources(
        repositories=REPOSITORIES,
        registry_region=config.registry.region,
        provider_url=f"https://{ISSUER}",
        role_name=config.github.role_name,
        is_owner=config.registry.create and config.github.create,
    )


def _host_images(config: EnvironmentConfig) -> Mapping[str, str]:
    nat = config.network.nat_instance
    images = {"clickhouse": config.clickhouse.ami_id, "bastion": config.bastion.ami_id}
    return images if nat is None else {**images, "nat": nat.ami_id}


def _log_groups(*, has_nat_instance: bool) -> frozenset[str]:
    hosts = (BASTION_LOG_GROUP, CLICKHOUSE_LOG_GROUP, *([NAT_LOG_GROUP] if has_nat_instance else []))
    return frozenset({*(log_group_name(service.name) for service in SERVICES), *hosts})


def _releases(config: EnvironmentConfig) -> Mapping[Product, str]:
    return {
        Product.AURORA: ".".join(config.aurora.engine_version.split(".")[3:5]),
        {"redis": Product.REDIS, "valkey": Product.VALKEY}[config.redis.engine]: config.redis.engine_version.split(".")[
            0
        ],
        Product.CLICKHOUSE: ".".join(config.clickhouse.image.partition("@")[0].rpartition(":")[2].split(".")[:2]),
        # What the hosts' boot documents are written for.
        Product.LINUX: "2023",
    }
