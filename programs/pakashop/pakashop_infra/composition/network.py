"""The VPC in which everything of an environment stands."""

from pakashop_infra.composition.scope import Scope
from pakashop_infra.names import NAT_LOG_GROUP
from zelly_components.vpc import Vpc, VpcArgs, VpcNatInstanceArgs, VpcSubnetsArgs

_INTERNET_PORTS = (443,)
"""The internet's ports that can be reached from private subnets."""


def build_network(scope: Scope) -> Vpc:
    """Make the VPC."""
    network = scope.environment.network
    nat_zones = {"single": network.availability_zones[:1], "one_per_zone": network.availability_zones, "none": ()}
    instance, cidrs = network.nat_instance, network.subnet_cidrs
    return Vpc(
        scope.name("network"),
        VpcArgs(
            region=scope.environment.region,
            account_id=scope.environment.aws_account_id,
            cidr_block=str(network.cidr),
            availability_zones=network.availability_zones,
            nat_gateway_zones=nat_zones[network.nat_gateways],
            flow_log_retention_days=network.flow_log_retention_days,
            s3_bucket_names=[
                *network.s3_buckets,
                scope.names.release_bucket(scope.environment.aws_account_id),
                scope.names.backup_bucket(scope.environment.aws_account_id),
            ],
            nat_instance=instance
            and VpcNatInstanceArgs(
                instance_type=instance.instance_type,
                cpu_credits=instance.cpu_credits,
                ami_id=instance.ami_id,
                ports=_INTERNET_PORTS,
                log_group_name=NAT_LOG_GROUP,
                log_retention_days=instance.log_retention_days,
            ),
            subnets=cidrs
            and VpcSubnetsArgs(
                public_cidr_blocks=[str(cidr) for cidr in cidrs.public],
                private_cidr_blocks=[str(cidr) for cidr in cidrs.private],
            ),
        ),
        scope.options,
    )
