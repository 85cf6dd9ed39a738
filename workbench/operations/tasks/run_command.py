"""Running one command in a task of its own beside a service, with everything that the service's tasks have."""

import re
import shlex
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.aws.account.identity import Sts
from workbench.aws.ecs.task_definitions import TaskDefinition, TaskDefinitions
from workbench.aws.ecs.tasks import EcsTasks, Placement, Task
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.words import command, word

_LONGEST_STARTED_BY = 128
"""Of letters, digits, hyphens, slashes and underscores (ECS API reference, "RunTask")."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A revision that is made for one task, with an image that no deploy has brought, and taken back afterwards."""

    source: TaskDefinition
    """What is copied: the newest revision, as a deploy of the image would."""
    document: Mapping[str, Any]
    image: str
    """What operators call the image."""
    notes: tuple[str, ...]
    """What could not be checked."""


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """A command, and the task that it is going to run in."""

    service: str
    """ECS's name of it."""
    cluster: str
    region: str
    placement: Placement
    container: str
    image: str
    command: tuple[str, ...]
    beside: tuple[str, ...]
    """The task's other containers. ECS starts them too, and ends them when the command has ended."""
    essential: frozenset[str]
    """Those of them whose end is the whole task's."""
    started_by: str
    """What ECS is told of whoever runs it."""
    client_token: str
    """Tells this request from every other one: ECS carries it out once."""
    registration: Registration | None = None
    """None: it runs in the revision that the service runs."""

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        placement = self.placement
        capacity = ", ".join(provider.name for provider in placement.capacity_providers) or "the cluster's own"
        made = self.registration is not None
        lines = [
            f"{'a copy of ' if made else ''}{self.revision}, container {self.container}: {shlex.join(self.command)}",
            f"image {self.image}{', which the service itself is not given' if made else ''}",
            f"capacity {capacity}; subnets {', '.join(placement.subnets)}; "
            f"security groups {', '.join(placement.security_groups)}",
        ]
        if self.beside:
            lines.append(f"{' and '.join(self.beside)}: started beside it, as in the service, and ended after it")
        if self.registration is not None:
            lines += self.registration.notes
        elif placement.rolling_out:
            lines.append("A rollout is under way: this is the revision before it.")
        return lines

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "service": self.service,
            "task_definition": self.revision,
            "is_copied": self.registration is not None,
            "container": self.container,
            "image": self.image,
            "command": list(self.command),
            "other_containers": list(self.beside),
            "subnets": list(self.placement.subnets),
            "security_groups": list(self.placement.security_groups),
            "capacity_providers": [provider.name for provider in self.placement.capacity_providers],
            "rolling_out": self.placement.rolling_out,
            "started_by": self.started_by,
        }

    @property
    def revision(self) -> str:
        """The task definition, or the one that is copied, as ``family:revision``."""
        source = None if self.registration is None else self.registration.source.arn
        return (source or self.placement.task_definition_arn).rpartition("/")[2]

    def hints(self, task: Task, stack: str, service: str) -> list[str]:
        """Return how to go on with a task that goes on by itself; ``service`` is the catalog's name."""
        return [
            f"Task {task.id} goes on without this command.",
            f"  follow it: {command('service logs', service)} --stack {stack} --task {task.id} --follow",
            f"  stop it:   aws ecs stop-task --region {self.region} --cluster {self.cluster} --task {task.id}",
        ]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A task whose command has come to an end."""

    task: Task
    exit_code: int
    """The command's."""


