"""The scenarios of a rollout as data: what was seen, one look after the other, and what that means."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.workbench.operations.seen import D, arn, exited, service, task
from workbench.aws.ecs.services import Service
from workbench.aws.ecs.tasks import Task
from workbench.operations.deploys.verdict import Began, Outcome, Snapshot, failed_tasks, judge

BEGAN = Began(deployment_id="ecs-svc/2", task_definition_arn=arn(8), earlier_arn=arn(5), settling_seconds=0)
EARLIER = D(id="ecs-svc/1", revision=5, state="COMPLETED", running=1)
GAVE_UP = "ECS deployment circuit breaker: tasks failed to start."


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look, and what is to be made of it: an outcome, the revision that is wanted then, and ECS's words."""

    service: Service | None
    tasks: tuple[Task, ...] = ()
    verdict: tuple[Outcome, int | None, str] | None = None


SCENARIOS: Mapping[str, tuple[Look, ...]] = {
    "healthy": (
        Look(service=service(D(), EARLIER)),
        Look(service=service(D(running=1), EARLIER), tasks=(task(1, health="HEALTHY"),)),
        Look(service=service(D(running=1, state="COMPLETED")), verdict=(Outcome.SUCCEEDED, 8, "")),
    ),
    "slow, with a task that failed on the way": (
        *(Look(service=service(D(failed=1), EARLIER), tasks=(exited(1),)) for _ in range(50)),
        Look(service=service(D(running=1, failed=1), EARLIER), tasks=(exited(1), task(2))),
        Look(service=service(D(running=1, state="COMPLETED")), verdict=(Outcome.SUCCEEDED, 8, "")),
    ),
    "crash loop that ECS counts": (
        Look(service=service(D(failed=2), EARLIER)),
        Look(service=service(D(failed=3), EARLIER), verdict=(Outcome.CRASHING, 8, "")),
    ),
    "crash loop that ECS does not count, as every task ran first": (
        Look(service=service(D(running=1), EARLIER), tasks=(exited(1), exited(2), task(3))),
        Look(
            service=service(D(), EARLIER),
            tasks=(exited(1), exited(2), exited(3)),
            verdict=(Outcome.CRASHING, 8, ""),
        ),
    ),
    "three failures, but the next task runs": (
        Look(service=service(D(running=1, failed=3), EARLIER), tasks=(exited(1), exited(2), exited(3), task(4))),
    ),
    "three failures after a task that was healthy": (
        Look(service=service(D(running=1), EARLIER), tasks=(task(1, health="HEALTHY"),)),
        Look(service=service(D(failed=3), EARLIER), tasks=(exited(1), exited(2), exited(3))),
    ),
    "stopped by people, by scaling and by Spot, three times": (
        Look(
            service=service(D(), EARLIER),
            tasks=(
                task(1, stop_code="UserInitiated", reason="Task stopped by user"),
                task(2, stop_code="ServiceSchedulerInitiated", reason="Scaling activity initiated by (deployment 2)"),
                task(3, stop_code="SpotInterruption", reason="Your Spot Task was interrupted."),
            ),
        ),
    ),
    "given up and rolled back by the circuit breaker": (
        Look(service=service(D(failed=2), EARLIER)),
        Look(
            service=service(D(id="ecs-svc/3", revision=5), D(state="FAILED", failed=3, reason=GAVE_UP)),
            verdict=(Outcome.ROLLED_BACK, 5, GAVE_UP),
        ),
    ),
    "rolled back and forgotten before we looked": (
        Look(
            service=service(D(id="ecs-svc/3", revision=5, state="COMPLETED", running=1, reason="completed.")),
            verdict=(Outcome.ROLLED_BACK, 5, ""),
        ),
    ),
    "given up with nothing to roll back to": (
        Look(service=service(D(state="FAILED", failed=3, reason=GAVE_UP)), verdict=(Outcome.FAILED, 8, GAVE_UP)),
    ),
    "superseded by another deploy": (
        Look(service=service(D(), EARLIER)),
        Look(service=service(D(id="ecs-svc/9", revision=9), D(), EARLIER), verdict=(Outcome.SUPERSEDED, 9, "")),
    ),
    "superseded by another deploy that is complete, ours forgotten": (
        Look(
            service=service(D(id="ecs-svc/9", revision=9, state="COMPLETED", running=1)),
            verdict=(Outcome.SUPERSEDED, 9, ""),
        ),
    ),
    "the same revision in somebody else's deployment": (
        Look(
            service=service(D(id="ecs-svc/9", revision=8, state="COMPLETED", running=1)),
            verdict=(Outcome.SUPERSEDED, 8, ""),
        ),
    ),
    "deleted": (Look(service=None, verdict=(Outcome.GONE, None, "")),),
    "being deleted": (Look(service=service(D(), status="DRAINING"), verdict=(Outcome.GONE, None, "")),),
}


@pytest.mark.parametrize("looks", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(looks: tuple[Look, ...]) -> None:
    seen: list[Snapshot] = []
    for look in looks:
        seen.append(Snapshot(service=look.service, tasks=look.tasks))
        verdict = judge(BEGAN, seen)
        found = None
        if verdict is not None:
            primary = verdict.primary
            found = (verdict.outcome, None if primary is None else int(primary.task_definition_arn[-1]), verdict.reason)
        assert found == look.verdict


def settling(*looks: tuple[float, tuple[Task, ...]]) -> Outcome | None:
    began = dataclasses.replace(BEGAN, settling_seconds=30)
    complete = service(D(state="COMPLETED", running=1))
    verdict = judge(began, [Snapshot(service=complete, tasks=tasks, seconds=seconds) for seconds, tasks in looks])
    return None if verdict is None else verdict.outcome


def test_a_complete_rollout_whose_tasks_have_no_check_is_watched_a_little_longer() -> None:
    assert settling((5, ())) is None
    assert settling((5, ()), (34, ())) is None
    assert settling((5, ()), (35, ())) is Outcome.SUCCEEDED
    assert settling((5, (exited(1),)), (35, (exited(1),))) is Outcome.SUCCEEDED, "it failed before, and then it stayed"
    assert settling((5, ()), (9, (exited(1),))) is Outcome.CRASHING


def test_tasks_that_fail_their_checks_failed_and_the_newest_is_first() -> None:
    unhealthy = "Task failed ELB health checks in (target-group shop)"
    tasks = [
        task(1, stop_code="ServiceSchedulerInitiated", reason=unhealthy),
        task(2, stop_code="ServiceSchedulerInitiated", reason="Scaling activity initiated by (deployment 2)"),
        task(3, stop_code="TaskFailedToStart", reason="CannotPullContainerError: not found"),
        task(4),
    ]
    assert [failed.id for failed in failed_tasks(tasks)] == ["task3", "task1"]
