"""The inputs of the provider's ECS service that follow from the arguments alone."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from zelly_components.base import handed_on
from zelly_components.ecs.deployment import SHIFTING, DeploymentArgs, deployment_configuration
from zelly_components.ecs.service_args import CapacityProviderArgs, EcsServiceArgs, TargetArgs
from zelly_components.ecs.task_definition import EfsVolumeArgs


def chosen_by_others(args: EcsServiceArgs) -> list[str]:
    """Return the properties that the program sets once and others change later.

    A deploy chooses the revision, scaling or an operator the number of tasks. What is never deployed from outside gets
    its new revision from the program. Where a target has an alternate, ECS chooses which of the two serves.
    """
    deployed = [] if args.image_parameter_name is None else ["task_definition"]
    shifted = ["load_balancers"] if any(target.alternate is not None for target in args.targets) else []
    return [*deployed, "desired_count", *shifted]


def deployment_inputs(deployment: DeploymentArgs | None) -> dict[str, Any]:
    """Return the service's inputs about its deployments. The circuit breaker is for rolling ones only."""
    rolling = {"deployment_circuit_breaker": aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True)}
    if deployment is None:
        return dict(rolling)
    alarms = (
        {"alarms": aws.ecs.ServiceAlarmsArgs(alarm_names=handed_on(deployment.alarm_names), enable=True, rollback=True)}
        if deployment.alarm_names
        else {}
    )
    return {
        **({} if deployment.strategy in SHIFTING else rolling),
        **alarms,
        "deployment_configuration": deployment_configuration(deployment),
    }


def target_group_arns(targets: Sequence[TargetArgs]) -> list[pulumi.Input[str]]:
    """Return both groups of every target that has two."""
    return [
        arn
        for target in targets
        if target.alternate is not None
        for arn in (target.target_group_arn, target.alternate.target_group_arn)
    ]


def rule_arns(targets: Sequence[TargetArgs]) -> list[pulumi.Input[str]]:
    """Return the rules whose weights ECS changes."""
    alternates = [target.alternate for target in targets if target.alternate is not None]
    return [
        *(alternate.production_rule_arn for alternate in alternates),
        *(alternate.test_rule_arn for alternate in alternates if alternate.test_rule_arn is not None),
    ]


def strategies(providers: Sequence[CapacityProviderArgs]) -> list[aws.ecs.ServiceCapacityProviderStrategyArgs]:
    """Return the shares of the tasks, in an order that only depends on names."""
    return [
        aws.ecs.ServiceCapacityProviderStrategyArgs(
            capacity_provider=provider.name, weight=provider.weight, base=provider.base
        )
        for provider in sorted(providers, key=lambda provider: provider.name)
    ]


def load_balancers(
    targets: Sequence[TargetArgs], infrastructure_role: aws.iam.Role | None
) -> list[aws.ecs.ServiceLoadBalancerArgs]:
    """Return the target groups in which the tasks register."""
    return [
        aws.ecs.ServiceLoadBalancerArgs(
            target_group_arn=target.target_group_arn,
            container_name=target.container_name,
            container_port=target.container_port,
            advanced_configuration=None
            if target.alternate is None or infrastructure_role is None
            else aws.ecs.ServiceLoadBalancerAdvancedConfigurationArgs(
                alternate_target_group_arn=target.alternate.target_group_arn,
                production_listener_rule=target.alternate.production_rule_arn,
                test_listener_rule=target.alternate.test_rule_arn,
                role_arn=infrastructure_role.arn,
            ),
        )
        for target in targets
    ]


def task_volume(volume: EfsVolumeArgs) -> aws.ecs.TaskDefinitionVolumeArgs:
    """Return a volume of the task, which IAM and an access point guard."""
    return aws.ecs.TaskDefinitionVolumeArgs(
        name=volume.name,
        efs_volume_configuration=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs(
            file_system_id=volume.file_system_id,
            transit_encryption="ENABLED",
            authorization_config=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs(
                access_point_id=volume.access_point_id, iam="ENABLED"
            ),
        ),
    )
