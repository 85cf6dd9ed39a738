"""The description of one environment of Zelly for its tools: its parts and their names."""

from collections.abc import Mapping
from datetime import date

from workbench.alerts import alert_topics
from workbench.program import AcceptedRelease, DeployedService, Description, Release, SharedResources, UnseenCheck
from workbench.stores import AuroraCluster, ClickHouseHost, FileSystem, RedisNode, Store
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

_ACCEPTED_RELEASES: Mapping[tuple[str, str], AcceptedRelease] = {
    ("ClickHouse", "24.3"): AcceptedRelease(
        until=date(2027, 11, 30),
        reason="the platform's documents name it; no other host than its clients reaches it",
    ),
}
"""As the rules' exceptions: with a reason, and a last day."""

_UNSEEN_STEPS = (
    UnseenCheck(
        name="migrations run",
        why="which schemas Aurora holds is not seen from outside",
        service="fastify-nova",
        command="COMMAND",
    ),
)

_UNSEEN_INVARIANTS = (
    UnseenCheck(
        name="Caddy locks",
        why="the certificate volume is not seen from outside",
        service="storefront",
        container="caddy",
        command="find /data/caddy/locks -type f",
    ),
)


def describe(config: EnvironmentConfig) -> Description:
    """Return the description of the environment that the program makes of a config."""
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
        stores=_stores(config, names),
        hosts=_hosts(names, has_nat_instance=has_nat_instance),
        host_images=_host_images(config),
        # What the hosts' boot documents are written for.
        host_release=Release(product="Amazon Linux", release="2023", setting="the ami_id of each host"),
        accepted_releases=_ACCEPTED_RELEASES,
        unseen_steps=_UNSEEN_STEPS,
        unseen_invariants=_UNSEEN_INVARIANTS,
        alarm_prefix=f"{names.name('monitoring')}-",
        is_proxied=config.dns.proxied,
        alarm_emails=tuple(config.alarms.emails),
        alert_topics=alert_topics(names.name("alerts"), config.channels),
        running_hours=config.running_hours,
        log_group_prefix=LOG_GROUPS,
        log_groups=_log_groups(has_nat_instance=has_nat_instance),
        shared=_shared(config),
    )


def _stores(config: EnvironmentConfig, names: Names) -> tuple[Store, ...]:
    aurora, redis, clickhouse = config.aurora, config.redis, config.clickhouse
    return (
        AuroraCluster(
            label="Aurora",
            identifier=names.name("aurora"),
            version=aurora.engine_version,
            version_setting="aurora.engine_version",
            allowed_cidrs=tuple(map(str, aurora.allowed_cidrs.values())) if aurora.publicly_accessible else None,
        ),
        RedisNode(
            label="Redis",
            prefix=f"{names.name('redis')}-",
            copy_prefix=f"{names.name('restored')}-",
            engine=redis.engine,
            engine_setting="redis.engine",
            version=redis.engine_version,
            version_setting="redis.engine_version",
            secret=REDIS_SECRET,
        ),
        ClickHouseHost(
            label="ClickHouse",
            host=names.name("clickhouse"),
            volume=names.name("clickhouse-data"),
            zone=clickhouse.availability_zone,
            volume_gib=clickhouse.volume_gib,
            image=clickhouse.image,
            image_setting="clickhouse.image",
            secret=CLICKHOUSE_SECRET,
        ),
        FileSystem(label="Caddy's certificates", name=names.name("caddy"), restoring_role=names.name("backup-restore")),
    )


def _entrances(config: EnvironmentConfig) -> Mapping[str, HttpsIngress | PassthroughIngress]:
    """Return the load balancers by the host name that leads to each."""
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
