"""Typed arguments of an ECS service, which :mod:`zelly_components.ecs_service` exports as well."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from zelly_components.ecs.deployment import AlternateTargetArgs, DeploymentArgs
from zelly_components.ecs.task_definition import ContainerArgs, EfsVolumeArgs
from zelly_components.identity.iam import Statement


@dataclass(frozen=True, kw_only=True)
class CapacityProviderArgs:
    """A share of the service's tasks on one kind of Fargate capacity."""

    name: Literal["FARGATE", "FARGATE_SPOT"]
    """A FARGATE_SPOT task costs up to 70 % less, and AWS may end it with two minutes' notice."""
    weight: int
    """This provider's share of the tasks beyond ``base``, relative to the other weights: 0 to 1000."""
    base: int = 0
    """The tasks that run here before the weights count. Only one provider may have a base."""


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    """Scaling between ``minimum_tasks`` and ``maximum_tasks``, so that the average CPU stays at a target."""

    maximum_tasks: int
    cpu_target_percent: int
    """Average over the service's tasks, in percent of the task's CPU: 1 to 100."""


@dataclass(frozen=True, kw_only=True)
class TargetArgs:
    """A load balancer's target group in which every task registers one of its ports."""

    target_group_arn: pulumi.Input[str]
    """Should resolve only once a listener uses the group: ECS refuses a service whose group has no balancer."""
    container_name: str
    container_port: int
    alternate: AlternateTargetArgs | None = None
    """A second group, into which ECS deploys beside the first one. ECS wants it there before the strategy becomes one
    that shifts traffic, so that a service keeps it whatever its strategy is. None: every deployment is rolling."""


@dataclass(frozen=True, kw_only=True)
class EcsServiceArgs:
    """Arguments of an ECS service."""

    region: str
    """The region in which it runs and logs."""
    account_id: str
    """The account that it runs in, twelve digits: ECS assumes its roles for tasks of this account alone."""
    cluster_arn: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    service_name: str
    """Also the family of its task definitions."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Private ones: tasks get no public address."""
    cpu_units: int
    """Of the whole task; 1024 are one vCPU. Goes with certain memory sizes (:mod:`zelly_components.limits.fargate`)."""
    memory_mib: int
    architecture: Literal["X86_64", "ARM64"]
    containers: Sequence[ContainerArgs]
    volumes: Sequence[EfsVolumeArgs]
    capacity_providers: Sequence[CapacityProviderArgs]
    minimum_tasks: int
    """The tasks that the service starts with, and the least that scaling leaves. Without scaling it is used at creation
    only: what an operator or a deploy sets later stays."""
    scaling: ScalingArgs | None
    """None: the number of tasks changes by hand only."""
    targets: Sequence[TargetArgs]
    health_check_grace_period_seconds: int | None
    """For how long after its start ECS overlooks a task's failing health checks. Longer than the slowest start of the
    application: a task that is ended before it is up counts as a failed one, and the circuit breaker then rolls back a
    deploy, and a rollback, that had nothing wrong. None is ECS's own 0. Allowed only with ``targets``: ECS
    refuses it without a load balancer."""
    enable_execute_command: bool
    """Whether operators may open a shell in a container (ECS Exec)."""
    log_group_name: str
    log_retention_days: int
    repository_arns: Sequence[pulumi.Input[str]]
    """The ECR repositories that the images come from, in any region. Empty: only public images."""
    image_parameter_name: str | None
    """The SSM parameter with the deployed images. None exactly when no container is deployable."""
    execution_role_name: str
    task_role_name: str
    task_role_statements: Sequence[Statement] = ()
    """Permissions of the application in AWS. Empty: none."""
    deployment: DeploymentArgs | None = None
    """None: rolling, with the circuit breaker alone."""
    runs_alone: bool = False
    """Whether the old task ends before its successor starts, so that two never use the same thing at once; the service
    is away in between. It takes one task and no scaling."""
