"""EC2 Auto Scaling: groups, the instances in them, and ending one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling


@dataclass(frozen=True, kw_only=True)
class Member:
    """An instance that a group looks after."""

    instance_id: str
    lifecycle: str
    """``InService``, ``Pending``, ``Terminating``, …"""
    is_protected: bool
    """Whether the group may not choose it when it becomes smaller."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of instances."""

    name: str
    wanted: int
    maximum: int
    members: tuple[Member, ...]


class AutoScaling:
    """The calls of EC2 Auto Scaling that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: Any = connection.client("autoscaling")
        # Asked twice, a group would want two less.
        self._once: Any = connection.client("autoscaling", repeatable=False)

    def groups(self, names: Sequence[str]) -> list[Group]:
        """Return the groups that exist of these, in the order of the names."""
        with calling("autoscaling:DescribeAutoScalingGroups", ", ".join(names)):
            pages = self._client.get_paginator("describe_auto_scaling_groups").paginate(
                AutoScalingGroupNames=list(names)
            )
            described = {group["AutoScalingGroupName"]: group for page in pages for group in page["AutoScalingGroups"]}
        return [_group(described[name]) for name in names if name in described]

    def end(self, instance_id: str) -> None:
        """End an instance of a group, which then wants one less; also one that is protected from scale-in."""
        with calling("autoscaling:TerminateInstanceInAutoScalingGroup", f"instance {instance_id}"):
            self._once.terminate_instance_in_auto_scaling_group(
                InstanceId=instance_id, ShouldDecrementDesiredCapacity=True
            )


def _group(described: Any) -> Group:
    return Group(
        name=described["AutoScalingGroupName"],
        wanted=described["DesiredCapacity"],
        maximum=described["MaxSize"],
        members=tuple(
            Member(
                instance_id=each["InstanceId"],
                lifecycle=each["LifecycleState"],
                is_protected=each.get("ProtectedFromScaleIn", False),
            )
            for each in described["Instances"]
        ),
    )
