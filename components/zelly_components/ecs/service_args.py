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
    """The tasks that run here before the weights count. Only one provider may have a base. Left out, it is 0."""


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    """Scaling between ``minimum_tasks`` and ``maximum_tasks``, so that the average CPU stays at a target."""

    maximum_tasks: int
    """The most tasks that scaling starts, no fewer than ``minimum_tasks``."""
    cpu_target_percent: int
    """The average CPU over the service's tasks that scaling keeps to, in percent of the task's CPU: 1 to 100."""


@dataclass(frozen=True, kw_only=True)
class TargetArgs:
    """A load balancer's target group in which every task registers one of its ports."""

    target_group_arn: pulumi.Input[str]
    """The target group: a value of the balancer's output ``target_group_arns``. Should resolve only once a listener
    uses the group: ECS refuses a service whose group has no balancer."""
    container_name: str
    """The container that the balancer's requests reach: one of the service's."""
    container_port: int
    """The port of that container that each task registers: one of its ``ports``."""
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
    """The ARN of the cluster that it runs in. Another cluster replaces the service."""
    cluster_name: pulumi.Input[str]
    """The name of the same cluster, by which scaling finds the service."""
    service_name: str
    """The service's name in ECS, and the family of its task definitions. Another name replaces both."""
    vpc_id: pulumi.Input[str]
    """The VPC of the service's security group, the one that the subnets are in. Another VPC replaces the group."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets, one or more: tasks get no public address."""
    cpu_units: int
    """The CPU of the whole task; 1024 units are one vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384."""
    memory_mib: int
    """The memory of the whole task in MiB: one of the sizes that Fargate has with these CPU units, such as 512, 1024 or
    2048 with 256."""
    architecture: Literal["X86_64", "ARM64"]
    """The processors that the images are built for. ARM64 is Graviton, which costs a fifth less."""
    containers: Sequence[ContainerArgs]
    """The containers of each task, one or more, whose names differ."""
    volumes: Sequence[EfsVolumeArgs]
    """The EFS volumes that the containers mount. Empty: tasks keep nothing."""
    capacity_providers: Sequence[CapacityProviderArgs]
    """The kinds of Fargate capacity that the tasks are spread over, one or more."""
    minimum_tasks: int
    """The tasks that the service starts with, and the least that scaling leaves. Without scaling it is used at creation
    only: what an operator or a deploy sets later stays."""
    scaling: ScalingArgs | None
    """How the number of tasks follows their CPU. None: it changes by hand only."""
    targets: Sequence[TargetArgs]
    """The target groups that each task registers in. Empty: no balancer reaches it."""
    health_check_grace_period_seconds: int | None
    """The seconds after its start in which ECS overlooks a task's failing health checks. Longer than the slowest start
    of the application: a task that is ended before it is up counts as a failed one, and the circuit breaker then rolls
    back a deploy that had nothing wrong. None is ECS's own 0. Allowed only with ``targets``: ECS refuses it without a
    load balancer."""
    enable_execute_command: bool
    """Whether operators may open a shell in a container (ECS Exec)."""
    log_group_name: str
    """The name of the service's log group in CloudWatch, which is made here, e.g. ``/shop/ecs/api``. Another name
    replaces the group."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""
    repository_arns: Sequence[pulumi.Input[str]]
    """The ECR repositories that the images come from, in any region. Empty: only public images."""
    image_parameter_name: str | None
    """The SSM parameter with the deployed images. None exactly when no container is deployable."""
    execution_role_name: str
    """The name of the role, which is made here, with which ECS pulls images, reads secrets and writes logs."""
    task_role_name: str
    """The name of the role, which is made here, that the application has in AWS."""
    task_role_statements: Sequence[Statement] = ()
    """Permissions of the application in AWS. Empty: none."""
    deployment: DeploymentArgs | None = None
    """How ECS deploys the service. None: rolling, with the circuit breaker alone."""
    runs_alone: bool = False
    """Whether the old task ends before its successor starts, so that two never use the same thing at once; the service
    is away in between. It takes one task and no scaling. Left out, both run for a while."""