def plan_run(
    service: str,
    *,
    container: str,
    command: tuple[str, ...],
    region: str,
    cluster: str,
    tasks: EcsTasks,
    definitions: TaskDefinitions,
    sts: Sts,
    registration: Registration | None = None,
) -> RunPlan:
    """Plan a command in the revision that a service (ECS's name of it) runs, or in one that is made for it.

    Raises:
        OperatorError: when there is no such service, or its revision has no such container.
    """
    placement = tasks.placement_of(service)
    if placement is None:
        raise OperatorError(f"service: {service} is not in ECS; `pulumi up` makes it")
    definition = definitions.described(placement.task_definition_arn) if registration is None else registration.source
    images = definition.images
    if container not in images:
        raise OperatorError(f"--container: came {container}; allowed for {service}: {', '.join(sorted(images))}")
    return RunPlan(
        service=service,
        cluster=cluster,
        region=region,
        placement=placement,
        container=container,
        image=images[container] if registration is None else registration.image,
        command=command,
        beside=tuple(sorted(set(images) - {container})),
        essential=frozenset(other["name"] for other in definition.containers if other.get("essential", True))
        - {container},
        started_by=_started_by(sts.caller().arn),
        client_token=uuid.uuid4().hex,
        registration=registration,
    )


def start(plan: RunPlan, *, tasks: EcsTasks, definitions: TaskDefinitions, say: Callable[[str], None]) -> Task:
    """Start the task and return it; it is not running yet. A revision that was made for it is taken back.

    Raises:
        OperationFailedError: when no answer came, so that it may have been started.
        OperationInterruptedError: for Ctrl-C before the answer came.
    """
    if plan.registration is None:
        return _asked_for(plan, plan.placement, tasks)
    arn = definitions.register(plan.registration.document, plan.registration.source.tags)
    try:
        return _asked_for(plan, replace(plan.placement, task_definition_arn=arn), tasks)
    finally:
        # A task goes on with a revision that is inactive ("Deregistering a task definition", ECS Developer Guide).
        try:
            definitions.deregister(arn)
        except AwsError as error:
            say(f"{error}. {arn.rpartition('/')[2]} stays in the family; the next deploy copies it with its own image.")


def _asked_for(plan: RunPlan, placement: Placement, tasks: EcsTasks) -> Task:
    look = (
        "Look before running it again: "
        f"aws ecs list-tasks --region {plan.region} --cluster {plan.cluster} --started-by {plan.started_by}"
    )
    try:
        return tasks.run(
            placement,
            container=plan.container,
            command=plan.command,
            started_by=plan.started_by,
            client_token=plan.client_token,
        )
    except KeyboardInterrupt:
        raise OperationInterruptedError("Interrupted while the task was being started: it may run.", look) from None
    except AwsError as error:
        if error.reason is Reason.UNREACHABLE:
            raise OperationFailedError(str(error), look) from None
        raise


def outcome(task: Task, container: str, *, cut_short_by: str | None = None) -> Ended:
    """Return how the command of a stopped task ended.

    ``cut_short_by`` is another container that was seen to end before the command did.

    Raises:
        OperationFailedError: when the command never began, or was ended from outside and calls that a success.
    """
    found = task.container(container)
    code = found.exit_code if found is not None else None
    why = _why(task, container)
    if code is None:
        raise OperationFailedError(f"Task {task.id}: {container} never started: {why}")
    if code == 0 and cut_short_by is not None:
        raise OperationFailedError(
            f"Task {task.id}: {cut_short_by} ended first, and ECS ended {container} because of that: {why}"
        )
    # SIGTERM lets a command end with 0 in the middle of its work.
    if code == 0 and task.stop_code not in (None, "EssentialContainerExited"):
        raise OperationFailedError(f"Task {task.id} was stopped before {container} was done: {why}")
    return Ended(task=task, exit_code=code)


def lasted_seconds(task: Task) -> int | None:
    """Return how long a stopped task lasted, from its creation on; None when ECS does not know."""
    if task.created_at is None or task.stopped_at is None:
        return None
    return round((task.stopped_at - task.created_at).total_seconds())


def _why(task: Task, container: str) -> str:
    found = task.container(container)
    reasons = [task.stopped_reason, None if found is None else found.reason]
    return "; ".join(dict.fromkeys(" ".join(reason.split()) for reason in reasons if reason)) or "ECS gives no reason"


def _started_by(arn: str) -> str:
    # The last part is a user's name or, of an assumed role, the session's: an e-mail address for SSO.
    who = re.sub(r"[^A-Za-z0-9_-]", "-", arn.rpartition("/")[2])
    return f"{word()}/{who}"[:_LONGEST_STARTED_BY]
