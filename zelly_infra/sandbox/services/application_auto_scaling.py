"""Application Auto Scaling: what may scale, and by which metric."""

from collections.abc import Mapping

from zelly_infra.sandbox.table import AutoName, Function, ResourceRow, Row, Tags

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:appautoscaling/target:Target": Row(
        service="application-autoscaling",
        operation="register_scalable_target",
        id=lambda made: made.inputs["resourceId"],
        tags=Tags(),
        outputs={"arn": "ScalableTargetARN"},
        not_emulated=(
            "Nothing scales: there is no load, and nobody watches the metrics.",
            "The tags of what may scale are lost.",
        ),
    ),
    "aws:appautoscaling/policy:Policy": Row(
        service="application-autoscaling",
        operation="put_scaling_policy",
        id=lambda made: made.inputs["name"],
        renames={
            "name": "PolicyName",
            "stepScalingPolicyConfiguration.stepAdjustments.metricIntervalLowerBound": "MetricIntervalLowerBound",
            "stepScalingPolicyConfiguration.stepAdjustments.metricIntervalUpperBound": "MetricIntervalUpperBound",
        },
        name=AutoName(prefix_property=None),
        outputs={"arn": "PolicyARN", "alarmArns": "Alarms[].AlarmARN"},
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
