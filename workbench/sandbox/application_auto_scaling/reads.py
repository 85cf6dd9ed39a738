"""The readings of scalable targets and their policies."""

from collections.abc import Mapping

from workbench.sandbox.making.table import Read

READS: Mapping[str, Read] = {
    "aws:appautoscaling/target:Target": Read(
        operation="describe_scalable_targets",
        parameters={
            "ServiceNamespace": "serviceNamespace",
            "ResourceIds": "resourceId",
            "ScalableDimension": "scalableDimension",
        },
        result="ScalableTargets[0]",
        id="ResourceId",
    ),
    "aws:appautoscaling/policy:Policy": Read(
        operation="describe_scaling_policies",
        parameters={
            "PolicyNames": "name",
            "ServiceNamespace": "serviceNamespace",
            "ResourceId": "resourceId",
            "ScalableDimension": "scalableDimension",
        },
        result="ScalingPolicies[0]",
        id="PolicyName",
    ),
}
