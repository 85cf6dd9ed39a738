"""The changes of one service since it was last looked at, made moment by moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workbench.sandbox.ecs.simulation import deployments, events, logs, targets, tasks
from workbench.sandbox.ecs.simulation.definitions import task_definition, tasks_of
from workbench.sandbox.ecs.simulation.deploying import history, shifting, shifts, verdicts
from workbench.sandbox.ecs.simulation.deployments import DeploymentView, ServiceView, TaskView
from workbench.sandbox.ecs.simulation.life import End
from workbench.sandbox.ecs.simulation.pace import (
    FIRST_BACKOFF_SECONDS,
    LONGEST_BACKOFF_SECONDS,
    REQUEST_SECONDS,
    Pace,
)
from workbench.sandbox.ecs.simulation.rollout import new_deployment
from workbench.sandbox.server.state import change, kept

_MOST_MOMENTS = 300
"""The most moments that one look goes through. Failures beyond that, while nobody looked, are not told in full."""

_FAILURES_BEFORE_BACKOFF = 3


@dataclass(kw_only=True)
class Standing:
    """The scheduler's memory of a service between two looks."""

    seen_at: datetime
    """Everything that was due until then is carried out."""
    completed: DeploymentView | None = None
    rollbacks: set[str] = field(default_factory=set[str])
    """Deployments that the circuit breaker began."""
    failures: int = 0
    """The number of tasks that have failed one after the other."""
    starts_from: datetime | None = None
    steady: bool = False
    configuration: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The deployment configuration that was asked for."""
    capacity_provider: str | None = None
    strategy: Sequence[Mapping[str, Any]] = ()
    """The capacity provider strategy that was asked for."""

    def breaker(self, setting: str) -> bool:
        """Return the circuit breaker's ``enable`` or ``rollback``; a service that asks for none has none."""
        breaker: Mapping[str, bool] = self.configuration.get("deploymentCircuitBreaker", {})
        return breaker.get(setting, False)


def standing(service: Any) -> Standing:
    """Return what is remembered of a service; of a new one, that it has just been made."""
    standings: dict[str, Standing] = kept(service._account_id, service.region_name, "ecs", "standings")
    if service.arn not in standings:
        standings[service.arn] = Standing(seen_at=service.deployments[0]["createdAt"])
    return standings[service.arn]


def forget(service: Any) -> None:
    """Drop what is remembered of a service, which another one of its name begins without."""
    kept(service._account_id, service.region_name, "ecs", "standings").pop(service.arn, None)
    history.forget(service)


def settle(backend: Any, service: Any, now: datetime, pace: Pace) -> None:
    """Carry out everything that is due by now."""
    of_service = tasks.unfinished(tasks_of(backend, service))
    if service.status != "ACTIVE" or not service.deployments:
        _end(service, of_service, now)
        return
    _Settling(backend, service, of_service, pace).up_to(now)


def _end(service: Any, of_service: Sequence[Any], now: datetime) -> None:
    """End the tasks of a deleted service at once, so that its subnets and security groups can be deleted too."""
    reason = f"Scaling activity initiated by (deployment {service.deployments[0]['id']})" if service.deployments else ""
    for task in of_service:
        end = End(at=now, code="ServiceSchedulerInitiated", reason=reason)
        tasks.course_of(task).life = tasks.course_of(task).life.ended(end, stopping=timedelta())
        targets.deregister(service, task)
        tasks.release(task)
        tasks.show(task, now)
    change(service, running_count=0, pending_count=0)


