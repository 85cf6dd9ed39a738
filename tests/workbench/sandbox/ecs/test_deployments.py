"""What ECS's scheduler does next: a pure function, looked at step by step and run to its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.sandbox.ecr.images import Behaviour
from workbench.sandbox.ecs.simulation.deployments import (
    Action,
    Complete,
    CountFailure,
    DeploymentView,
    Fail,
    Retire,
    RollBack,
    ServiceView,
    Start,
    Stop,
    TaskView,
    Welcome,
    decide,
    threshold,
)
from workbench.sandbox.ecs.simulation.life import ContainerPlan, End, plan_life
from workbench.sandbox.ecs.simulation.pace import Pace

NOW = datetime(2026, 1, 1)
OLD = DeploymentView(id="old", definition="api:1", state="COMPLETED")
NEW = DeploymentView(id="new", definition="api:2", state="IN_PROGRESS")
STATES: Mapping[str, float] = {"starting": 0, "serving": -60}


def task(name: str, deployment: str, state: str, **seen: bool) -> TaskView:
    """Return a task that is starting, has been serving for a minute, has failed or has been stopped just now."""
    created_at = NOW + timedelta(seconds=STATES.get(state, -60))
    plan = ContainerPlan(name="web", behaviour=Behaviour(), health_checked=True)
    life = plan_life([plan], created_at=created_at, pace=Pace())
    if state in {"failed", "stopped"}:
        life = life.ended(End(at=NOW, code="code", reason="reason", failed=state == "failed"))
    return TaskView(id=name, deployment=deployment, life=life, **{"welcomed": state == "serving", **seen})


def service(*deployments: DeploymentView, tasks: tuple[TaskView, ...] = (), **other: Any) -> ServiceView:
    options: dict[str, Any] = {"desired": 2, "breaker": True, "rollback": True, **other}
    return ServiceView(deployments=deployments, tasks=tasks, **options)


SERVING_OLD = (task("a", "old", "serving"), task("b", "old", "serving"))
STARTING_NEW = (task("c", "new", "starting"), task("d", "new", "starting"))
SERVING_NEW = (task("c", "new", "serving"), task("d", "new", "serving"))
FAILING = replace(NEW, failed_tasks=3)

STEPS: dict[str, tuple[ServiceView, list[Action]]] = {
    "a new service starts its tasks": (service(NEW), [Start(deployment="new", count=2)]),
    "a new deployment starts beside the old one": (
        service(NEW, OLD, tasks=SERVING_OLD),
        [Start(deployment="new", count=2)],
    ),
    "no more than the maximum are started": (
        service(NEW, OLD, tasks=SERVING_OLD, maximum_percent=150),
        [Start(deployment="new", count=1)],
    ),
    "the old ones stay until the new ones serve": (service(NEW, OLD, tasks=(*SERVING_OLD, *STARTING_NEW)), []),
    "an old one goes for each new one": (
        service(NEW, OLD, tasks=(*SERVING_OLD, SERVING_NEW[0], STARTING_NEW[1])),
        [Stop(tasks=("a",))],
    ),
    "the old ones go first where nothing more may run": (
        service(NEW, OLD, tasks=SERVING_OLD, maximum_percent=100, minimum_percent=50),
        [Stop(tasks=("a",))],
    ),
    "what never served goes at once": (
        service(
            replace(NEW, id="newest"),
            NEW,
            OLD,
            tasks=(*SERVING_OLD, *STARTING_NEW, task("e", "newest", "starting"), task("f", "newest", "starting")),
        ),
        [Stop(tasks=("c", "d"))],
    ),
    "a deployment without tasks is listed no more": (service(NEW, OLD, tasks=SERVING_NEW), [Retire(deployment="old")]),
    "it is complete when only the new ones run": (service(NEW, tasks=SERVING_NEW), [Complete(deployment="new")]),
    "a complete one rests": (service(replace(NEW, state="COMPLETED"), tasks=SERVING_NEW), []),
    "a failed task is counted": (
        service(NEW, tasks=(task("c", "new", "failed"),)),
        [CountFailure(task="c")],
    ),
    "it is counted once, and replaced": (
        service(NEW, tasks=(task("c", "new", "failed", counted=True),)),
        [Start(deployment="new", count=2)],
    ),
    "one that was stopped is no failure": (
        service(OLD, tasks=(SERVING_OLD[0], task("b", "old", "stopped"))),
        [Start(deployment="old", count=1)],
    ),
    "a task that serves is welcomed": (
        service(NEW, tasks=(task("c", "new", "serving", welcomed=False),)),
        [Welcome(task="c")],
    ),
    "two failures are no reason": (
        service(replace(NEW, failed_tasks=2), OLD, tasks=SERVING_OLD, completed=OLD),
        [Start(deployment="new", count=2)],
    ),
    "after three it is rolled back": (
        service(FAILING, OLD, tasks=SERVING_OLD, completed=OLD),
        [RollBack(deployment="new", to=OLD)],
    ),
    "with nothing to go back to it fails": (service(FAILING), [Fail(deployment="new", without_candidate=True)]),
    "without rollback it fails": (
        service(FAILING, OLD, tasks=SERVING_OLD, completed=OLD, rollback=False),
        [Fail(deployment="new")],
    ),
    "a rollback that fails is not rolled back": (
        service(replace(FAILING, rolls_back=True), OLD, tasks=SERVING_OLD, completed=OLD),
        [Fail(deployment="new")],
    ),
    "without a breaker it goes on": (
        service(FAILING, OLD, tasks=SERVING_OLD, completed=OLD, breaker=False),
        [Start(deployment="new", count=2)],
    ),
    "a failed one starts and stops nothing": (service(replace(FAILING, state="FAILED"), OLD, tasks=SERVING_OLD), []),
    "nothing is started before its time": (service(NEW, starts_from=NOW + timedelta(seconds=1)), []),
    "surplus tasks go": (service(OLD, tasks=SERVING_OLD, desired=1), [Stop(tasks=("b",))]),
    "a service of none is complete": (service(NEW, desired=0), [Complete(deployment="new")]),
    "what was rolled back is shown until the end": (
        service(NEW, replace(FAILING, id="bad", state="FAILED"), tasks=STARTING_NEW),
        [],
    ),
    "and then no more": (
        service(NEW, replace(FAILING, id="bad", state="FAILED"), tasks=SERVING_NEW),
        [Retire(deployment="bad"), Complete(deployment="new")],
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_next_step(step: str) -> None:
    state, expected = STEPS[step]
    assert list(decide(state, NOW)) == expected


@pytest.mark.parametrize(
    ("desired", "failures"), [(0, 3), (1, 3), (6, 3), (7, 4), (25, 13), (400, 200), (401, 200), (9000, 200)]
)
def test_threshold_is_half_of_what_is_desired_within_limits(desired: int, failures: int) -> None:
    """ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures": 25 tasks, 13 failures."""
    assert threshold(desired) == failures


