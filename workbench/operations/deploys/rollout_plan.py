"""The plan of a rollout: its changes, and the time that it may take."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.aws.ecs.service_deployments import ROLLING_STRATEGY, Strategy
from workbench.aws.ecs.services import Deployment
from workbench.aws.ecs.task_definitions import TaskDefinition
from workbench.operations.deploys.differences import differences
from workbench.operations.deploys.service import Deployable, Images, Situation
from workbench.operations.deploys.shifting.stages import how
from workbench.operations.images.deployed_tags import Mark, missing_marks
from workbench.operations.readings import Unread
from workbench.operations.times import utc

_FOR_PULLING_AND_DRAINING_SECONDS = 600
"""Fargate pulls a large image in one or two minutes; a target is drained for up to five (the target groups' default
deregistration delay), and a task may take two to stop."""

SETTLING_SECONDS = 30
"""ECS calls a rollout complete as soon as its tasks run. One that reaches nothing it needs ends within seconds."""

_STARTS = 3
"""How often a task may need another start before it stays."""


@dataclass(frozen=True, kw_only=True)
class ImageChange:
    """The change of a container's image, in operators' words."""

    container: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class RolloutPlan:
    """One rollout of one service."""

    deployable: Deployable
    changes: tuple[ImageChange, ...]
    images: Mapping[str, str]
    """The images of all deployed containers afterwards, by container."""
    source_arn: str
    """The revision that is copied with these images, or that is used itself."""
    is_reused: bool
    """Whether no new revision is registered."""
    is_restart: bool
    """Whether what runs is started anew, unchanged."""
    registered: Mapping[str, Any]
    """What the tasks are made from."""
    tags: tuple[Mapping[str, str], ...]
    running_arn: str
    running_deployment_id: str
    earlier_arn: str | None
    """The revision of the last completed deployment, which can be put back; None: none is known."""
    differences: tuple[str, ...]
    """Between what runs and what will, apart from the deployed images."""
    unrecorded: Mapping[str, str] | None
    """Images that run and are not recorded yet: recorded first."""
    notes: tuple[str, ...]
    """What could not be checked, or is unusual."""
    marks: tuple[Mark, ...]
    """Of these images, and of those that a rollback would go to: the ones that are not tagged as deployed yet."""
    expiries: Mapping[str, str | None]
    """When the registry lets the images go, in words, by container; None: never."""
    waits_for: Deployment | None
    """The way back to what was healthy, which is waited for first; None: nothing is."""
    wait_seconds: float
    """How long at most."""
    timeout_seconds: float
    settling_seconds: float
    """How long the tasks are watched once ECS calls the rollout complete."""
    strategy: Strategy = ROLLING_STRATEGY
    """How what runs is replaced."""
    service_deployment_arn: str | None = None
    """The newest service deployment so far, of a service whose deployments shift traffic."""
    until: str | None = None
    """The lifecycle stage up to which it is watched; None: to its end."""
    pauses_count: bool = True
    """Whether the time at pauses counts as time that it may take."""

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        source, running = short(self.source_arn), short(self.running_arn)
        lines = [f"{self.deployable.name}, now {running}:"]
        lines += [f"  {change.container}: {_arrow(change)}" for change in self.changes]
        if self.is_restart:
            lines.append("  every task is replaced by a new one, which reads its secrets anew")
        else:
            lines.append(f"  with {source} itself" if self.is_reused else f"  in a new revision made from {source}")
        if self.strategy.shifts_traffic:
            until = "" if self.until is None else f", watched until {self.until}"
            lines.append(f"  {how(self.strategy)}{until}")
        if self.differences:
            lines.append(f"  and, against {running}:")
            lines += [f"    {line}" for line in self.differences]
        if self.waits_for is not None:
            back = self.waits_for
            lines.append(
                f"  First {short(back.task_definition_arn)} is waited for, which was healthy and which ECS goes back "
                f"to ({back.id}, since {utc(back.created_at)}): {self.wait_seconds:.0f} s at most."
            )
        if self.unrecorded is not None:
            lines.append("  What runs now is not recorded as deployed; that is put right first.")
        return [*lines, *self.notes]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        return {
            "service": self.deployable.service,
            "changes": [asdict(change) for change in self.changes],
            "images": dict(self.images),
            "task_definition_before": short(self.running_arn),
            "task_definition_source": short(self.source_arn),
            "is_reused": self.is_reused,
            "is_restart": self.is_restart,
            "differences": list(self.differences),
            "records_first": self.unrecorded,
            "notes": list(self.notes),
            "tagged_as_deployed": [{"container": mark.container, "tag": mark.tag} for mark in self.marks],
            "expiries": dict(self.expiries),
            "waits_for": None if self.waits_for is None else self.waits_for.id,
            **({"strategy": asdict(self.strategy), "until": self.until} if self.strategy.shifts_traffic else {}),
            "timeout_seconds": self.timeout_seconds,
            "settling_seconds": self.settling_seconds,
        }


def make_plan(
    deployable: Deployable,
    situation: Situation,
    images: Images,
    *,
    wanted: Mapping[str, str],
    source: TaskDefinition,
    registered: Mapping[str, Any],
    is_reused: bool,
    notes: Sequence[str],
    timeout_seconds: float | None,
    supersede: bool,
    until: str | None = None,
) -> RolloutPlan:
    """Plan to run ``wanted``, the images of all deployed containers, in a copy of ``source`` or in ``source`` itself.

    Without ``timeout_seconds``, the time follows from the containers' health checks. With ``supersede``, the rollout
    waits for nothing.
    """
    before, strategy = situation.running_images, situation.service.strategy
    is_restart = is_reused and source.arn == situation.running.arn
    earlier = _earlier(situation, source) if is_reused and not is_restart else situation.last_completed
    return RolloutPlan(
        deployable=deployable,
        changes=_changes(images, before, wanted),
        images=wanted,
        source_arn=source.arn,
        is_reused=is_reused,
        is_restart=is_restart,
        registered=registered,
        tags=source.tags,
        running_arn=situation.running.arn,
        running_deployment_id=situation.primary.id,
        earlier_arn=None if earlier is None else earlier.task_definition_arn,
        differences=tuple(differences(situation.running.document, registered, apart_from=wanted)),
        unrecorded=situation.unrecorded,
        notes=tuple(notes),
        # What runs is what a rollback would go to. Before anything else is done: a tag that came only after a success
        # would come too late for an image that newer ones push out of the registry meanwhile.
        marks=missing_marks(deployable, images, [wanted, before, situation.healthy_images]),
        expiries={container: _expiry(images, container, image) for container, image in wanted.items()},
        waits_for=situation.primary if situation.is_returning and not supersede else None,
        wait_seconds=seconds_allowed(situation.running.document, strategy),
        timeout_seconds=seconds_allowed(registered, strategy) if timeout_seconds is None else timeout_seconds,
        settling_seconds=0 if _is_checked(situation, registered) else SETTLING_SECONDS,
        strategy=strategy,
        service_deployment_arn=None if situation.shift is None else situation.shift.arn,
        until=until,
        pauses_count=timeout_seconds is not None,
    )


def _earlier(situation: Situation, source: TaskDefinition) -> Deployment | None:
    """Return the deployment before, unless it is what is gone back to."""
    earlier = situation.last_completed
    return None if earlier is not None and earlier.task_definition_arn == source.arn else earlier


def _changes(images: Images, before: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[ImageChange, ...]:
    return tuple(
        ImageChange(
            container=container,
            before=images.label(container, before.get(container, "")),
            after=images.label(container, image),
        )
        for container, image in wanted.items()
    )


def _expiry(images: Images, container: str, reference: str) -> str | None:
    image = images.find_reference(container, reference)
    found = None if image is None else images.expiry(container, image, is_tagged=True)
    return found.why if isinstance(found, Unread) else None if found is None else str(found)


def _is_checked(situation: Situation, registered: Mapping[str, Any]) -> bool:
    """Tell whether a task has to pass a check, a container's or a balancer's, before ECS counts it."""
    checks = any(container.get("healthCheck") for container in registered["containerDefinitions"])
    return checks or bool(situation.service.target_group_arns)


def seconds_allowed(registered: Mapping[str, Any], strategy: Strategy) -> float:
    """Return how long a rollout of a revision may take, without pauses."""
    # One after the other, as containers may wait for each other.
    healthy_after = sum(
        check.get("startPeriod", 0) + check.get("interval", 30) * check.get("retries", 3)
        for container in registered["containerDefinitions"]
        if (check := container.get("healthCheck"))
    )
    return _FOR_PULLING_AND_DRAINING_SECONDS + _STARTS * healthy_after + strategy.minutes * 60


def _arrow(change: ImageChange) -> str:
    return f"{change.after} again" if change.before == change.after else f"{change.before} -> {change.after}"


def short(task_definition_arn: str) -> str:
    """Return ``family:revision``."""
    return task_definition_arn.rpartition("/")[2]