class _Settling:
    """One look at one service."""

    def __init__(self, backend: Any, service: Any, of_service: list[Any], pace: Pace) -> None:
        self._backend = backend
        self._service = service
        self._tasks = of_service
        self._pace = pace
        self._standing = standing(service)
        self._carry_out: Mapping[type[Any], Callable[[Any, datetime], None]] = {
            deployments.Welcome: self._welcome,
            deployments.CountFailure: self._count_failure,
            deployments.Fail: self._fail,
            deployments.RollBack: self._roll_back,
            deployments.Start: self._start,
            deployments.Stop: self._stop,
            deployments.Retire: self._retire,
            deployments.Complete: self._complete,
            **shifting.Shifting(service, pace).handlers(),
        }

    def up_to(self, now: datetime) -> None:
        at = self._standing.seen_at
        for _ in range(_MOST_MOMENTS):
            self._act(at)
            following = self._next_moment(at)
            if following is None or following > now:
                break
            at = following
        else:
            self._act(now)
        self._standing.seen_at = now
        for task in self._tasks:
            logs.write(task, task_definition(self._backend, task.task_definition_arn), now)
            tasks.show(task, now)
        self._count(now)

    def _next_moment(self, at: datetime) -> datetime | None:
        moments = [moment for task in self._tasks for moment in tasks.course_of(task).life.moments()]
        if self._standing.starts_from is not None:
            moments.append(self._standing.starts_from)
        record = history.latest(self._service)
        if record is not None and record.requested_at is not None:
            moments.append(record.requested_at + self._pace(REQUEST_SECONDS))
        moments += shifting.next_moments(record, self._pace)
        return min((moment for moment in moments if moment > at), default=None)

    def _act(self, at: datetime) -> None:
        while actions := self._decide(at):
            for action in actions:
                self._carry_out[type(action)](action, at)
        for task in self._tasks:
            self._keep_registered(task, at)
        self._tell_steadiness(at)

    def _decide(self, at: datetime) -> Sequence[shifts.ShiftAction]:
        record = history.latest(self._service)
        if record is not None and shifting.shifts_traffic(record):
            return shifts.decide(shifting.view(record, self._view(at), self._pace), at)
        return deployments.decide(self._view(at), at)

    def _tell_steadiness(self, at: datetime) -> None:
        service = self._service
        alive = [task for task in self._tasks if tasks.course_of(task).life.alive(at)]
        whole = len(alive) == service.desired_count and all(tasks.course_of(task).life.ready(at) for task in alive)
        if whole and not self._standing.steady and service.deployments[0]["rolloutState"] == "COMPLETED":
            self._standing.steady = True
            events.add(service, at, events.STEADY)

    def _view(self, at: datetime) -> ServiceView:
        remembered = self._standing
        record = history.latest(self._service)
        listed = tuple(self._deployment_view(each) for each in self._service.deployments)
        if listed[0].state == "COMPLETED":
            remembered.completed = listed[0]
        return ServiceView(
            desired=self._service.desired_count,
            deployments=listed,
            tasks=tuple(_task_view(task) for task in self._tasks if not tasks.course_of(task).released),
            minimum_percent=remembered.configuration.get("minimumHealthyPercent", 100),
            maximum_percent=remembered.configuration.get("maximumPercent", 200),
            breaker=remembered.breaker("enable"),
            rollback=remembered.breaker("rollback"),
            alarmed=bool(history.alarmed(self._service)),
            alarms_roll_back=record is not None and record.alarms_roll_back,
            requested=None if record is None else record.request_due(at, self._pace(REQUEST_SECONDS)),
            completed=remembered.completed,
            starts_from=remembered.starts_from,
        )

    def _deployment_view(self, deployment: Mapping[str, Any]) -> DeploymentView:
        return DeploymentView(
            id=deployment["id"],
            definition=deployment["taskDefinition"],
            state=deployment["rolloutState"],
            failed_tasks=deployment.get("failedTasks", 0),
            rolls_back=deployment["id"] in self._standing.rollbacks,
        )

    def _deployment(self, deployment_id: str) -> dict[str, Any] | None:
        return next((each for each in self._service.deployments if each["id"] == deployment_id), None)

    def _task(self, task_id: str) -> Any:
        return next(task for task in self._tasks if task.id == task_id)

    def _welcome(self, action: deployments.Welcome, _: datetime) -> None:
        task = self._task(action.task)
        tasks.course_of(task).welcomed = True
        self._standing.failures = 0
        deployment = self._deployment(task.started_by)
        # Only failures one after the other open the circuit breaker.
        if deployment is not None and deployment["rolloutState"] == "IN_PROGRESS":
            deployment["failedTasks"] = 0
            history.count_failures(self._service, deployment)

    def _count_failure(self, action: deployments.CountFailure, at: datetime) -> None:
        task = self._task(action.task)
        tasks.course_of(task).counted = True
        self._tell_failure(task, at)
        deployment = self._deployment(task.started_by)
        if deployment is not None and deployment["rolloutState"] == "IN_PROGRESS":
            deployment |= {"failedTasks": deployment.get("failedTasks", 0) + 1, "updatedAt": at}
            history.count_failures(self._service, deployment)
        remembered = self._standing
        remembered.steady = False
        remembered.failures += 1
        watched = remembered.breaker("enable") and self._service.deployments[0]["rolloutState"] == "IN_PROGRESS"
        if remembered.failures >= _FAILURES_BEFORE_BACKOFF and not watched:
            doublings = min(remembered.failures - _FAILURES_BEFORE_BACKOFF, 10)
            remembered.starts_from = at + self._pace(min(FIRST_BACKOFF_SECONDS * 2**doublings, LONGEST_BACKOFF_SECONDS))
            events.add(self._service, at, events.INCONSISTENT)

    def _tell_failure(self, task: Any, at: datetime) -> None:
        end = tasks.course_of(task).life.end
        if end is None:
            return
        if end.code == "TaskFailedToStart":
            events.add(self._service, at, events.UNABLE_TO_PLACE.format(reason=end.reason.removesuffix(".")))
        elif end.reason.startswith("Task failed container"):
            events.add(self._service, at, events.UNHEALTHY_CONTAINER.format(task=task.id))
        elif end.reason.startswith("Task failed ELB"):
            for group, container, port in targets.target_groups(self._service, task.started_by):
                if container == end.container:
                    events.add(self._service, at, events.UNHEALTHY_TARGET.format(port=port, arn=group.arn))

    def _fail(self, action: deployments.Fail, at: datetime) -> None:
        self._end_early(action.deployment, action.cause, at)
        verdicts.failed(self._service, at, action.cause, without_candidate=action.without_candidate)

    def _end_early(self, deployment_id: str, cause: str, at: datetime) -> None:
        words = verdicts.WORDS[cause]
        # Only the primary one is watched.
        deployment = self._service.deployments[0]
        deployment |= {"rolloutState": "FAILED", "rolloutStateReason": words.rollout, "updatedAt": at}
        events.add(self._service, at, events.DEPLOYMENT_FAILED.format(id=deployment_id, reason=words.event))

    def _roll_back(self, action: deployments.RollBack, at: datetime) -> None:
        self._end_early(action.deployment, action.cause, at)
        reason = verdicts.WORDS[action.cause].going_back.format(to=action.to.id)
        deployment = new_deployment(self._service, action.to.definition, at=at, reason=reason)
        self._standing.rollbacks.add(deployment["id"])
        verdicts.turned_back(self._service, at, action.cause, deployment["id"])
        events.add(self._service, at, events.ROLLBACK_BEGUN.format(to=action.to.id))

    def _start(self, action: deployments.Start, at: datetime) -> None:
        deployment = next(each for each in self._service.deployments if each["id"] == action.deployment)
        service = self._service
        order = tasks.Order(
            cluster=self._backend.clusters[service.cluster_name],
            definition=task_definition(self._backend, deployment["taskDefinition"]),
            group=f"service:{service.name}",
            started_by=deployment["id"],
            network=service.network_configuration["awsvpcConfiguration"],
            tags=service.tags if service.propagate_tags == "SERVICE" else [],
            capacity_provider=self._standing.capacity_provider,
            platform_version=service.platform_version,
            target_groups=targets.arns_by_container(service, deployment["id"]),
        )
        alive = sum(
            tasks.course_of(task).life.alive(at) and task.started_by == deployment["id"] for task in self._tasks
        )
        started = [
            tasks.start(self._backend, order.placed(alive + number), at, self._pace) for number in range(action.count)
        ]
        self._tasks += started
        self._standing.steady = False
        self._standing.starts_from = None
        events.add_started(service, at, [task.id for task in started])

    def _stop(self, action: deployments.Stop, at: datetime) -> None:
        stopped = [self._task(task_id) for task_id in action.tasks]
        registered = sum(tasks.course_of(task).registered for task in stopped)
        groups = [group.arn for group, _, _ in targets.target_groups(self._service, stopped[0].started_by)]
        for arn in groups if registered else ():
            events.add(self._service, at, events.DEREGISTERED.format(count=registered, arn=arn))
        if groups and registered:
            events.add(self._service, at, events.DRAINING.format(count=registered))
        for task in stopped:
            reason = f"Scaling activity initiated by (deployment {task.started_by})"
            tasks.course_of(task).life = tasks.course_of(task).life.ended(
                End(at=at, code="ServiceSchedulerInitiated", reason=reason)
            )
        self._standing.steady = False
        events.add_stopped(self._service, at, [task.id for task in stopped])

    def _retire(self, action: deployments.Retire, _: datetime) -> None:
        left = [each for each in self._service.deployments if each["id"] != action.deployment]
        change(self._service, deployments=left)

    def _complete(self, action: deployments.Complete, at: datetime) -> None:
        deployment = self._service.deployments[0]
        reason = events.COMPLETED.format(id=action.deployment)
        deployment |= {"rolloutState": "COMPLETED", "rolloutStateReason": reason, "updatedAt": at}
        verdicts.completed(self._service, at)
        events.add(self._service, at, events.DEPLOYMENT_COMPLETED.format(id=action.deployment))

    def _keep_registered(self, task: Any, at: datetime) -> None:
        course = tasks.course_of(task)
        running = course.life.running_at is not None and course.life.running_at <= at
        if running and course.life.alive(at) and not course.registered:
            course.registered = True
            for arn in targets.register(self._service, task):
                events.add(self._service, at, events.REGISTERED.format(arn=arn))
        if course.life.stopped(at) and not course.released:
            targets.deregister(self._service, task)
            tasks.release(task)

    def _count(self, now: datetime) -> None:
        service = self._service
        for number, deployment in enumerate(service.deployments):
            own = [task for task in self._tasks if task.started_by == deployment["id"]]
            alive = [task for task in own if tasks.course_of(task).life.alive(now)]
            running = sum(tasks.course_of(task).life.status(now) == "RUNNING" for task in alive)
            deployment |= {
                "desiredCount": service.desired_count if number == 0 else len(alive),
                "runningCount": running,
                "pendingCount": len(alive) - running,
            }
        change(
            service,
            task_definition=service.deployments[0]["taskDefinition"],
            running_count=sum(each["runningCount"] for each in service.deployments),
            pending_count=sum(each["pendingCount"] for each in service.deployments),
        )


def _task_view(task: Any) -> TaskView:
    course = tasks.course_of(task)
    return TaskView(
        id=task.id, deployment=task.started_by, life=course.life, counted=course.counted, welcomed=course.welcomed
    )
