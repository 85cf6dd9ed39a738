"""Elastic Load Balancing: the balancers themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zelly_infra.aws.connection import Connection
from zelly_infra.aws.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """One application or network load balancer."""

    name: str
    arn: str
    dns_name: str
    state: str
    """``provisioning``, ``active``, ``active_impaired`` or ``failed``."""


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """Where a balancer sends what arrives at one port."""

    arn: str
    port: int


class LoadBalancers:
    """The calls of Elastic Load Balancing on balancers that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: ElasticLoadBalancingv2Client = connection.client("elbv2")

    def named(self, names: Sequence[str]) -> Mapping[str, LoadBalancer]:
        """Return the balancers that exist of ``names``, by name."""
        found: dict[str, LoadBalancer] = {}
        for name in names:
            # One at a time: a name that does not exist makes the whole call fail.
            try:
                with calling("elasticloadbalancing:DescribeLoadBalancers", f"load balancer {name}"):
                    answer = self._client.describe_load_balancers(Names=[name])
            except AwsError as error:
                if error.code == "LoadBalancerNotFound":
                    continue
                raise
            for described in answer["LoadBalancers"]:
                found[name] = LoadBalancer(
                    name=name,
                    arn=described["LoadBalancerArn"],
                    dns_name=described["DNSName"],
                    state=described["State"]["Code"],
                )
        return found

    def target_groups(self, balancer: LoadBalancer) -> list[TargetGroup]:
        """Return the target groups that a balancer sends to, by port."""
        with calling("elasticloadbalancing:DescribeTargetGroups", f"load balancer {balancer.name}"):
            answer = self._client.describe_target_groups(LoadBalancerArn=balancer.arn)
        groups = [
            TargetGroup(arn=group["TargetGroupArn"], port=group.get("Port", 0)) for group in answer["TargetGroups"]
        ]
        return sorted(groups, key=lambda group: (group.port, group.arn))
