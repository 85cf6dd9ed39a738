"""The scaling of an ECS service by Application Auto Scaling."""

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.ecs.service_args import EcsServiceArgs, ScalingArgs

SCALE_OUT_COOLDOWN_SECONDS = 60
"""ECS reports CPU once a minute: a shorter pause would add tasks before the last ones show in the metric."""

SCALE_IN_COOLDOWN_SECONDS = 300
"""Application Auto Scaling's own default for ECS: removing tasks can wait until a peak has really passed."""


def scale_by_cpu(
    component: Component, name: str, args: EcsServiceArgs, scaling: ScalingArgs, service: aws.ecs.Service
) -> None:
    """Let the number of a service's tasks follow their average CPU."""
    target = aws.appautoscaling.Target(
        f"{name}-scaling-target",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.format("service/{0}/{1}", args.cluster_name, service.name),
        min_capacity=args.minimum_tasks,
        max_capacity=scaling.maximum_tasks,
        opts=component.child(),
    )
    aws.appautoscaling.Policy(
        f"{name}-cpu-scaling",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type="ECSServiceAverageCPUUtilization"
            ),
            target_value=scaling.cpu_target_percent,
            scale_out_cooldown=SCALE_OUT_COOLDOWN_SECONDS,
            scale_in_cooldown=SCALE_IN_COOLDOWN_SECONDS,
        ),
        opts=component.child(),
    )
