"""A NAT instance: a small host in a public subnet through which private subnets reach the internet."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, resolved_after
from zelly_components.host import Host, HostArgs
from zelly_components.hosts import nat_boot
from zelly_components.limits.instance_type import CpuCredits
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

_ROOT_VOLUME_GIB = 8
_HTTPS_PORT = 443
"""The port that the host itself uses: Amazon Linux's packages, Systems Manager, CloudWatch."""


@dataclass(frozen=True, kw_only=True)
class NatInstanceArgs:
    """Arguments of a NAT instance."""

    vpc_id: pulumi.Input[str]
    """The VPC of the instance's security group, the one that the subnets are in. Another VPC replaces the group."""
    vpc_cidr_block: str
    """The VPC's IPv4 range, whose packets it passes on. Another range replaces the instance."""
    subnet_id: pulumi.Input[str]
    """A public subnet of the VPC: it gets an Elastic IP. Another one replaces the instance."""
    instance_type: str
    """A Nitro type, e.g. ``t4g.micro``. Changing it stops and starts the instance; to another architecture, replaces
    it."""
    cpu_credits: CpuCredits | None
    """The behaviour of a burstable (T) type that has spent its CPU credits: ``standard`` slows it down, ``unlimited``
    charges for more. None for every other type."""
    ami_id: str
    """Amazon Linux 2023, for the instance type's architecture. Only read when the instance is made."""
    ports: Sequence[int]
    """The TCP ports that may be reached on the internet, as in the callers' security groups. Other ports replace the
    instance."""
    log_group_name: str
    """The name of the host's log group in CloudWatch, which is made here, e.g. ``/shop/nat``. Another name replaces the
    group, and the host, whose programs write to it."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""


class NatInstance(Component):
    """A host that forwards traffic from a VPC to some ports of the internet, under its own Elastic IP.

    It costs some 35 USD a month less than a NAT gateway, and nothing by the gigabyte. In exchange it is one host in one
    zone: while it is replaced, rebooted or down, whatever leaves through it waits. EC2 recovers it by itself, with its
    addresses, when the hardware below fails, and it needs no network to come back after a reboot; a new instance
    installs nftables first, which takes a minute or two.

    The host keeps nothing, so that it is not protected from deletion: a replacement has the same address, and open
    connections are lost either way. If something fails, ``nat.service`` is in the state *failed*, the reason is in the
    log group and on the instance's console, and the next minute tries again.

    Example::

        from zelly_components.nat_instance import NatInstance, NatInstanceArgs

        nat = NatInstance(
            "shop-nat",
            NatInstanceArgs(
                vpc_id="vpc-1",
                vpc_cidr_block="10.8.0.0/16",
                subnet_id="subnet-public-a",
                instance_type="t4g.micro",
                cpu_credits="standard",
                ami_id="ami-0123456789abcdef0",
                ports=[443],
                log_group_name="/shop/nat",
                log_retention_days=30,
            ),
        )
    """

    public_ip: pulumi.Output[str]
    """The Elastic IP, which the outside sees; it outlives the instance."""
    instance_id: pulumi.Output[str]
    """The id of the EC2 instance, for alarms and sessions."""
    network_interface_id: pulumi.Output[str]
    """The target of routes. It resolves once the Elastic IP is there: before, nothing would come out."""
    security_group_id: pulumi.Output[str]
    """The instance's security group, which the VPC's range may enter."""
    failed_units_metric: str
    """The metric that counts the host's failed systemd units, in CloudWatch's namespace ``FailedUnits``; it is sent
    only when one failed."""
    mount_points: dict[str, str]
    """The file systems whose use is published, each path by a short name."""

    def __init__(self, name: str, args: NatInstanceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        group = self._security_group(args)
        host = self._host(args, group)
        address, association = self._elastic_ip(host)

        self.public_ip = address.public_ip
        self.instance_id = host.instance_id
        self.network_interface_id = resolved_after(host.network_interface_id, association)
        self.security_group_id = group.security_group_id
        self.failed_units_metric = host.failed_units_metric
        self.mount_points = nat_boot.MOUNT_POINTS
        self.register_annotated_outputs()

    def _security_group(self, args: NatInstanceArgs) -> SecurityGroup:
        group = SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(
                vpc_id=args.vpc_id,
                description=f"NAT instance {self._name}",
                internet_egress_ports=sorted({_HTTPS_PORT, *args.ports}),
            ),
            opts=self.child(),
        )
        for port in args.ports:
            group.allow_from_cidr("vpc", args.vpc_cidr_block, port=port)
        return group

    def _host(self, args: NatInstanceArgs, group: SecurityGroup) -> Host:
        values = nat_boot.NatBootValues(
            vpc_cidr_block=args.vpc_cidr_block, ports=tuple(sorted(args.ports)), log_group_name=args.log_group_name
        )
        return Host(
            self._name,
            HostArgs(
                subnet_id=args.subnet_id,
                security_group_ids=[group.security_group_id],
                instance_type=args.instance_type,
                cpu_credits=args.cpu_credits,
                ami_id=args.ami_id,
                root_volume_gib=_ROOT_VOLUME_GIB,
                user_data=nat_boot.user_data(values),
                identity={**asdict(values), "ports": ",".join(map(str, values.ports))},
                log_group_name=args.log_group_name,
                log_retention_days=args.log_retention_days,
                statements=[],
                termination_protection=False,
                private=False,
                source_dest_check=False,
            ),
            opts=self.child(),
        )

    def _elastic_ip(self, host: Host) -> tuple[aws.ec2.Eip, aws.ec2.EipAssociation]:
        address = aws.ec2.Eip(f"{self._name}-eip", domain="vpc", tags={"Name": self._name}, opts=self.child())
        association = aws.ec2.EipAssociation(
            f"{self._name}-eip-association",
            allocation_id=address.id,
            instance_id=host.instance_id,
            # The address moves from a replaced instance to its successor in one step.
            allow_reassociation=True,
            opts=self.child(),
        )
        return address, association


def _check(args: NatInstanceArgs) -> None:
    try:
        IPv4Network(args.vpc_cidr_block)
    except ValueError as error:
        raise ValueError(
            f"vpc_cidr_block: came {args.vpc_cidr_block}; allowed an IPv4 range such as 10.8.0.0/16"
        ) from error
    if not args.ports or len(set(args.ports)) != len(args.ports) or not all(1 <= port <= 65535 for port in args.ports):
        raise ValueError(f"ports: came {', '.join(map(str, args.ports)) or 'none'}; allowed 1 to 65535, each once")
