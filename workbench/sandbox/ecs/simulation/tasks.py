"""moto's tasks: made with a network interface each, and kept at what their lives say."""

import shlex
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from moto.backends import get_backend
from moto.ecs.models import Container, Task

from workbench.sandbox.ecs.simulation.life import (
    ContainerPlan,
    Life,
    Refusal,
    container_health,
    container_status,
    exit_code,
    plan_life,
)
from workbench.sandbox.ecs.simulation.pace import Pace
from workbench.sandbox.ecs.simulation.pulling import Pulled, missing_secret, pull
from workbench.sandbox.server.state import change, kept


@dataclass(kw_only=True)
class Course:
    """A task's life and how much of it has been acted upon."""

    life: Life
    log_lines: Mapping[str, Sequence[str]]
    """By container: what it writes when it starts."""
    counted: bool = False
    welcomed: bool = False
    registered: bool = False
    released: bool = False
    logged: set[str] = field(default_factory=set[str])
    """The containers whose lines have been written."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """The settings that a task is started with."""

    cluster: Any
    definition: Any
    group: str
    started_by: str
    network: Mapping[str, Any]
    """The awsvpc configuration."""
    number: int = 0
    """Its number: the subnets are taken one after the other."""
    tags: Sequence[Mapping[str, str]] = ()
    launch_type: str = "FARGATE"
    capacity_provider: str | None = None
    platform_version: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict[str, Any])
    target_groups: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By container: the ARNs of its target groups."""
    supervised: bool = True

    def placed(self, number: int) -> "Order":
        """Return the same for the subnet of another number."""
        return replace(self, number=number)


class _Task(Task):
    """A task of moto's with the members of the API's that moto does not know. It stays at what its course says."""

    cpu: str | None = None
    memory: str | None = None
    created_at: datetime | None = None
    health_status: str = "UNKNOWN"
    pull_started_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str | None = None

    def advance(self) -> None:
        """Do nothing: moto moves a task on towards its end each time that it is described."""


class _Container(Container):
    """A container of moto's with the members of the API's that moto does not know."""

    image_digest: str | None = None
    reason: str | None = None


def start(backend: Any, order: Order, at: datetime, pace: Pace) -> Any:
    """Make a task and return it; whether it gets to run, its course tells."""
    definition = order.definition
    containers = definition.container_definitions
    task: Any = _Task(
        cluster=order.cluster,
        # Without a network mode: for awsvpc moto would make an interface with an address outside the subnet.
        task_definition=_stand_in(definition.arn, containers),
        container_instance_arn=None,
        resource_requirements=None,
        backend=backend,
        group=order.group,
        launch_type=order.launch_type,
        overrides=dict(order.overrides),
        started_by=order.started_by,
        tags=[dict(tag) for tag in order.tags],
        platform_version=order.platform_version,
        capacity_provider_name=order.capacity_provider,
    )
    change(
        task,
        # moto makes a container of the first definition alone.
        containers=[_container(task, container) for container in containers],
        cpu=definition.cpu,
        memory=definition.memory,
        created_at=at,
    )
    subnets = order.network["subnets"]
    _attach(task, subnets[order.number % len(subnets)], order.network.get("securityGroups", []))
    _courses(task)[task.task_arn] = _course(task, order, at, pace)
    show(task, at)
    backend.tasks.setdefault(order.cluster.name, {})[task.task_arn] = task
    return task


def _course(task: Any, order: Order, at: datetime, pace: Pace) -> Course:
    account_id = task._account_id
    definitions = order.definition.container_definitions
    platform: Mapping[str, str] = order.definition.runtime_platform or {}
    refusal = missing_secret(definitions, account_id=account_id, region=task.region_name)
    pulled = {
        each["name"]: pull(
            each.get("image", ""), account_id=account_id, architecture=platform.get("cpuArchitecture", "X86_64")
        )
        for each in definitions
    }
    for container in task.containers:
        change(container, image_digest=pulled[container.name].digest)
    if refusal is None:
        refusal = next(
            (Refusal(reason=each.refusal, container=name) for name, each in pulled.items() if each.refusal), None
        )
    plans = [_plan(each, pulled[each["name"]], order) for each in definitions]
    life = plan_life(plans, created_at=at, pace=pace, refusal=refusal, supervised=order.supervised)
    return Course(life=life, log_lines={plan.name: _log_lines(plan) for plan in plans})


