"""The network, the ECS cluster, the image registry and the DNS zone, which everything else needs."""

from dataclasses import dataclass

from workbench.config.network import Network
from workbench.names import deployed_tag_prefix
from zelly_components.container_registry import ContainerRegistry, ContainerRegistryArgs
from zelly_components.dns_zone import DnsZone, DnsZoneArgs
from zelly_components.ecs_cluster import EcsCluster, EcsClusterArgs
from zelly_components.vpc import Vpc, VpcArgs, VpcNatInstanceArgs, VpcSubnetsArgs
from zelly_infra import catalog
from zelly_infra.composition.scope import Scope
from zelly_infra.names import NAT_LOG_GROUP

_INTERNET_PORTS = (443,)
"""The internet's ports that can be reached from private subnets."""


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
        network=_network(scope),
        cluster=EcsCluster(
            scope.name("cluster"),
            EcsClusterArgs(
                cluster_name=scope.names.prefix, container_insights=environment.containers.container_insights
            ),
            scope.options,
        ),
        registry=_registry(scope),
        dns=DnsZone(
            scope.name("dns"),
            DnsZoneArgs(zone_id=environment.dns.cloudflare_zone_id, ttl_seconds=environment.dns.ttl_seconds),
            scope.options,
        ),
    )


def _network(scope: Scope) -> Vpc:
    network = scope.environment.network
    nat_zones = {"single": network.availability_zones[:1], "one_per_zone": network.availability_zones, "none": ()}
    return Vpc(
        scope.name("network"),
        VpcArgs(
            region=scope.environment.region,
            account_id=scope.environment.aws_account_id,
            cidr_block=str(network.cidr),
            availability_zones=network.availability_zones,
            nat_gateway_zones=nat_zones[network.nat_gateways],
            flow_log_retention_days=network.flow_log_retention_days,
            s3_bucket_names=network.s3_buckets,
            nat_instance=_nat_instance(network),
            subnets=_subnets(network),
        ),
        scope.options,
    )


def _subnets(network: Network) -> VpcSubnetsArgs | None:
    cidrs = network.subnet_cidrs
    if cidrs is None:
        return None
    return VpcSubnetsArgs(
        public_cidr_blocks=[str(cidr) for cidr in cidrs.public],
        private_cidr_blocks=[str(cidr) for cidr in cidrs.private],
    )


def _nat_instance(network: Network) -> VpcNatInstanceArgs | None:
    instance = network.nat_instance
    if instance is None:
        return None
    return VpcNatInstanceArgs(
        instance_type=instance.instance_type,
        cpu_credits=instance.cpu_credits,
        ami_id=instance.ami_id,
        ports=_INTERNET_PORTS,
        log_group_name=NAT_LOG_GROUP,
        log_retention_days=instance.log_retention_days,
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
                    deployed_tag_prefix(prefix): registry.deployed_images_kept_per_prefix
                    for prefix in registry.kept_tag_prefixes
                },
                **dict.fromkeys(registry.kept_tag_prefixes, registry.images_kept_per_prefix),
            },
            untagged_retention_days=registry.untagged_retention_days,
        ),
        scope.options,
    )
