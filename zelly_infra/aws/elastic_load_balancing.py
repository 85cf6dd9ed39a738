"""Elastic Load Balancing: how the balancers find the targets behind them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zelly_infra.aws.connection import Connection
from zelly_infra.aws.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client


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


def _name(target_group_arn: str) -> str:
    # arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID
    return target_group_arn.split("/")[1]
