"""The description of one environment of Pakashop for its tools: its parts and their names."""

from collections.abc import Mapping
from datetime import date, timedelta

from pakashop_infra.catalog import DATABASE_SECRET, REDIS_SECRET, SEARCH_SECRET
from pakashop_infra.config import EnvironmentConfig
from pakashop_infra.names import (
    HOST_LOG_GROUP,
    LOG_GROUPS,
    NAT_LOG_GROUP,
    PLATFORM,
    REDIS_LOG_GROUP,
    SEARCH_LOG_GROUP,
    SERVICES_LOG_GROUP,
    STATE_REGION,
    Names,
)
from workbench.alerts import alert_topics
from workbench.backups import BackupTarget
from workbench.edge import Edge
from workbench.program import AcceptedRelease, Description, Release, ReleaseTarget, SharedResources
from workbench.stores import PostgresInstance, RedisHost, SearchHost, Store
from zelly_components.edge.ranges import AS_OF, IPV4_RANGES, IPV6_RANGES
from zelly_components.hosts.rds_authorities import CA_BUNDLE_PATH
from zelly_components.identity.github_subjects import ISSUER

_ACCEPTED_RELEASES = {
    ("Meilisearch", "1.7"): AcceptedRelease(
        until=date(2027, 3, 31),
        reason="CI tests with it; `pakashop search upgrade` leaves it behind once the services' clients have moved",
    ),
    ("Node.js", "20"): AcceptedRelease(
        until=date(2027, 3, 31),
        reason="the services' own pipeline tests with it; they move to 24 first",
    ),
}

_LOG_GROUPS = (HOST_LOG_GROUP, REDIS_LOG_GROUP, SEARCH_LOG_GROUP, SERVICES_LOG_GROUP)


def describe(config: EnvironmentConfig) -> Description:
    """Return the description of the environment that the program makes of a config."""
    names = Names(config.environment)
    has_nat_instance = config.network.nat_instance is not None
    return Description(
        stack=config.environment,
        region=config.region,
        account_id=config.aws_account_id,
        registry_region=STATE_REGION,
        dns_zone=names.dns_zone,
        dns_zone_id=config.edge.cloudflare_zone_id,
        stores=(_postgresql(config, names), *_hosted_stores(config, names)),
        hosts=_hosts(config, names),
        host_images=_host_images(config),
        host_release=Release(product="Amazon Linux", release="2023", setting="the ami_id of each host"),
        host_runtimes=(
            Release(product="Node.js", release=config.host.runtimes.node, setting="host.runtimes.node"),
            Release(product="Python", release=config.host.runtimes.python, setting="host.runtimes.python"),
        ),
        accepted_releases=_ACCEPTED_RELEASES,
        unseen_steps=(),
        unseen_invariants=(),
        alarm_prefix=f"{names.name('monitoring')}-",
        is_proxied=True,
        alarm_emails=tuple(config.alarms.emails),
        alert_topics=alert_topics(names.name("alerts"), config.channels),
        running_hours=None,
        log_group_prefix=LOG_GROUPS,
        log_groups=frozenset({*_LOG_GROUPS, *([NAT_LOG_GROUP] if has_nat_instance else [])}),
        shared=SharedResources(
            repositories=(),
            registry_region=STATE_REGION,
            provider_url=f"https://{ISSUER}",
            role_name="",
            is_owner=config.github.create_provider,
        ),
        edge=_edge(config),
        releases=ReleaseTarget(
            host=names.host,
            document=names.release_document,
            bucket=names.release_bucket(config.aws_account_id),
            record=names.release_record,
            log_group=SERVICES_LOG_GROUP,
            takes_snapshot=config.host.releases.snapshot_before,
            confirm_seconds=config.host.releases.confirm_seconds,
        ),
        backups=_backups(config, names),
    )


def _backups(config: EnvironmentConfig, names: Names) -> BackupTarget:
    return BackupTarget(
        host=names.host,
        document=names.backup_document,
        bucket=names.backup_bucket(config.aws_account_id),
        log_group=HOST_LOG_GROUP,
        restored_prefix=f"{PLATFORM}_restored_",
    )


def _postgresql(config: EnvironmentConfig, names: Names) -> PostgresInstance:
    first = names.name("postgresql")
    return PostgresInstance(
        label="PostgreSQL",
        identifier=names.database(config.postgresql.restored_as),
        copy_prefix=f"{first}-restored-",
        version=config.postgresql.engine_version,
        version_setting="postgresql.engine_version",
        parameter_group=f"{first}-parameters-postgres",
        secret=DATABASE_SECRET,
        ca_bundle=CA_BUNDLE_PATH,
        restored_setting="postgresql.restored_as",
        page="docs/postgresql.md",
    )


def _edge(config: EnvironmentConfig) -> Edge:
    edge = config.edge
    through_cloudflare = edge.api_routing == "worker"
    return Edge(
        hostnames=(*([edge.hostname] if through_cloudflare else []), edge.origin_hostname),
        ranges=frozenset({*IPV4_RANGES, *IPV6_RANGES}),
        ranges_as_of=AS_OF,
        client_certificate_until=edge.certificates.client_valid_from + timedelta(days=edge.certificates.client_days),
        certificate_setting="edge.certificates.client_valid_from",
    )


def _hosts(config: EnvironmentConfig, names: Names) -> Mapping[str, str]:
    nat = {} if config.network.nat_instance is None else {"nat": names.name("network-nat")}
    return {"host": names.host, "redis": names.name("redis"), "search": names.name("search"), **nat}


def _host_images(config: EnvironmentConfig) -> Mapping[str, str]:
    nat = config.network.nat_instance
    stores = {"redis": config.redis.ami_id, "search": config.search.ami_id}
    return {"host": config.host.ami_id, **stores, **({} if nat is None else {"nat": nat.ami_id})}


def _hosted_stores(config: EnvironmentConfig, names: Names) -> tuple[Store, ...]:
    redis, search = config.redis, config.search
    return (
        RedisHost(
            label="Redis host",
            host=names.name("redis"),
            volume=names.name("redis-data"),
            zone=redis.availability_zone,
            volume_gib=redis.volume_gib,
            secret=REDIS_SECRET,
            page="docs/redis.md",
        ),
        SearchHost(
            label="Meilisearch",
            host=names.name("search"),
            volume=names.name("search-data"),
            zone=search.availability_zone,
            volume_gib=search.volume_gib,
            version=search.version,
            version_setting="search.version",
            secret=SEARCH_SECRET,
            document=names.search_document,
            log_group=SEARCH_LOG_GROUP,
            page="docs/search.md",
        ),
    )