@dataclass
class Rollout:
    """A service with a fleet of old tasks, deployed with new ones that behave in one way."""

    view: ServiceView
    behaviour: Behaviour
    now: datetime = NOW
    fewest_serving: int = 10**6
    most_running: int = 0
    steps: list[str] = field(default_factory=list[str])

    def run(self) -> None:
        for _ in range(500):
            while actions := decide(self.view, self.now):
                for action in actions:
                    self.steps.append(type(action).__name__)
                    self._carry_out(action)
            alive = [each for each in self.view.tasks if each.life.alive(self.now)]
            self.most_running = max(self.most_running, len(alive))
            self.fewest_serving = min(self.fewest_serving, sum(each.life.ready(self.now) for each in alive))
            later = [moment for each in self.view.tasks for moment in each.life.moments() if moment > self.now]
            if not later:
                return
            self.now = min(later)
        raise AssertionError("it never comes to rest")

    def _carry_out(self, action: Action) -> None:
        if isinstance(action, Start | Stop | Welcome | CountFailure):
            self._carry_out_on_tasks(action)
        else:
            self._carry_out_on_deployments(action)

    def _carry_out_on_tasks(self, action: Start | Stop | Welcome | CountFailure) -> None:
        match action:
            case Start():
                self._start(action)
            case Stop():
                end = End(at=self.now, code="code", reason="reason")
                self._change(action.tasks, lambda each: replace(each, life=each.life.ended(end)))
            case Welcome():
                self._change((action.task,), lambda each: replace(each, welcomed=True))
            case CountFailure():
                self._change((action.task,), lambda each: replace(each, counted=True))
                primary = self.view.deployments[0]
                self._primary(replace(primary, failed_tasks=primary.failed_tasks + 1))

    def _carry_out_on_deployments(self, action: Fail | RollBack | Retire | Complete) -> None:
        match action:
            case Fail():
                self._primary(replace(self.view.deployments[0], state="FAILED"))
            case RollBack():
                failed = replace(self.view.deployments[0], state="FAILED")
                back = DeploymentView(id="back", definition=action.to.definition, state="IN_PROGRESS", rolls_back=True)
                self.view = replace(self.view, deployments=(back, failed, *self.view.deployments[1:]))
                self.behaviour = Behaviour()
            case Retire():
                kept = tuple(each for each in self.view.deployments if each.id != action.deployment)
                self.view = replace(self.view, deployments=kept)
            case Complete():
                self._primary(replace(self.view.deployments[0], state="COMPLETED"))

    def _start(self, action: Start) -> None:
        assert action.count > 0
        plan = ContainerPlan(name="web", behaviour=self.behaviour, health_checked=True)
        life = plan_life([plan], created_at=self.now, pace=Pace())
        first = len(self.view.tasks)
        started = tuple(
            TaskView(id=f"new-{first + number}", deployment=action.deployment, life=life)
            for number in range(action.count)
        )
        self.view = replace(self.view, tasks=(*self.view.tasks, *started))

    def _change(self, ids: tuple[str, ...], change: Callable[[TaskView], TaskView]) -> None:
        tasks = tuple(change(each) if each.id in ids else each for each in self.view.tasks)
        self.view = replace(self.view, tasks=tasks)

    def _primary(self, deployment: DeploymentView) -> None:
        self.view = replace(self.view, deployments=(deployment, *self.view.deployments[1:]))


