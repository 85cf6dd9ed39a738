"""The scheduler's work whenever a request reads ECS or changes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from moto.backends import get_backend
from moto.core.utils import utcnow

from workbench.sandbox.ecs.simulation import one_off, services, targets, tasks
from workbench.sandbox.ecs.simulation.definitions import cluster_tasks, startable, task_definition
from workbench.sandbox.ecs.simulation.deploying import history, shifting
from workbench.sandbox.ecs.simulation.pace import Pace
from workbench.sandbox.ecs.simulation.rollout import new_deployment
from workbench.sandbox.server.state import change
from workbench.sandbox.server.table import Call

_STOPPED_TASKS_KEPT = timedelta(hours=1)
"""ECS API reference, "DescribeTasks"."""

_PACE = Pace.of_this_process()


def look(call: Call) -> None:
    """Carry out everything that is due by now in the request's region."""
    _look(get_backend("ecs")[call.account_id][call.region])


def _look(backend: Any) -> datetime:
    now = utcnow()
    for service in backend.services.values():
        if _runs_on_fargate(backend, service):
            services.settle(backend, service, now, _PACE)
    for cluster in backend.clusters.values():
        one_off.settle(backend, cluster.name, now)
        _forget(backend, cluster.name, now)
        of_cluster = [service for service in backend.services.values() if service.cluster_name == cluster.name]
        alive = [task for task in cluster_tasks(backend, cluster.name) if task.desired_status == "RUNNING"]
        running = sum(task.last_status == "RUNNING" for task in alive)
        change(
            cluster,
            active_services_count=sum(service.status == "ACTIVE" for service in of_cluster),
            running_tasks_count=running,
            pending_tasks_count=len(alive) - running,
        )
    return now


def _forget(backend: Any, cluster_name: str, now: datetime) -> None:
    for task in tasks.simulated(cluster_tasks(backend, cluster_name)):
        if tasks.course_of(task).released and tasks.course_of(task).life.stopped(now - _STOPPED_TASKS_KEPT):
            del backend.tasks[cluster_name][task.task_arn]
            tasks.forget(task)


def _runs_on_fargate(backend: Any, service: Any) -> bool:
    """Tell whether a service can have tasks here: any other needs EC2 instances of a cluster, which nobody starts."""
    definition = task_definition(backend, service.task_definition)
    compatibilities: Sequence[str] = (definition.requires_compatibilities if definition is not None else None) or ()
    return "FARGATE" in compatibilities and bool(service.network_configuration)


def begin_deployment(call: Call) -> None:
    """Put a new deployment in front when UpdateService names another task definition or asks for a new deployment."""
    backend = get_backend("ecs")[call.account_id][call.region]
    now = _look(backend)
    service = _service(backend, call, call.parameters["service"])
    definition = startable(backend, call.parameters.get("taskDefinition"))
    if service is None or not service.deployments or (definition is None and "taskDefinition" in call.parameters):
        # moto refuses the request.
        return
    current = service.deployments[0]
    arn = definition.arn if definition else current["taskDefinition"]
    if arn == current["taskDefinition"] and not call.parameters.get("forceNewDeployment"):
        return
    new_deployment(service, arn, at=now, network=call.parameters.get("networkConfiguration"))
    standing = services.standing(service)
    # From memory: a new task definition ends the throttling of a service whose tasks failed, at once.
    standing.failures, standing.starts_from = 0, None
    configuration = {**standing.configuration, **call.parameters.get("deploymentConfiguration", {})}
    _begin(service, call, now, configuration)


def configured(call: Call) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """Return a service's deployment configuration and load balancers as they will be after a request."""
    asked = call.parameters
    configuration: Mapping[str, Any] = asked.get("deploymentConfiguration", {})
    balancers: Sequence[Mapping[str, Any]] | None = asked.get("loadBalancers")
    backend = get_backend("ecs")[call.account_id][call.region]
    service = None if "serviceName" in asked else _service(backend, call, asked["service"])
    if service is None or not service.deployments:
        return configuration, balancers or ()
    return (
        {**services.standing(service).configuration, **configuration},
        service.load_balancers if balancers is None else balancers,
    )


def _begin(service: Any, call: Call, at: datetime, configuration: Mapping[str, Any]) -> None:
    previous = history.latest(service)
    record = history.begin(service, at=at, configuration=configuration, launch=_launch(service, call))
    shifting.set_out(service, record, previous)


def _launch(service: Any, call: Call) -> Mapping[str, Any]:
    strategy = call.parameters.get("capacityProviderStrategy") or services.standing(service).strategy
    how: Mapping[str, Any] = (
        {"capacityProviderStrategy": strategy} if strategy else {"launchType": service.launch_type or "FARGATE"}
    )
    return {**how, "platformVersion": service.platform_version, "platformFamily": "Linux"}


def remember_new(call: Call) -> None:
    """Keep what moto forgets of CreateService; nothing is left of a deleted service of that name."""
    service = _service(get_backend("ecs")[call.account_id][call.region], call, call.parameters["serviceName"])
    if service is not None:
        services.forget(service)
    remember(call)
    if service is not None and service.deployments:
        begun_at = service.deployments[0]["createdAt"]
        configuration = services.standing(service).configuration
        _begin(service, call, begun_at, configuration)


def remember(call: Call) -> None:
    """Keep, for the tasks to come, what moto forgets of CreateService and UpdateService."""
    backend = get_backend("ecs")[call.account_id][call.region]
    asked = call.parameters
    service = _service(backend, call, asked.get("serviceName") or asked["service"])
    if service is None or not service.deployments:
        return
    begun = history.latest(service)
    if asked.get("forceNewDeployment") and begun is not None:
        # moto numbers a forced deployment anew, and has answered with that number: whoever asked goes by it.
        begun.target.deployments[-1] = service.deployments[0]["id"]
    standing = services.standing(service)
    standing.configuration = {**standing.configuration, **asked.get("deploymentConfiguration", {})}
    if asked.get("capacityProviderStrategy"):
        standing.strategy = asked["capacityProviderStrategy"]
        # The first one, as ECS spreads a single task too.
        standing.capacity_provider = asked["capacityProviderStrategy"][0]["capacityProvider"]


def _service(backend: Any, call: Call, name: str) -> Any:
    cluster = call.parameters.get("cluster", "default").rpartition("/")[2]
    return backend.services.get(f"{cluster}:{name.rpartition('/')[2]}")


def run_task(call: Call) -> Mapping[str, Any]:
    """Answer RunTask."""
    backend = get_backend("ecs")[call.account_id][call.region]
    return one_off.run(backend, call, utcnow(), _PACE)


def stop_task(call: Call) -> Mapping[str, Any]:
    """Answer StopTask."""
    backend = get_backend("ecs")[call.account_id][call.region]
    return one_off.stop(backend, call, _look(backend))


def describe_target_health(call: Call) -> Mapping[str, Any]:
    """Answer DescribeTargetHealth."""
    backend = get_backend("ecs")[call.account_id][call.region]
    now = _look(backend)
    found = [task for cluster in backend.clusters for task in tasks.unfinished(cluster_tasks(backend, cluster))]
    return targets.describe(call, found, now)
