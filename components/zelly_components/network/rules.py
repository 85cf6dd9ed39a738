"""Rules of security groups, each named after both sides: what a component's ``allow_from`` and a permission make."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component

Protocol = Literal["tcp", "udp"]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Who may reach what: the two sides' names, the group that is opened, and one port of it."""

    target: str
    security_group_id: pulumi.Input[str]
    peer: str
    port: int
    protocol: Protocol

    @property
    def ingress_name(self) -> str:
        """The logical name of the rule that lets the peer in."""
        return f"{self.target}-from-{self.peer}-{self.protocol}-{self.port}"

    @property
    def description(self) -> str:
        """What the console shows beside each rule."""
        return f"{self.peer} to {self.target}"


def open_to_group(component: Component, passage: Passage, security_group_id: pulumi.Input[str]) -> None:
    """Let the members of a group pass, by a rule into the opened group and one out of theirs."""
    _let_in(component, passage, group_id=security_group_id)
    aws.vpc.SecurityGroupEgressRule(
        f"{passage.target}-egress-of-{passage.peer}-{passage.protocol}-{passage.port}",
        security_group_id=security_group_id,
        referenced_security_group_id=passage.security_group_id,
        ip_protocol=passage.protocol,
        from_port=passage.port,
        to_port=passage.port,
        description=passage.description,
        opts=component.child(),
    )


def open_to_cidr(component: Component, passage: Passage, cidr_block: pulumi.Input[str]) -> None:
    """Let an IPv4 address range pass."""
    _let_in(component, passage, cidr_block=cidr_block)


def open_to_prefix_list(component: Component, passage: Passage, prefix_list_id: pulumi.Input[str]) -> None:
    """Let the ranges of a managed prefix list pass."""
    _let_in(component, passage, prefix_list_id=prefix_list_id)


def _let_in(
    component: Component,
    passage: Passage,
    *,
    group_id: pulumi.Input[str] | None = None,
    cidr_block: pulumi.Input[str] | None = None,
    prefix_list_id: pulumi.Input[str] | None = None,
) -> None:
    aws.vpc.SecurityGroupIngressRule(
        passage.ingress_name,
        security_group_id=passage.security_group_id,
        referenced_security_group_id=group_id,
        cidr_ipv4=cidr_block,
        prefix_list_id=prefix_list_id,
        ip_protocol=passage.protocol,
        from_port=passage.port,
        to_port=passage.port,
        description=passage.description,
        opts=component.child(),
    )
