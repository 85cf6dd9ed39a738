"""New deployments of a service, which UpdateService and the circuit breaker begin."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workbench.sandbox.ecs.simulation import events


def new_deployment(
    service: Any,
    definition_arn: str,
    *,
    at: datetime,
    reason: str | None = None,
    network: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Put a deployment in front of the service's others, and return it."""
    current = service.deployments[0]
    current["status"] = "ACTIVE"
    deployment_id = f"ecs-svc/{uuid.uuid4().int % 10**19:019}"
    deployment: dict[str, Any] = {
        **current,
        "id": deployment_id,
        "status": "PRIMARY",
        "taskDefinition": definition_arn,
        "networkConfiguration": network or current.get("networkConfiguration"),
        "createdAt": at,
        "updatedAt": at,
        "desiredCount": service.desired_count,
        "runningCount": 0,
        "pendingCount": 0,
        "failedTasks": 0,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": reason or events.IN_PROGRESS.format(id=deployment_id),
    }
    service.deployments.insert(0, deployment)
    return deployment
