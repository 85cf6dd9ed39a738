"""The scaling of ``module.ecs``: a target, and a policy on the processor's load."""

from tests.adoption.estate.access import MODULE
from tests.adoption.estate.making import Estate
from tests.adoption.estate.state_file import Written
from tests.zelly_infra.facts import SERVICES

_ROLE = (
    "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"
)
_SUSPENDED = ("dynamic_scaling_in_suspended", "dynamic_scaling_out_suspended", "scheduled_scaling_suspended")


def make_scaling(estate: Estate, service: str, *, cluster: Written, of: Written, key: str | int) -> None:
    """Let a service grow with its load; nothing for one whose number of tasks is fixed."""
    facts = SERVICES[service]
    if facts.cpu_target_percent is None:
        return
    scaling = estate.client("application-autoscaling")
    what = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{cluster['name']}/{of['name']}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    maximum = facts.maximum_tasks or estate.facts.maximum_tasks[service]
    scaling.register_scalable_target(**what, MinCapacity=facts.minimum_tasks, MaxCapacity=maximum)
    target = estate.add(
        MODULE,
        "aws_appautoscaling_target.service",
        {
            "id": what["ResourceId"],
            "arn": estate.arn("application-autoscaling", f"scalable-target/{estate.hexadecimal(27)}"),
            "max_capacity": maximum,
            "min_capacity": facts.minimum_tasks,
            "role_arn": estate.arn("iam", _ROLE, region=""),
            "suspended_state": [dict.fromkeys(_SUSPENDED, False)],
            "resource_id": what["ResourceId"],
            "scalable_dimension": what["ScalableDimension"],
            "service_namespace": what["ServiceNamespace"],
            **estate.tags(),
        },
        key=key,
        after=[of],
    )
    _make_policy(estate, target, estate.name(f"{of['name']}-cpu"), facts.cpu_target_percent, key)


def _make_policy(estate: Estate, target: Written, name: str, percent: int, key: str | int) -> None:
    cooldown = {"ScaleInCooldown": 300, "ScaleOutCooldown": 60}
    made = estate.client("application-autoscaling").put_scaling_policy(
        ServiceNamespace="ecs",
        ResourceId=target["resource_id"],
        ScalableDimension=target["scalable_dimension"],
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": float(percent),
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            **cooldown,
        },
    )
    metric = {"predefined_metric_type": "ECSServiceAverageCPUUtilization", "resource_label": ""}
    estate.add(
        MODULE,
        "aws_appautoscaling_policy.cpu",
        {
            "id": name,
            "alarm_arns": [alarm["AlarmARN"] for alarm in made["Alarms"]],
            "arn": made["PolicyARN"],
            "name": name,
            "policy_type": "TargetTrackingScaling",
            "target_tracking_scaling_policy_configuration": [
                {
                    "disable_scale_in": False,
                    "predefined_metric_specification": [metric],
                    "scale_in_cooldown": 300,
                    "scale_out_cooldown": 60,
                    "target_value": percent,
                }
            ],
            **{name: target[name] for name in ("resource_id", "scalable_dimension", "service_namespace")},
        },
        key=key,
        after=[target],
    )
