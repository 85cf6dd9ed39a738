"""Look-ups in moto's records of ECS."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.server.table import RefusalError


def task_definition(backend: Any, name: str | None) -> Any:
    """Return moto's task definition of an ARN, of ``family:revision``, or the newest active one of a family, else None.

    moto takes the newest of a family although it was deregistered.
    """
    family, _, revision = (name or "").rpartition("/")[2].partition(":")
    revisions: Mapping[int, Any] = backend.task_definitions.get(family, {})
    if revision.isdigit():
        return revisions.get(int(revision))
    return revisions.get(max((number for number, known in revisions.items() if known.status == "ACTIVE"), default=0))


def startable(backend: Any, name: str | None) -> Any:
    """Return the same for tasks that are to be started, None without one.

    Raises:
        RefusalError: for one that was deregistered.
    """
    definition = task_definition(backend, name)
    if definition is not None and definition.status != "ACTIVE":
        raise RefusalError("ClientException", "TaskDefinition is inactive")
    return definition


def cluster_tasks(backend: Any, cluster_name: str) -> list[Any]:
    """Return moto's tasks of a cluster, the stopped ones too."""
    return list(backend.tasks.get(cluster_name, {}).values())


def tasks_of(backend: Any, service: Any) -> list[Any]:
    """Return moto's tasks of a service, the stopped ones too."""
    return [task for task in cluster_tasks(backend, service.cluster_name) if task.group == f"service:{service.name}"]
