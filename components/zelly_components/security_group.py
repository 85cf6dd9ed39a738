"""A security group whose rules are separate resources, each named after its peer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.network.rules import Passage, Protocol, open_to_cidr, open_to_group, open_to_prefix_list

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class SecurityGroupArgs:
    """Arguments of a security group."""

    vpc_id: pulumi.Input[str]
    """The VPC that it belongs to. Another VPC replaces the group."""
    description: str
    """What it is for, in words; it stands in the console. AWS cannot change it afterwards: a new description replaces
    the group."""
    internet_egress_ports: Sequence[int] = field(default_factory=list[int])
    """TCP ports that may be reached on the internet. Empty: nothing leaves but what a rule allows."""


class SecurityGroup(Component):
    """A security group that is closed in both directions until a rule opens it.

    Rules are resources of their own (``aws.vpc.SecurityGroupIngressRule``), never inline: inline rules and separate
    ones overwrite each other, and a separate rule shows in a preview by name.

    Example::

        import pulumi
        from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

        database = SecurityGroup("database", SecurityGroupArgs(vpc_id="vpc-1", description="MySQL"))
        api = SecurityGroup(
            "api", SecurityGroupArgs(vpc_id="vpc-1", description="API tasks", internet_egress_ports=[443])
        )
        database.allow_from("api", api.security_group_id, port=3306)
    """

    security_group_id: pulumi.Output[str]
    """The group's id, for rules of other groups and for what has it."""

    def __init__(self, name: str, args: SecurityGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        group = aws.ec2.SecurityGroup(
            name,
            vpc_id=args.vpc_id,
            description=args.description,
            revoke_rules_on_delete=False,
            tags={"Name": name},
            opts=self.child(),
        )
        self.security_group_id = group.id
        for port in args.internet_egress_ports:
            self._allow_to_internet(port)
        self.register_annotated_outputs()

    def allow_from(
        self,
        peer: str,
        security_group_id: pulumi.Input[str],
        *,
        port: int,
        protocol: Protocol = "tcp",
    ) -> None:
        """Let the members of another group reach ``port``, by a rule into this group and one out of the other.

        ``peer`` is the other side's short name; it names the two rules.
        """
        open_to_group(self, self._passage(peer, port, protocol), security_group_id)

    def allow_from_cidr(
        self, peer: str, cidr_block: pulumi.Input[str], *, port: int, protocol: Protocol = "tcp"
    ) -> None:
        """Let an address range reach ``port``. ``peer`` names the range's owner in a word, and so the rule."""
        open_to_cidr(self, self._passage(peer, port, protocol), cidr_block)

    def allow_from_prefix_list(
        self, peer: str, prefix_list_id: pulumi.Input[str], *, port: int, protocol: Protocol = "tcp"
    ) -> None:
        """Let the ranges of a managed prefix list reach ``port``. ``peer`` names the list's owner, and so the rule."""
        open_to_prefix_list(self, self._passage(peer, port, protocol), prefix_list_id)

    def _passage(self, peer: str, port: int, protocol: Protocol) -> Passage:
        return Passage(
            target=self._name, security_group_id=self.security_group_id, peer=peer, port=port, protocol=protocol
        )

    def _allow_to_internet(self, port: int) -> None:
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-internet-tcp-{port}",
            security_group_id=self.security_group_id,
            cidr_ipv4=ANYWHERE,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"{self._name} to internet",
            opts=self.child(),
        )