def _plan(definition: Mapping[str, Any], pulled: Pulled, order: Order) -> ContainerPlan:
    name = definition["name"]
    commands = {
        override["name"]: tuple(override["command"])
        for override in order.overrides.get("containerOverrides", [])
        if override.get("command")
    }
    return ContainerPlan(
        name=name,
        behaviour=pulled.behaviour,
        essential=definition.get("essential", True),
        health_checked=bool(definition.get("healthCheck")),
        target_groups=tuple(order.target_groups.get(name, ())),
        depends_on=tuple((each["containerName"], each["condition"]) for each in definition.get("dependsOn") or ()),
        command=commands.get(name),
    )


def _log_lines(plan: ContainerPlan) -> Sequence[str]:
    if plan.command is None:
        return plan.behaviour.log
    return (f"sandbox: no container runs here; not really run: {shlex.join(plan.command)}", *plan.behaviour.run_log)


def course_of(task: Any) -> Course:
    """Return the course of a task that was started here."""
    return _courses(task)[task.task_arn]


def forget(task: Any) -> None:
    """Drop the course of a task that is listed no more."""
    del _courses(task)[task.task_arn]


def _courses(task: Any) -> dict[str, Course]:
    return kept(task._account_id, task.region_name, "ecs", "courses")


def show(task: Any, at: datetime) -> None:
    """Bring moto's task to the present state of its life."""
    life: Life = course_of(task).life
    stopping = not life.alive(at)
    change(
        task,
        last_status=life.status(at),
        desired_status="STOPPED" if stopping else "RUNNING",
        health_status=life.health(at),
        pull_started_at=_past(life.pending_at, at),
        started_at=_past(life.running_at, life.end.at if life.end and stopping else at),
    )
    if life.end is not None and stopping:
        change(
            task,
            stopping_at=life.end.at,
            execution_stopped_at=life.end.at,
            stopped_at=_past(life.stopped_at, at),
            stop_code=life.end.code,
            stopped_reason=life.end.reason,
        )
    for container in task.containers:
        _show_container(container, life, at)


def _show_container(container: Any, life: Life, at: datetime) -> None:
    own = life.containers[container.name]
    change(
        container,
        last_status=container_status(own, life, at),
        health_status=container_health(own, at),
        exitCode=exit_code(own, life, at),
    )
    end = life.end
    if end is not None and end.code == "TaskFailedToStart" and end.at <= at and container.name == end.container:
        change(container, reason=end.reason)


def _past(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None


def release(task: Any) -> None:
    """Give up the network interface of a task that is gone."""
    if course_of(task).released:
        return
    course_of(task).released = True
    ec2 = _ec2(task)
    ec2.get_subnet(detail(task, "subnetId")).del_subnet_ip(address(task))
    ec2.delete_network_interface(detail(task, "networkInterfaceId"))
    task.attachments[0]["status"] = "DELETED"


def simulated(tasks: Iterable[Any]) -> list[Any]:
    """Return the tasks that were started here; moto's own have no course."""
    return [task for task in tasks if task.task_arn in _courses(task)]


def unfinished(tasks: Iterable[Any]) -> list[Any]:
    """Return those of the tasks that were started here of which something is left."""
    return [task for task in simulated(tasks) if not course_of(task).released]


def address(task: Any) -> str:
    """Return a task's private IP address."""
    return detail(task, "privateIPv4Address")


def detail(task: Any, name: str) -> str:
    """Return a detail of a task's network interface."""
    return next(detail["value"] for detail in task.attachments[0]["details"] if detail["name"] == name)


def _stand_in(arn: str, container_definitions: Sequence[Mapping[str, Any]]) -> Any:
    """Return what moto's tasks and containers read of a task definition."""
    return SimpleNamespace(arn=arn, network_mode=None, container_definitions=container_definitions)


def _container(task: Any, definition: Mapping[str, Any]) -> Any:
    container: Any = _Container(_stand_in(task.task_definition_arn, [definition]))
    change(container, task_arn=task.task_arn)
    return container


def _attach(task: Any, subnet_id: str, group_ids: Sequence[str]) -> None:
    ec2 = _ec2(task)
    free = ec2.get_subnet(subnet_id).get_available_subnet_ip(task)
    interface = ec2.create_network_interface(
        subnet=subnet_id, private_ip_address=free, group_ids=list(group_ids), description=task.task_arn
    )
    change(interface, status="in-use")
    details = {
        "subnetId": subnet_id,
        "networkInterfaceId": interface.id,
        "macAddress": interface.mac_address,
        "privateIPv4Address": free,
    }
    attachment = {
        "id": str(uuid.uuid4()),
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED",
        "details": [{"name": name, "value": value} for name, value in details.items()],
    }
    change(task, attachments=[attachment])


def _ec2(task: Any) -> Any:
    return get_backend("ec2")[task._account_id][task.region_name]
