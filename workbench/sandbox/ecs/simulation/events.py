"""The messages that ECS writes into a service's events (ECS Developer Guide, "Amazon ECS service event messages")."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from workbench.sandbox.server.state import change

_KEPT = 100
"""ECS API reference, "Service": the last hundred are shown."""

IN_PROGRESS = "ECS deployment {id} in progress."
COMPLETED = "ECS deployment {id} completed."
FAILED = "ECS deployment circuit breaker: tasks failed to start."
ROLLING_BACK = "ECS deployment circuit breaker: rolling back to deploymentId {to}."

ALARM_DETECTED = "ECS deployment failed: alarm detected."
ROLLING_BACK_BY_ALARM = "ECS deployment alarms: rolling back to deploymentId {to}."
STOPPED = "ECS deployment stopped by request."
ROLLING_BACK_BY_REQUEST = "Request: rolling back to deploymentId {to}."
"""The reasons of alarms are after those of the circuit breaker; what ECS says of a request is not documented."""

DEPLOYMENT_COMPLETED = "(deployment {id}) deployment completed."
DEPLOYMENT_FAILED = "(deployment {id}) deployment failed: {reason}"
ROLLBACK_BEGUN = "rolling back to deployment {to}."
STEADY = "has reached a steady state."
UNABLE_TO_PLACE = "was unable to place a task. Reason: {reason}."
INCONSISTENT = (
    "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section."
)
REGISTERED = "registered 1 targets in (target-group {arn})"
DRAINING = "has begun draining connections on {count} tasks."
DEREGISTERED = "deregistered {count} targets in (target-group {arn})"
UNHEALTHY_CONTAINER = "(task {task}) failed container health checks."
UNHEALTHY_TARGET = "(port {port}) is unhealthy in (target-group {arn}) due to (reason Health checks failed)"


def add(service: Any, at: datetime, message: str) -> None:
    """Write a line about the service, the newest first."""
    event = {"id": str(uuid.uuid4()), "createdAt": at, "message": f"(service {service.name}) {message}"}
    change(service, events=[event, *service.events][:_KEPT])


def add_started(service: Any, at: datetime, task_ids: Sequence[str]) -> None:
    """Write that tasks were started."""
    add(service, at, f"has started {len(task_ids)} tasks: {_tasks(task_ids)}.")


def add_stopped(service: Any, at: datetime, task_ids: Sequence[str]) -> None:
    """Write that running tasks were asked to end."""
    add(service, at, f"has stopped {len(task_ids)} running tasks: {_tasks(task_ids)}.")


def _tasks(task_ids: Sequence[str]) -> str:
    return " ".join(f"(task {task_id})" for task_id in task_ids)
