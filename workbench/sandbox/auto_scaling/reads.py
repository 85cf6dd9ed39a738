"""The readings of Auto Scaling groups."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _subnets(existing: Existing) -> list[str]:
    return [each for each in existing.result.get("VPCZoneIdentifier", "").split(",") if each]


def _suspended(existing: Existing) -> list[Any] | None:
    return [each["ProcessName"] for each in existing.result.get("SuspendedProcesses", ())] or None


READS: Mapping[str, Read] = {
    "aws:autoscaling/group:Group": Read(
        operation="describe_auto_scaling_groups",
        parameters={"AutoScalingGroupNames": "id"},
        result="AutoScalingGroups[0]",
        id="AutoScalingGroupName",
        named={"vpcZoneIdentifiers": _subnets, "suspendedProcesses": _suspended},
        # moto keeps no lifetime; the availability zones are the subnets' own.
        unread=("maxInstanceLifetime", "availabilityZones", "tags", "healthCheckGracePeriod"),
    ),
}
