import pytest

from tests.workbench.sandbox.conftest import Sandbox
from workbench.sandbox.errors import AwsRefusalError

RESOURCE_ID = "service/shop/api"
WHAT = {"serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount", "resourceId": RESOURCE_ID}


@pytest.fixture(scope="module", autouse=True)
def scaled_service(sandbox: Sandbox) -> None:
    ecs = sandbox.client("ecs")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": "api", "memory": 128}])
    ecs.create_service(cluster="shop", serviceName="api", taskDefinition="api", desiredCount=1)


def test_service_scales_by_its_cpu_between_its_limits(sandbox: Sandbox) -> None:
    target = sandbox.create("aws:appautoscaling/target:Target", "api", **WHAT, minCapacity=1, maxCapacity=4)
    policy = sandbox.create(
        "aws:appautoscaling/policy:Policy",
        "api-cpu",
        **WHAT,
        policyType="TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration={
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "targetValue": 70,
            "scaleOutCooldown": 60,
            "scaleInCooldown": 300,
        },
    )
    client = sandbox.client("application-autoscaling")
    (found,) = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert (found["ResourceId"], found["ScalableDimension"], found["MinCapacity"], found["MaxCapacity"]) == (
        RESOURCE_ID,
        "ecs:service:DesiredCount",
        1,
        4,
    )
    assert (target.id, target.outputs["arn"]) == (RESOURCE_ID, found["ScalableTargetARN"])
    (scaling,) = client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    assert scaling["TargetTrackingScalingPolicyConfiguration"] == {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "TargetValue": 70.0,
        "ScaleOutCooldown": 60,
        "ScaleInCooldown": 300,
    }
    assert (scaling["PolicyName"], scaling["PolicyType"]) == (policy.id, "TargetTrackingScaling")
    assert policy.id.startswith("api-cpu-")
    assert policy.outputs["arn"] == scaling["PolicyARN"]
    assert policy.outputs["alarmArns"] == [alarm["AlarmARN"] for alarm in scaling["Alarms"]]


def test_service_that_is_not_there_cannot_scale(sandbox: Sandbox) -> None:
    with pytest.raises(AwsRefusalError, match="RegisterScalableTarget failed with ValidationException: ECS service"):
        sandbox.create(
            "aws:appautoscaling/target:Target",
            "lost",
            **{**WHAT, "resourceId": "service/shop/lost"},
            minCapacity=1,
            maxCapacity=4,
        )
