"""The readings of what ECS makes."""

import json
from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _cluster(existing: Existing) -> str:
    """Return the service's cluster as it was named before, by its ARN or its name."""
    arn: str = existing.result["clusterArn"]
    given: str | None = existing.outputs.get("cluster") if "arn" in existing.outputs else None
    return given if given is not None and arn.endswith(f"/{given}") else arn


def _network(existing: Existing) -> dict[str, Any] | None:
    found: Mapping[str, Any] | None = existing.result.get("networkConfiguration", {}).get("awsvpcConfiguration")
    return None if found is None else {**found, "assignPublicIp": found.get("assignPublicIp") == "ENABLED"}


def _task_definition(existing: Existing) -> Any:
    found: Mapping[str, Any] = existing.result["taskDefinition"]
    return None if found["status"] == "INACTIVE" else {**found, "tags": existing.result.get("tags", [])}


def _containers(existing: Existing) -> str:
    return json.dumps(existing.result["containerDefinitions"])


READS: Mapping[str, Read] = {
    "aws:ecs/cluster:Cluster": Read(
        operation="describe_clusters",
        parameters={"clusters": "id"},
        constants={"include": ["CONFIGURATIONS", "SETTINGS", "TAGS"]},
        result="clusters[?status != 'INACTIVE'] | [0]",
        id="clusterArn",
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Read(
        operation="describe_clusters",
        parameters={"clusters": "id"},
        result="clusters[?status != 'INACTIVE'] | [0]",
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Read(
        operation="describe_task_definition",
        parameters={"taskDefinition": "arn"},
        constants={"include": ["TAGS"]},
        result=_task_definition,
        id="family",
        unchanging=True,
        named={"containerDefinitions": _containers},
    ),
    "aws:ecs/service:Service": Read(
        operation="describe_services",
        parameters={"services": "name", "cluster": "cluster"},
        constants={"include": ["TAGS"]},
        result="services[?status != 'INACTIVE'] | [0]",
        id="serviceArn",
        named={"cluster": _cluster, "networkConfiguration": _network},
        unread=("iamRole", "deploymentController"),
        defaults={"schedulingStrategy": "REPLICA", "propagateTags": "NONE"},
    ),
}
