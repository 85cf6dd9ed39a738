"""The composition root of Relay: the environment config in, components made, outputs out."""

from collections.abc import Mapping

import pulumi

from relay_infra.composition.access import build_access
from relay_infra.composition.edge import build_edge
from relay_infra.composition.foundation import build_foundation
from relay_infra.composition.jenkins import build_jenkins
from relay_infra.composition.monitoring import build_monitoring
from relay_infra.composition.scope import make_scope
from relay_infra.composition.secrets import build_secrets
from relay_infra.composition.services import build_services
from relay_infra.config import EnvironmentConfig


def build(environment: EnvironmentConfig) -> Mapping[str, pulumi.Input[object]]:
    """Make the whole environment and return its outputs, by exported key."""
    scope = make_scope(environment)
    foundation = build_foundation(scope)
    secrets = build_secrets(scope)
    edge = build_edge(scope, foundation)
    services = build_services(scope, foundation=foundation, secrets=secrets, edge=edge)
    deploy_role = build_access(scope, foundation=foundation, services=services)
    jenkins = build_jenkins(scope, foundation=foundation, edge=edge)
    monitoring = build_monitoring(scope, foundation=foundation, edge=edge, services=services, jenkins=jenkins)
    return {
        "environment": environment.environment,
        "region": environment.region,
        "vpc_id": foundation.network.vpc_id,
        "nat_public_ips": foundation.network.nat_public_ips,
        "cluster_name": foundation.cluster.cluster_name,
        "service_names": {name: service.service_name for name, service in services.items()},
        "image_parameters": {name: service.image_parameter_name for name, service in services.items()},
        "load_balancer_dns_name": edge.balancer.dns_name,
        "repository_urls": foundation.registry.repository_urls,
        "dashboard_name": monitoring.dashboard_name,
        "alarm_topic_arn": monitoring.topic_arn,
        "deploy_role_arn": deploy_role.role_arn,
        **({} if jenkins is None else {"jenkins": jenkins.outputs, "vpn_client_configs": jenkins.vpn.client_configs}),
    }
