"""An internet-facing Network Load Balancer with fixed addresses that passes TCP through untouched."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, counted, resolved_after
from zelly_components.naming import load_balancer_name, name_prefix
from zelly_components.security_group import ANYWHERE, SecurityGroup, SecurityGroupArgs

_TARGET_GROUP_PREFIX_LIMIT = 6


@dataclass(frozen=True, kw_only=True)
class NetworkLoadBalancerArgs:
    """Arguments of a Network Load Balancer."""

    load_balancer_name: str
    """Its name in AWS, at most 32 letters, digits and hyphens."""
    vpc_id: pulumi.Input[str]
    """The VPC of the balancer's security group and of its target groups, the one that the subnets are in. Another VPC
    replaces them."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Public subnets, one per zone, each with an address of its own. Append new ones at the end: removing or swapping
    one replaces the balancer, and the address of one that is removed is gone for good. Targets in a zone without a
    subnet get no traffic, cross-zone load balancing or not: place them in the same zones."""
    ports: Sequence[int]
    """The TCP ports that it listens on; the targets listen on the same ones."""
    health_check_port: int
    """A plain HTTP port of the targets that no listener serves: a check of a passed-through port would need its TLS."""
    health_check_path: str
    """The path that is asked with GET on the health check's port; only status 200 is healthy."""
    deletion_protection: bool
    """Whether AWS and Pulumi refuse to delete the balancer, and Pulumi its addresses."""
    deregistration_delay_seconds: int = 60
    """The seconds before the connections of a leaving target are cut, 0 to 3600. Users have measured new connections
    for up to two minutes after a deregistration, whatever it is set to. Left out, 60."""