def rollout(behaviour: Behaviour, *, desired: int, **percentages: int) -> Rollout:
    old = tuple(task(f"old-{number}", "old", "serving") for number in range(desired))
    view = service(NEW, OLD, tasks=old, desired=desired, completed=OLD, **percentages)
    found = Rollout(view=view, behaviour=behaviour)
    found.run()
    return found


@given(
    desired=st.integers(1, 12),
    minimum_percent=st.integers(0, 100),
    maximum_percent=st.integers(200, 300),
)
def test_good_rollout_keeps_within_its_percentages_and_completes(
    desired: int, minimum_percent: int, maximum_percent: int
) -> None:
    found = rollout(Behaviour(), desired=desired, minimum_percent=minimum_percent, maximum_percent=maximum_percent)
    assert [(each.id, each.state) for each in found.view.deployments] == [("new", "COMPLETED")]
    assert found.fewest_serving * 100 >= desired * minimum_percent
    assert found.most_running * 100 <= desired * maximum_percent
    assert {each.deployment for each in found.view.tasks if each.life.alive(found.now)} == {"new"}


@given(desired=st.integers(1, 12), behaviour=st.sampled_from([Behaviour(crash=1), Behaviour(unhealthy=True)]))
def test_bad_rollout_is_rolled_back_and_never_takes_a_serving_task(desired: int, behaviour: Behaviour) -> None:
    found = rollout(behaviour, desired=desired)
    assert [(each.id, each.state, each.definition) for each in found.view.deployments] == [
        ("back", "COMPLETED", "api:1")
    ]
    assert found.fewest_serving == desired
    assert found.steps.count("CountFailure") >= threshold(desired)
    assert found.steps.count("RollBack") == 1
