"""Application Auto Scaling: scalable targets and their policies."""

from collections.abc import Mapping

from workbench.sandbox.making.table import AutoName, Delete, ResourceRow, Row, Tags, Update

_WHAT_SCALES: Mapping[str, str] = {
    "ServiceNamespace": "serviceNamespace",
    "ResourceId": "resourceId",
    "ScalableDimension": "scalableDimension",
}

_TARGET_AGAIN = Update(
    operation="register_scalable_target", parameters=_WHAT_SCALES, always=("minCapacity", "maxCapacity")
)

_POLICY_INPUTS = (
    "policyType",
    "predictiveScalingPolicyConfiguration",
    "stepScalingPolicyConfiguration",
    "targetTrackingScalingPolicyConfiguration",
)
_POLICY_AGAIN = Update(
    operation="put_scaling_policy", parameters={"PolicyName": "id", **_WHAT_SCALES}, always=_POLICY_INPUTS
)

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:appautoscaling/target:Target": Row(
        service="application-autoscaling",
        operation="register_scalable_target",
        id=lambda made: made.inputs["resourceId"],
        import_id="{serviceNamespace}/{resourceId...}/{scalableDimension}",
        tags=Tags(),
        keeps_tags=False,
        outputs={"arn": "ScalableTargetARN"},
        delete=Delete(operation="deregister_scalable_target", parameters=_WHAT_SCALES),
        update=dict.fromkeys(("maxCapacity", "minCapacity", "roleArn", "suspendedState"), _TARGET_AGAIN),
        not_emulated=(
            "Nothing scales: there is no load, and nobody watches the metrics.",
            "The tags of what may scale are lost.",
        ),
    ),
    "aws:appautoscaling/policy:Policy": Row(
        service="application-autoscaling",
        operation="put_scaling_policy",
        id=lambda made: made.inputs["name"],
        import_id="{serviceNamespace}/{resourceId...}/{scalableDimension}/{name}",
        renames={
            "name": "PolicyName",
            "stepScalingPolicyConfiguration.stepAdjustments.metricIntervalLowerBound": "MetricIntervalLowerBound",
            "stepScalingPolicyConfiguration.stepAdjustments.metricIntervalUpperBound": "MetricIntervalUpperBound",
        },
        name=AutoName(prefix_property=None),
        outputs={"arn": "PolicyARN", "alarmArns": "Alarms[].AlarmARN"},
        delete=Delete(operation="delete_scaling_policy", parameters={"PolicyName": "id", **_WHAT_SCALES}),
        update=dict.fromkeys(_POLICY_INPUTS, _POLICY_AGAIN),
    ),
}
