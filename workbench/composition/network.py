"""The arguments of a VPC, from the config's section on it."""

from collections.abc import Sequence

from workbench.config.network import Network
from workbench.program import StackConfig
from zelly_components.vpc import VpcArgs, VpcNatInstanceArgs, VpcSubnetsArgs

_INTERNET_PORTS = (443,)
"""The internet's ports that can be reached from private subnets."""


def vpc_args(config: StackConfig, network: Network, *, nat_log_group: str, bucket_names: Sequence[str] = ()) -> VpcArgs:
    """Return the arguments of an environment's VPC.

    Args:
        config: Says where it stands.
        network: The config's section.
        nat_log_group: The log group of the NAT instance, where the section asks for one.
        bucket_names: The program's own buckets that what stands in the VPC may use, beside those of the section.
    """
    nat_zones = {"single": network.availability_zones[:1], "one_per_zone": network.availability_zones, "none": ()}
    instance, cidrs = network.nat_instance, network.subnet_cidrs
    return VpcArgs(
        region=config.region,
        account_id=config.aws_account_id,
        cidr_block=str(network.cidr),
        availability_zones=network.availability_zones,
        nat_gateway_zones=nat_zones[network.nat_gateways],
        flow_log_retention_days=network.flow_log_retention_days,
        s3_bucket_names=[*network.s3_buckets, *bucket_names],
        nat_instance=instance
        and VpcNatInstanceArgs(
            instance_type=instance.instance_type,
            cpu_credits=instance.cpu_credits,
            ami_id=instance.ami_id,
            ports=_INTERNET_PORTS,
            log_group_name=nat_log_group,
            log_retention_days=instance.log_retention_days,
        ),
        subnets=cidrs
        and VpcSubnetsArgs(
            public_cidr_blocks=[str(cidr) for cidr in cidrs.public],
            private_cidr_blocks=[str(cidr) for cidr in cidrs.private],
        ),
    )
