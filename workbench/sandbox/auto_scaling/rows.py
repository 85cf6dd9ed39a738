"""EC2 Auto Scaling: groups of instances."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.table import AutoName, Delete, Parameters, ResourceRow, Row, Update


def _subnets(_: Making, subnet_ids: Any) -> Parameters:
    # The API takes them as one text.
    return {"VPCZoneIdentifier": ",".join(subnet_ids)}


def _suspended(made: Made, processes: Any) -> None:
    made.call("suspend_processes", AutoScalingGroupName=made.id, ScalingProcesses=processes)


def _change_suspended(existing: Existing, processes: Any) -> None:
    gone = [each for each in existing.old_inputs.get("suspendedProcesses", ()) if each not in (processes or ())]
    if gone:
        existing.call("resume_processes", AutoScalingGroupName=existing.id, ScalingProcesses=gone)
    if processes:
        _suspended(existing, processes)


_RENAMES = {"protectFromScaleIn": "NewInstancesProtectedFromScaleIn"}

_AGAIN = Update(operation="update_auto_scaling_group", parameters={"AutoScalingGroupName": "id"}, renames=_RENAMES)

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:autoscaling/group:Group": Row(
        service="autoscaling",
        operation="create_auto_scaling_group",
        id=lambda made: made.inputs["name"],
        renames={"name": "AutoScalingGroupName", **_RENAMES},
        into={"vpcZoneIdentifiers": _subnets},
        then={"suspendedProcesses": _suspended},
        dropped={
            "forceDelete": "only says whether a deletion waits for instances",
            "waitForCapacityTimeout": "only says for how long the provider waits for instances",
        },
        name=AutoName(),
        outputs={
            "arn": lambda made: made.call("describe_auto_scaling_groups", AutoScalingGroupNames=[made.inputs["name"]])[
                "AutoScalingGroups"
            ][0]["AutoScalingGroupARN"]
        },
        # With its instances, whatever the program says of waiting for them: they hold nothing here.
        delete=Delete(
            operation="delete_auto_scaling_group",
            parameters={"AutoScalingGroupName": "id"},
            constants={"ForceDelete": True},
        ),
        update={
            **dict.fromkeys(
                (
                    "capacityRebalance",
                    "defaultCooldown",
                    "desiredCapacity",
                    "healthCheckType",
                    "maxInstanceLifetime",
                    "maxSize",
                    "minSize",
                    "mixedInstancesPolicy",
                    "protectFromScaleIn",
                ),
                _AGAIN,
            ),
            "suspendedProcesses": _change_suspended,
        },
        not_emulated=(
            "An Auto Scaling group starts as many instances as are wanted, on demand and never of spot capacity, and "
            "ends none by their age.",
        ),
    ),
}
