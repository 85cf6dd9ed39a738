"""The target groups of a service: registered tasks and their health."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from moto.backends import get_backend
from moto.core.exceptions import ServiceException

from workbench.sandbox.ecs.simulation.deploying.history import revision_of
from workbench.sandbox.ecs.simulation.tasks import address, course_of
from workbench.sandbox.server.table import Call, RefusalError

_STATES: Mapping[str, Mapping[str, str]] = {
    "healthy": {"State": "healthy"},
    "initial": {
        "State": "initial",
        "Reason": "Elb.RegistrationInProgress",
        "Description": "Target registration is in progress",
    },
    "unhealthy": {
        "State": "unhealthy",
        "Reason": "Target.FailedHealthChecks",
        "Description": "Health checks failed",
    },
    "draining": {
        "State": "draining",
        "Reason": "Target.DeregistrationInProgress",
        "Description": "Target deregistration is in progress",
    },
}
"""Elastic Load Balancing API reference, "TargetHealth"."""


def target_groups(service: Any, deployment_id: str) -> list[tuple[Any, str, int]]:
    """Return the target groups of a deployment's tasks that are there, each with its container and that one's port."""
    known = get_backend("elbv2")[service._account_id][service.region_name].target_groups
    revision = revision_of(service, deployment_id)
    alternate = revision is not None and revision.alternate
    found = [
        (
            balancer["advancedConfiguration"]["alternateTargetGroupArn"]
            if alternate and "advancedConfiguration" in balancer
            else balancer.get("targetGroupArn"),
            balancer,
        )
        for balancer in service.load_balancers
    ]
    return [
        (known[arn], balancer["containerName"], balancer["containerPort"]) for arn, balancer in found if arn in known
    ]


def arns_by_container(service: Any, deployment_id: str) -> Mapping[str, Sequence[str]]:
    """Return the ARNs of the target groups that each container is registered with."""
    arns: dict[str, list[str]] = {}
    for group, container, _ in target_groups(service, deployment_id):
        arns.setdefault(container, []).append(group.arn)
    return arns


def register(service: Any, task: Any) -> list[str]:
    """Register a task that runs, and return the ARNs of the groups."""
    groups = target_groups(service, task.started_by)
    for group, _, port in groups:
        group.register([{"Id": address(task), "Port": port}])
    return [group.arn for group, _, _ in groups]


def deregister(service: Any, task: Any) -> None:
    """Take a task that is gone off its groups."""
    for group, _, _ in target_groups(service, task.started_by):
        if address(task) in group.targets:
            group.deregister([{"Id": address(task)}])


def describe(call: Call, tasks: Sequence[Any], at: datetime) -> Mapping[str, Any]:
    """Answer DescribeTargetHealth as moto does, but for the tasks, those that are not gone, with how they are."""
    backend: Any = get_backend("elbv2")[call.account_id][call.region]
    try:
        found = backend.describe_target_health(call.parameters["TargetGroupArn"], call.parameters.get("Targets", []))
    except ServiceException as error:
        raise RefusalError(error.code, error.message) from error
    by_address = {address(task): task for task in tasks}
    return {
        "TargetHealthDescriptions": [
            {
                "Target": each.target,
                "HealthCheckPort": str(each.health_check_port or each.port),
                "TargetHealth": _health(by_address[each.instance_id], at)
                if each.instance_id in by_address
                else {key: value for key, value in each.target_health.items() if value is not None},
            }
            for each in found
        ]
    }


def _health(task: Any, at: datetime) -> Mapping[str, str]:
    life = course_of(task).life
    if not life.alive(at):
        failed = life.end is not None and life.end.reason.startswith("Task failed ELB health checks")
        return _STATES["unhealthy" if failed else "draining"]
    return _STATES["healthy" if life.ready(at) else "initial"]
