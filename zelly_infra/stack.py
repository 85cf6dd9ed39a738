"""The composition root: it makes the components from config and catalog, and returns the outputs."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from zelly_components.bastion_wireguard import BastionWireGuard
from zelly_components.ecs_service import EcsService
from zelly_components.github_oidc import GithubOidc
from zelly_components.observability import Observability
from zelly_infra.catalog import WIREGUARD_SECRET
from zelly_infra.composition.access import build_bastion, build_github
from zelly_infra.composition.edge import Edge, build_edge
from zelly_infra.composition.foundation import Foundation, build_foundation
from zelly_infra.composition.monitoring import build_monitoring
from zelly_infra.composition.running_hours import build_running_hours
from zelly_infra.composition.scope import Scope, make_scope
from zelly_infra.composition.services import build_services
from zelly_infra.composition.stores import Stores, build_stores
from zelly_infra.config import EnvironmentConfig


def build(environment: EnvironmentConfig) -> Mapping[str, pulumi.Input[object]]:
    """Make the whole environment and return its outputs, keyed as :class:`zelly_infra.outputs.StackOutputs` says."""
    scope = make_scope(environment)
    foundation = build_foundation(scope)
    stores = build_stores(scope, foundation.network)
    edge = build_edge(scope, foundation)
    services = build_services(scope, foundation, stores, edge)
    bastion = build_bastion(scope, foundation, stores, services)
    github = build_github(scope, foundation, services)
    monitoring = build_monitoring(
        scope, foundation=foundation, stores=stores, edge=edge, services=services, bastion=bastion
    )
    build_running_hours(
        scope, foundation=foundation, stores=stores, services=services, bastion=bastion, monitoring=monitoring
    )
    return _outputs(
        _Parts(
            scope=scope,
            foundation=foundation,
            stores=stores,
            edge=edge,
            services=services,
            bastion=bastion,
            github=github,
            monitoring=monitoring,
        )
    )


@dataclass(frozen=True, kw_only=True)
class _Parts:
    scope: Scope
    foundation: Foundation
    stores: Stores
    edge: Edge
    services: Mapping[str, EcsService]
    bastion: BastionWireGuard
    github: GithubOidc
    monitoring: Observability


def _outputs(parts: _Parts) -> Mapping[str, pulumi.Input[object]]:
    environment = parts.scope.environment
    stores = parts.stores
    nat_instance = parts.foundation.network.nat_instance
    return {
        "environment": environment.environment,
        "region": environment.region,
        "vpc_id": parts.foundation.network.vpc_id,
        "nat_public_ips": parts.foundation.network.nat_public_ips,
        **({"nat_instance_id": nat_instance.instance_id} if nat_instance else {}),
        "cluster_name": parts.foundation.cluster.cluster_name,
        **_service_outputs(parts.services),
        "load_balancer_dns_names": {
            name: balancer.dns_name
            for name, balancer in (
                *parts.edge.application_load_balancers.items(),
                *parts.edge.network_load_balancers.items(),
            )
        },
        "service_urls": {
            name: f"https://{service.hostname}"
            for name, service in environment.services.items()
            if service.hostname is not None
        },
        "storefront_ips": [
            address for balancer in parts.edge.network_load_balancers.values() for address in balancer.public_ips
        ],
        "certificate_file_system_id": stores.certificates.file_system_id,
        "aurora_endpoint": stores.aurora.endpoint,
        "aurora_reader_endpoint": stores.aurora.reader_endpoint,
        "redis_endpoint": stores.redis.endpoint,
        "redis_port": stores.redis.port,
        "clickhouse_instance_id": stores.clickhouse.instance_id,
        "clickhouse_private_ip": stores.clickhouse.private_ip,
        "registry_region": environment.registry.region,
        "repository_urls": parts.foundation.registry.repository_urls,
        "secret_arns": {**stores.secret_arns, WIREGUARD_SECRET: parts.bastion.server_key_secret_arn},
        "github_actions_role_arn": parts.github.role_arn,
        "bastion_instance_id": parts.bastion.instance_id,
        "bastion_public_ip": parts.bastion.public_ip,
        "wireguard_server_public_key": parts.bastion.server_public_key,
        "vpn_client_configs": parts.bastion.client_configs,
        "dashboard_name": parts.monitoring.dashboard_name,
        "alarm_topic_arn": parts.monitoring.topic_arn,
        "cache_event_topic_arn": stores.cache_events.topic_arn,
    }


def _service_outputs(services: Mapping[str, EcsService]) -> Mapping[str, pulumi.Input[object]]:
    return {
        "service_names": {name: service.service_name for name, service in services.items()},
        "task_families": {name: service.task_definition_family for name, service in services.items()},
        "log_groups": {name: service.log_group_name for name, service in services.items()},
        "image_parameters": {
            name: service.image_parameter_name
            for name, service in services.items()
            if service.image_parameter_name is not None
        },
    }
