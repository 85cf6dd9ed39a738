"""What ECS would answer, in a few words: services, deployments and tasks for the tests of rollouts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from workbench.aws.ecs.services import Deployment, Service
from workbench.aws.ecs.tasks import Task, TaskContainer

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
OURS = "ecs-svc/2"


def arn(revision: int) -> str:
    return f"arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-api:{revision}"


@dataclass(frozen=True, kw_only=True)
class D:
    """A deployment."""

    id: str = OURS
    revision: int = 8
    state: str = "IN_PROGRESS"
    running: int = 0
    failed: int = 0
    reason: str = ""


def deployment(given: D, *, primary: bool) -> Deployment:
    return Deployment(
        id=given.id,
        status="PRIMARY" if primary else "ACTIVE",
        task_definition_arn=arn(given.revision),
        desired_count=1,
        running_count=given.running,
        pending_count=0,
        failed_tasks=given.failed,
        rollout_state=given.state,
        rollout_reason=given.reason,
        created_at=NOW,
    )


def service(*deployments: D, status: str = "ACTIVE", desired: int = 1) -> Service:
    """Return a service whose first deployment is the primary one."""
    described = tuple(deployment(given, primary=number == 0) for number, given in enumerate(deployments))
    return Service(
        name="shop-api",
        status=status,
        task_definition_arn=described[0].task_definition_arn if described else arn(1),
        desired_count=desired,
        running_count=sum(each.running_count for each in described),
        pending_count=0,
        deployments=described,
        events=(),
        target_group_arns=(),
    )


def task(
    number: int,
    *,
    health: str = "UNKNOWN",
    stop_code: str | None = None,
    reason: str | None = None,
    containers: tuple[TaskContainer, ...] = (),
    started_by: str = OURS,
) -> Task:
    """Return a task, stopped for a reason when a code or a reason is given."""
    stopped = stop_code is not None or reason is not None
    return Task(
        arn=f"arn:aws:ecs:eu-west-1:123456789012:task/shop/task{number}",
        task_definition_arn=arn(8),
        started_by=started_by,
        status="STOPPED" if stopped else "RUNNING",
        health=health,
        created_at=NOW,
        stopped_at=NOW + timedelta(seconds=number) if stopped else None,
        stop_code=stop_code,
        stopped_reason=reason,
        containers=containers,
    )


def container(
    name: str, *, exit_code: int | None = None, reason: str | None = None, health: str = "UNKNOWN"
) -> TaskContainer:
    return TaskContainer(name=name, image=None, status="STOPPED", exit_code=exit_code, reason=reason, health=health)


def exited(number: int) -> Task:
    """Return a task that ended by itself."""
    return task(
        number,
        stop_code="EssentialContainerExited",
        reason="Essential container in task exited",
        containers=(container("api", exit_code=1),),
    )
