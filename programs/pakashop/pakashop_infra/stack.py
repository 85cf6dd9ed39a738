"""The composition root of Pakashop: the environment config in, components made, outputs out."""

from collections.abc import Mapping

import pulumi

from pakashop_infra.composition.access import build_access
from pakashop_infra.composition.backups import build_backups
from pakashop_infra.composition.edge import build_edge
from pakashop_infra.composition.host import build_host
from pakashop_infra.composition.monitoring import build_alerts, build_monitoring
from pakashop_infra.composition.network import build_network
from pakashop_infra.composition.postgresql import build_postgresql
from pakashop_infra.composition.redis import build_redis
from pakashop_infra.composition.releases import build_releases
from pakashop_infra.composition.scope import make_scope
from pakashop_infra.composition.search import build_search
from pakashop_infra.config import EnvironmentConfig


def build(environment: EnvironmentConfig) -> Mapping[str, pulumi.Input[object]]:
    """Make the whole environment and return its outputs, by exported key."""
    scope = make_scope(environment)
    network = build_network(scope)
    postgresql = build_postgresql(scope, network)
    releases = build_releases(scope)
    redis = build_redis(scope, network)
    search = build_search(scope, network=network, releases=releases)
    backups = build_backups(scope, postgresql=postgresql)
    host = build_host(scope, network=network, releases=releases, backups=backups)
    for store in (postgresql.instance, redis.host, search.host):
        store.allow_from("services", host.security_group_id)
    alerts = build_alerts(scope)
    edge = build_edge(scope, host=host, alerts=alerts)
    access = build_access(scope, releases=releases)
    monitoring = build_monitoring(
        scope, alerts, network=network, host=host, postgresql=postgresql, redis=redis, search=search, backups=backups
    )
    return {
        "environment": environment.environment,
        "region": environment.region,
        "vpc_id": network.vpc_id,
        "nat_public_ips": network.nat_public_ips,
        "host_public_ip": host.public_ip,
        "host_instance_id": host.instance_id,
        "host_configuration": host.configuration_key,
        "postgresql_endpoint": postgresql.instance.endpoint,
        "redis_instance_id": redis.host.instance_id,
        "search_instance_id": search.host.instance_id,
        "search_document": search.host.document_name,
        "backup_bucket": backups.vault.bucket_name,
        "backup_document": backups.document.document_name,
        "release_bucket": releases.bucket.bucket_name,
        "release_document": releases.document.document_name,
        "build_role_arn": access.build.role_arn,
        "deploy_role_arn": access.deploy.role_arn,
        "hostname": environment.edge.hostname,
        "origin_hostname": environment.edge.origin_hostname,
        "origin_certificate_expires_on": edge.certificate.expires_on,
        "uptime_topic_arn": edge.uptime.topic_arn,
        "uptime_checker_token": None if edge.zone is None else edge.zone.checker_token,
        "dashboard_name": monitoring.dashboard_name,
        "alarm_topic_arn": monitoring.topic_arn,
    }
