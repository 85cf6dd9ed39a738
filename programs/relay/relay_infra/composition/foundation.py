"""The network, the ECS cluster, the image registry and the DNS zone, which everything else needs."""

from dataclasses import dataclass

from relay_infra import catalog
from relay_infra.composition.scope import Scope
from relay_infra.description import BRANCH_TAG_PREFIX, NIGHTLY_TAG_PREFIX, TAG_PREFIX, deployed_tag_prefix
from relay_infra.names import NAT_LOG_GROUP
from workbench.composition.network import vpc_args
from zelly_components.container_registry import ContainerRegistry, ContainerRegistryArgs
from zelly_components.dns_zone import DnsZone, DnsZoneArgs
from zelly_components.ecs_cluster import EcsCluster, EcsClusterArgs
from zelly_components.vpc import Vpc


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """The components in which others are placed."""

    network: Vpc
    cluster: EcsCluster
    registry: ContainerRegistry
    dns: DnsZone


def build_foundation(scope: Scope) -> Foundation:
    """Make the foundation."""
    environment = scope.environment
    return Foundation(
        network=Vpc(
            scope.name("network"),
            vpc_args(environment, environment.network, nat_log_group=NAT_LOG_GROUP),
            scope.options,
        ),
        cluster=EcsCluster(
            scope.name("cluster"),
            EcsClusterArgs(
                cluster_name=scope.names.prefix, container_insights=environment.containers.container_insights
            ),
            scope.options,
        ),
        registry=_registry(scope),
        dns=DnsZone(
            scope.names.dns_zone,
            DnsZoneArgs(zone_id=environment.dns.cloudflare_zone_id, ttl_seconds=environment.dns.ttl_seconds),
            scope.options,
        ),
    )


def _registry(scope: Scope) -> ContainerRegistry:
    registry = scope.environment.registry
    return ContainerRegistry(
        scope.name("registry"),
        ContainerRegistryArgs(
            region=registry.region,
            repository_names=catalog.REPOSITORIES,
            create=registry.create,
            images_kept={
                **{
                    f"{deployed_tag_prefix(environment)}-": registry.deployed_kept
                    for environment in registry.environments
                },
                f"{TAG_PREFIX}-": registry.commits_kept,
            },
            untagged_retention_days=registry.untagged_days,
            days_kept={
                f"{BRANCH_TAG_PREFIX}-": registry.branch_days,
                f"{NIGHTLY_TAG_PREFIX}-": registry.nightly_days,
            },
            # The tag of a night has its date, and stays where it is.
            mutable_tag_patterns=[f"{BRANCH_TAG_PREFIX}-*"],
        ),
        scope.options,
    )
