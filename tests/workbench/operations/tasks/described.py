"""Tasks as ECS describes them, to be made into whatever a test needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from workbench.aws.ecs.tasks import CapacityProvider, Placement, Task, TaskContainer

CREATED = datetime(2026, 1, 1, 12, tzinfo=UTC)

CONTAINER = TaskContainer(
    name="api", image="registry/api:1", status="RUNNING", exit_code=None, reason=None, health="UNKNOWN"
)

TASK = Task(
    arn="arn:aws:ecs:eu-west-1:1:task/shop/abc123",
    task_definition_arn="arn:aws:ecs:eu-west-1:1:task-definition/shop-api:7",
    started_by="zelly/ann",
    status="RUNNING",
    health="UNKNOWN",
    created_at=CREATED,
    stopped_at=None,
    stop_code=None,
    stopped_reason=None,
    containers=(CONTAINER,),
)

PLACEMENT = Placement(
    task_definition_arn="arn:aws:ecs:eu-west-1:1:task-definition/shop-api:7",
    rolling_out=False,
    subnets=("subnet-1", "subnet-2"),
    security_groups=("sg-1",),
    assign_public_ip="DISABLED",
    capacity_providers=(CapacityProvider(name="FARGATE", weight=1, base=1),),
    enable_execute_command=True,
)


def stopped(exit_code: int | None, *, code: str = "EssentialContainerExited", reason: str | None = None) -> Task:
    """Return the task when it has stopped, and its container with that exit code."""
    return replace(
        TASK,
        status="STOPPED",
        stopped_at=CREATED + timedelta(seconds=42),
        stop_code=code,
        stopped_reason=reason or "Essential container in task exited",
        containers=(replace(CONTAINER, status="STOPPED", exit_code=exit_code),),
    )
