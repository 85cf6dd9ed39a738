"""Looking up what moto keeps of ECS."""

from collections.abc import Mapping
from typing import Any


def task_definition(backend: Any, name: str | None) -> Any:
    """Return moto's task definition of an ARN, of ``family:revision``, or the newest of a family; None without one."""
    family, _, revision = (name or "").rpartition("/")[2].partition(":")
    revisions: Mapping[int, Any] = backend.task_definitions.get(family, {})
    return revisions.get(int(revision) if revision.isdigit() else max(revisions, default=0))


def cluster_tasks(backend: Any, cluster_name: str) -> list[Any]:
    """Return moto's tasks of a cluster, the stopped ones too."""
    return list(backend.tasks.get(cluster_name, {}).values())


def tasks_of(backend: Any, service: Any) -> list[Any]:
    """Return moto's tasks of a service, the stopped ones too."""
    return [task for task in cluster_tasks(backend, service.cluster_name) if task.group == f"service:{service.name}"]
