"""Elastic Load Balancing: the balancers, and how they find the targets behind them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_elbv2.type_defs import LoadBalancerTypeDef


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """One application or network load balancer."""

    name: str
    arn: str
    dns_name: str
    state: str
    """``provisioning``, ``active``, ``active_impaired`` or ``failed``."""
    addresses: tuple[str, ...]
    """Its Elastic IPs, sorted; none for an application load balancer, whose addresses change."""


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """The targets of the traffic that arrives at one port."""

    arn: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Target:
    """One address behind a balancer."""

    address: str
    port: int
    state: str
    """``healthy``, ``unhealthy``, ``initial``, ``draining``, ``unused``, ``unavailable``…"""
    reason: str
    """Why it is not healthy, in the balancer's words; empty for one that is."""


class ElasticLoadBalancing:
    """The calls of Elastic Load Balancing that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: ElasticLoadBalancingv2Client = connection.client("elbv2")

    def balancers(self, names: Collection[str]) -> Mapping[str, LoadBalancer]:
        """Return the balancers that exist of ``names``, by name."""
        # All of the region are read: asked by name, one that does not exist would make the whole call fail.
        with calling("elasticloadbalancing:DescribeLoadBalancers", "region"):
            pages = self._client.get_paginator("describe_load_balancers").paginate()
            described = [balancer for page in pages for balancer in page["LoadBalancers"]]
        return {
            balancer["LoadBalancerName"]: _balancer(balancer)
            for balancer in described
            if balancer["LoadBalancerName"] in names
        }

    def target_groups(self, balancer: LoadBalancer) -> list[TargetGroup]:
        """Return the target groups that a balancer sends to, by port."""
        with calling("elasticloadbalancing:DescribeTargetGroups", f"load balancer {balancer.name}"):
            answer = self._client.describe_target_groups(LoadBalancerArn=balancer.arn)
        groups = [
            TargetGroup(arn=group["TargetGroupArn"], port=group.get("Port", 0)) for group in answer["TargetGroups"]
        ]
        return sorted(groups, key=lambda group: (group.port, group.arn))

    def targets(self, target_group_arn: str) -> list[Target]:
        """Return the targets of a group, by address."""
        with calling("elasticloadbalancing:DescribeTargetHealth", f"target group {_name(target_group_arn)}"):
            answer = self._client.describe_target_health(TargetGroupArn=target_group_arn)
        targets = [
            Target(
                address=described["Target"]["Id"],
                port=described["Target"].get("Port", 0),
                state=described["TargetHealth"]["State"],
                reason=described["TargetHealth"].get("Description", ""),
            )
            for described in answer["TargetHealthDescriptions"]
        ]
        return sorted(targets, key=lambda target: (target.address, target.port))


def _balancer(described: "LoadBalancerTypeDef") -> LoadBalancer:
    addresses = [
        address["IpAddress"]
        for zone in described["AvailabilityZones"]
        for address in zone.get("LoadBalancerAddresses", [])
        if "IpAddress" in address
    ]
    return LoadBalancer(
        name=described["LoadBalancerName"],
        arn=described["LoadBalancerArn"],
        dns_name=described["DNSName"],
        state=described["State"]["Code"],
        addresses=tuple(sorted(addresses)),
    )


def _name(target_group_arn: str) -> str:
    # arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID
    return target_group_arn.split("/")[1]
