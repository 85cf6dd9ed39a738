"""The arguments that the tests of the ECS components share: a small service, and one that uses everything."""

from collections.abc import Callable

from tests.support.examples import example_program
from workbench.evaluate import Backend, Evaluation, evaluate
from zelly_components.base import Component
from zelly_components.ecs_service import (
    CapacityProviderArgs,
    ContainerArgs,
    EcsService,
    EcsServiceArgs,
    EfsVolumeArgs,
    HealthCheckArgs,
    MountArgs,
    ScalingArgs,
    SecretVariableArgs,
    TargetArgs,
)
from zelly_components.identity.iam import Statement

REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DATABASE_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/database-AbCdEf"
SESSION_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/session-GhIjKl"

VOLUME = EfsVolumeArgs(
    name="proxy-data",
    file_system_id="fs-1",
    file_system_arn="arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1",
    access_point_id="fsap-1",
    access_point_arn="arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1",
)

WEB = ContainerArgs(
    name="web",
    image=f"{REGISTRY}/shop/web:first",
    deployable=True,
    ports=[4321],
    environment={"PORT": "4321", "NODE_ENV": "production"},
    secrets=[
        SecretVariableArgs(name="SESSION_SECRET", secret_arn=SESSION_SECRET, key="SESSION_SECRET"),
        SecretVariableArgs(name="DB_USER", secret_arn=DATABASE_SECRET, key="username"),
        SecretVariableArgs(name="DB_PASSWORD", secret_arn=DATABASE_SECRET, key="password"),
    ],
    health_check=HealthCheckArgs(
        command=["CMD-SHELL", "wget -q -O- http://localhost:4321/health"],
        interval_seconds=15,
        timeout_seconds=5,
        retries=3,
        start_period_seconds=30,
    ),
)
PROXY = ContainerArgs(
    name="proxy",
    image="public.ecr.aws/docker/library/caddy:2.10",
    deployable=False,
    ports=[443, 80],
    depends_on={"web": "HEALTHY"},
    mounts=[MountArgs(volume="proxy-data", container_path="/data")],
    user="1000:1000",
    command=["caddy", "run"],
    stop_timeout_seconds=60,
)
WORKER = ContainerArgs(name="worker", image="public.ecr.aws/shop/worker:1", deployable=False)

SMALL = EcsServiceArgs(
    region="eu-west-1",
    account_id="123456789012",
    cluster_arn="arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
    cluster_name="shop",
    service_name="shop-worker",
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2"],
    cpu_units=256,
    memory_mib=512,
    architecture="X86_64",
    containers=[WORKER],
    volumes=[],
    capacity_providers=[CapacityProviderArgs(name="FARGATE", weight=1)],
    minimum_tasks=1,
    scaling=None,
    targets=[],
    health_check_grace_period_seconds=None,
    enable_execute_command=False,
    log_group_name="/shop/ecs/worker",
    log_retention_days=30,
    repository_arns=[],
    image_parameter_name=None,
    execution_role_name="shop-worker-execution",
    task_role_name="shop-worker-task",
)

FULL = EcsServiceArgs(
    region="eu-west-1",
    account_id="123456789012",
    cluster_arn="arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
    cluster_name="shop",
    service_name="shop-web",
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2"],
    cpu_units=1024,
    memory_mib=2048,
    architecture="ARM64",
    containers=[WEB, PROXY],
    volumes=[VOLUME],
    capacity_providers=[
        CapacityProviderArgs(name="FARGATE_SPOT", weight=3),
        CapacityProviderArgs(name="FARGATE", weight=1, base=1),
    ],
    minimum_tasks=2,
    scaling=ScalingArgs(maximum_tasks=4, cpu_target_percent=70),
    targets=[
        TargetArgs(target_group_arn="target-group-443", container_name="proxy", container_port=443),
        TargetArgs(target_group_arn="target-group-80", container_name="proxy", container_port=80),
    ],
    health_check_grace_period_seconds=120,
    enable_execute_command=True,
    log_group_name="/shop/ecs/web",
    log_retention_days=30,
    repository_arns=["arn:aws:ecr:eu-west-1:123456789012:repository/shop/web"],
    image_parameter_name="/shop/images/web",
    execution_role_name="shop-web-execution",
    task_role_name="shop-web-task",
    task_role_statements=[
        Statement(
            sid="SendMail", actions=["ses:SendEmail"], resources=["arn:aws:ses:eu-west-1:123456789012:identity/*"]
        )
    ],
)


def record_service(
    args: EcsServiceArgs,
    *,
    backend: Backend | None = None,
    after: Callable[[EcsService], None] = lambda _: None,
) -> Evaluation:
    """Evaluate a program with one service named ``shop``, and with what ``after`` adds to it."""
    return evaluate(lambda: after(EcsService("shop", args)), backend=backend)


def run_example(component: type[Component]) -> Evaluation:
    """Evaluate the example in a component's docstring."""
    return evaluate(example_program(component))