class NetworkLoadBalancer(Component):
    """A Network Load Balancer with an Elastic IP per zone and one IP target group per port.

    The targets see the clients' addresses, yet their security group names this balancer's group as the source: the
    service's own ``allow_from`` has to open every port *and* the health-check port. With client addresses preserved a
    target cannot reach itself through the balancer (NLB user guide, "Client IP preservation").

    A new target takes traffic after two good health checks (about 20 s) and loses it after three bad ones (about
    30 s).

    Example::

        from zelly_components.network_load_balancer import NetworkLoadBalancer, NetworkLoadBalancerArgs

        entrance = NetworkLoadBalancer(
            "shop-nlb-storefront",
            NetworkLoadBalancerArgs(
                load_balancer_name="shop-nlb-storefront",
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                ports=[80, 443],
                health_check_port=8080,
                health_check_path="/health",
                deletion_protection=True,
            ),
        )
    """

    load_balancer_arn: pulumi.Output[str]
    """The balancer's ARN."""
    load_balancer_arn_suffix: pulumi.Output[str]
    """The balancer in CloudWatch's dimension ``LoadBalancer``, for alarms."""
    dns_name: pulumi.Output[str]
    """The balancer's own name; its addresses are ``public_ips``."""
    security_group_id: pulumi.Output[str]
    """The balancer's security group: services let its members reach their ports and the health check's."""
    public_ips: list[pulumi.Output[str]]
    """The fixed addresses, in the order of the subnets."""
    target_group_arns: dict[int, pulumi.Output[str]]
    """The target groups, by port. Each resolves once its listener exists: ECS refuses a target group that no listener
    forwards to."""
    target_group_arn_suffixes: dict[int, pulumi.Output[str]]
    """The target groups in CloudWatch's dimension ``TargetGroup``, by port, for alarms."""

    def __init__(self, name: str, args: NetworkLoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        _check(args)

        security_group = self._security_group(args)
        addresses = self._addresses(args)
        self._load_balancer = self._make_load_balancer(args, security_group.security_group_id, addresses)
        target_groups = {port: self._target_group(args, port) for port in args.ports}
        listeners = {port: self._listener(port, group) for port, group in target_groups.items()}

        self.load_balancer_arn = self._load_balancer.arn
        self.load_balancer_arn_suffix = self._load_balancer.arn_suffix
        self.dns_name = self._load_balancer.dns_name
        self.security_group_id = security_group.security_group_id
        self.public_ips = [address.public_ip for address in addresses]
        self.target_group_arns = {
            port: resolved_after(group.arn, listeners[port]) for port, group in target_groups.items()
        }
        self.target_group_arn_suffixes = {port: group.arn_suffix for port, group in target_groups.items()}
        self.register_annotated_outputs()

    def _security_group(self, args: NetworkLoadBalancerArgs) -> SecurityGroup:
        group = SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(vpc_id=args.vpc_id, description="Network Load Balancer"),
            opts=self.child(),
        )
        for port in args.ports:
            group.allow_from_cidr("internet", ANYWHERE, port=port)
        return group

    def _addresses(self, args: NetworkLoadBalancerArgs) -> list[aws.ec2.Eip]:
        return [
            aws.ec2.Eip(
                f"{self._name}-eip-{position}",
                domain="vpc",
                tags={"Name": f"{args.load_balancer_name}-{position}"},
                # Other people's DNS records point at these addresses, and AWS never gives a released one back.
                opts=self.child_with(pulumi.ResourceOptions(protect=args.deletion_protection)),
            )
            for position in range(1, len(args.subnet_ids) + 1)
        ]

    def _make_load_balancer(
        self, args: NetworkLoadBalancerArgs, security_group_id: pulumi.Input[str], addresses: list[aws.ec2.Eip]
    ) -> aws.lb.LoadBalancer:
        return aws.lb.LoadBalancer(
            self._name,
            name=load_balancer_name(args.load_balancer_name),
            load_balancer_type="network",
            internal=False,
            subnet_mappings=[
                aws.lb.LoadBalancerSubnetMappingArgs(subnet_id=subnet_id, allocation_id=address.allocation_id)
                for subnet_id, address in zip(args.subnet_ids, addresses, strict=True)
            ],
            # Given at creation or never: AWS adds no first group to a Network Load Balancer that was made without.
            security_groups=[security_group_id],
            # Clients keep fixed addresses, so one in a zone that happens to have no target must answer too. It costs
            # the traffic between zones (about 0.01 USD per GB), and a client that uses one source port towards two
            # addresses at once may be reset and has to retry: rare, where a dead address would be certain.
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=args.deletion_protection,
            tags={"Name": args.load_balancer_name},
            opts=self.child_with(
                # A successor can only take the addresses over once its predecessor has let them go.
                pulumi.ResourceOptions(protect=args.deletion_protection, delete_before_replace=True)
            ),
        )

    def _target_group(self, args: NetworkLoadBalancerArgs, port: int) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            f"{self._name}-targets-{port}",
            # A fixed name would be deleted before its successor exists, which a listener in use forbids.
            name_prefix=name_prefix(self._name, limit=_TARGET_GROUP_PREFIX_LIMIT),
            target_type="ip",
            protocol="TCP",
            port=port,
            vpc_id=args.vpc_id,
            # IP targets of TCP see the balancer's addresses unless told otherwise. PROXY protocol would put its header
            # before the TLS handshake and the health check, which neither understands.
            preserve_client_ip="true",
            proxy_protocol_v2=False,
            deregistration_delay=args.deregistration_delay_seconds,
            # Kept-alive connections outlast any delay. Cut with a reset, the client reconnects to a live target at
            # once; left alone, it would talk to a stopped task until its own timeout.
            connection_termination=True,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                protocol="HTTP",
                port=str(args.health_check_port),
                path=args.health_check_path,
                matcher="200",
                interval=10,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
            tags={"Name": f"{self._name}-targets-{port}"},
            opts=self.child(),
        )

    def _listener(self, port: int, target_group: aws.lb.TargetGroup) -> aws.lb.Listener:
        return aws.lb.Listener(
            f"{self._name}-tcp-{port}",
            load_balancer_arn=self._load_balancer.arn,
            port=port,
            protocol="TCP",
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target_group.arn),
            ],
            opts=self.child(),
        )


def _check(args: NetworkLoadBalancerArgs) -> None:
    if not counted("subnet_ids", args.subnet_ids):
        raise ValueError("subnet_ids: came none; allowed one or more, one per zone")
    if not args.ports or len(set(args.ports)) != len(args.ports):
        raise ValueError(f"ports: came {list(args.ports)}; allowed one or more, each once")
    for field, port in [*(("ports", port) for port in args.ports), ("health_check_port", args.health_check_port)]:
        if not 1 <= port <= 65535:
            raise ValueError(f"{field}: came {port}; allowed 1 to 65535")
    if args.health_check_port in args.ports:
        raise ValueError(f"health_check_port: came {args.health_check_port}; allowed none of ports {list(args.ports)}")
    if not args.health_check_path.startswith("/"):
        raise ValueError(f"health_check_path: came {args.health_check_path!r}; allowed a path that begins with /")
    if not 0 <= args.deregistration_delay_seconds <= 3600:
        raise ValueError(f"deregistration_delay_seconds: came {args.deregistration_delay_seconds}; allowed 0 to 3600")
