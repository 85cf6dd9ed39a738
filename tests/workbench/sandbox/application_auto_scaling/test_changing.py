from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.workbench.sandbox.conftest import Sandbox

TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
RESOURCE_ID = "service/scaling-changes/api"
WHAT = {"serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount", "resourceId": RESOURCE_ID}


@pytest.fixture(scope="module", autouse=True)
def scaled_service(sandbox: Sandbox) -> None:
    ecs = sandbox.client("ecs")
    ecs.create_cluster(clusterName="scaling-changes")
    ecs.register_task_definition(
        family="scaling-changes", containerDefinitions=[{"name": "api", "image": "api", "memory": 128}]
    )
    ecs.create_service(cluster="scaling-changes", serviceName="api", taskDefinition="scaling-changes", desiredCount=1)


def found_targets(sandbox: Sandbox) -> list[dict[str, Any]]:
    client = sandbox.client("application-autoscaling")
    return client.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[RESOURCE_ID])["ScalableTargets"]


def found_policies(sandbox: Sandbox) -> list[dict[str, Any]]:
    client = sandbox.client("application-autoscaling")
    return client.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=RESOURCE_ID)["ScalingPolicies"]


def alarm_names(sandbox: Sandbox) -> set[str]:
    alarms = sandbox.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"TargetTracking-{RESOURCE_ID}")
    return {alarm["AlarmName"] for alarm in alarms["MetricAlarms"]}


def tracking(target_value: int) -> dict[str, Any]:
    return {
        "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "targetValue": target_value,
    }


def test_limits_of_what_scales_are_changed_and_gone_with_it(sandbox: Sandbox) -> None:
    sandbox.create(TARGET, "api", **WHAT, minCapacity=1, maxCapacity=4)
    sandbox.update(TARGET, "api", **WHAT, minCapacity=2, maxCapacity=4)
    (found,) = found_targets(sandbox)
    assert (found["MinCapacity"], found["MaxCapacity"]) == (2, 4)
    sandbox.delete(TARGET, "api")
    assert found_targets(sandbox) == []


def test_policy_keeps_its_identity_and_alarms_when_its_target_value_changes(sandbox: Sandbox) -> None:
    sandbox.create(TARGET, "kept", **WHAT, minCapacity=1, maxCapacity=4)
    shared = {**WHAT, "name": "cpu", "policyType": "TargetTrackingScaling"}
    created = sandbox.create(POLICY, "cpu", **shared, targetTrackingScalingPolicyConfiguration=tracking(70))
    before = alarm_names(sandbox)
    sandbox.update(POLICY, "cpu", **shared, targetTrackingScalingPolicyConfiguration=tracking(50))
    (found,) = found_policies(sandbox)
    assert found["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 50
    assert found["PolicyARN"] == created.outputs["arn"]
    assert [alarm["AlarmARN"] for alarm in found["Alarms"]] == created.outputs["alarmArns"]
    assert len(before) == 2
    assert alarm_names(sandbox) == before
    sandbox.delete(POLICY, "cpu")
    assert (found_policies(sandbox), alarm_names(sandbox)) == ([], set())
    sandbox.delete(TARGET, "kept")


def test_what_is_gone_already_counts_as_deleted(sandbox: Sandbox) -> None:
    sandbox.create(TARGET, "gone", **WHAT, minCapacity=1, maxCapacity=4)
    sandbox.create(
        POLICY,
        "gone",
        **WHAT,
        name="gone",
        policyType="TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration=tracking(70),
    )
    for _ in range(2):
        sandbox.delete(POLICY, "gone")
        sandbox.delete(TARGET, "gone")
    client = sandbox.client("application-autoscaling")
    with pytest.raises(ClientError, match="ObjectNotFoundException"):
        client.deregister_scalable_target(
            ServiceNamespace="ecs", ScalableDimension="ecs:service:DesiredCount", ResourceId=RESOURCE_ID
        )


def test_policy_of_an_unknown_type_is_refused_as_before(sandbox: Sandbox) -> None:
    client = sandbox.client("application-autoscaling")
    with pytest.raises(ClientError, match="ValidationException"):
        client.put_scaling_policy(
            PolicyName="odd",
            ServiceNamespace="ecs",
            ScalableDimension="ecs:service:DesiredCount",
            ResourceId=RESOURCE_ID,
            PolicyType="Odd",
        )
