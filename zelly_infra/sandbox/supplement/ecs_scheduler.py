"""ECS's scheduler, which moto does not have: it gives every service the tasks that it asks for.

It runs when somebody looks, just before moto answers. Whatever it starts runs at once and for good, each task with an
address of its own in the service's subnets, registered with the service's target groups.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from moto.backends import get_backend
from moto.core.utils import utcnow
from moto.ecs.models import Container, Task

from zelly_infra.sandbox.supplement.table import Call


def schedule(call: Call) -> None:
    """Start and stop the tasks of every service in the request's region."""
    backend = get_backend("ecs")[call.account_id][call.region]
    for service in backend.services.values():
        if _runs_on_fargate(backend, service):
            _settle(backend, service)
    for cluster in backend.clusters.values():
        services = [service for service in backend.services.values() if service.cluster_name == cluster.name]
        cluster.active_services_count = sum(service.status == "ACTIVE" for service in services)
        cluster.running_tasks_count = len(_running(_tasks(backend, cluster.name)))
        cluster.pending_tasks_count = 0


def begin_deployment(call: Call) -> None:
    """Put a new deployment in front when UpdateService names another task definition or asks for a new deployment."""
    backend = get_backend("ecs")[call.account_id][call.region]
    cluster = call.parameters.get("cluster", "default").rpartition("/")[2]
    name = call.parameters["service"].rpartition("/")[2]
    service = backend.services.get(f"{cluster}:{name}")
    definition = task_definition(backend, call.parameters.get("taskDefinition"))
    if service is None or not service.deployments or (definition is None and "taskDefinition" in call.parameters):
        # moto refuses the request.
        return
    current = service.deployments[0]
    arn = definition.arn if definition else current["taskDefinition"]
    if arn == current["taskDefinition"] and not call.parameters.get("forceNewDeployment"):
        return
    current["status"] = "ACTIVE"
    now = utcnow()
    deployment = {
        **current,
        "id": f"ecs-svc/{uuid.uuid4().int % 10**19:019}",
        "status": "PRIMARY",
        "taskDefinition": arn,
        "networkConfiguration": call.parameters.get("networkConfiguration", current.get("networkConfiguration")),
        "createdAt": now,
        "updatedAt": now,
        "runningCount": 0,
        "pendingCount": service.desired_count,
        "rolloutState": "IN_PROGRESS",
    }
    deployment["rolloutStateReason"] = f"ECS deployment {deployment['id']} in progress."
    service.deployments.insert(0, deployment)


def task_definition(backend: Any, name: str | None) -> Any:
    """Return moto's task definition of an ARN, of ``family:revision``, or the newest of a family; None without one."""
    family, _, revision = (name or "").rpartition("/")[2].partition(":")
    revisions: Mapping[int, Any] = backend.task_definitions.get(family, {})
    return revisions.get(int(revision) if revision.isdigit() else max(revisions, default=0))


def tasks_of(backend: Any, service: Any) -> list[Any]:
    """Return moto's tasks of a service, the stopped ones too."""
    return [task for task in _tasks(backend, service.cluster_name) if task.group == f"service:{service.name}"]


def _runs_on_fargate(backend: Any, service: Any) -> bool:
    """Tell whether a service can have tasks here: any other needs EC2 instances of a cluster, which nobody starts."""
    definition = task_definition(backend, service.task_definition)
    compatibilities: Sequence[str] = (definition.requires_compatibilities if definition is not None else None) or ()
    return "FARGATE" in compatibilities and bool(service.network_configuration)


def _settle(backend: Any, service: Any) -> None:
    """Bring one service to its desired count, all of it from its newest deployment."""
    tasks = tasks_of(backend, service)
    if service.status != "ACTIVE" or not service.deployments:
        _stop(_running(tasks), reason="Service was deleted")
        _release(service, tasks)
        return
    deployment = service.deployments[0]
    current = [task for task in _running(tasks) if task.started_by == deployment["id"]]
    _stop(
        [task for task in _running(tasks) if task not in current] + current[service.desired_count :],
        reason=f"Scaling activity initiated by (deployment {deployment['id']})",
    )
    missing = range(len(current), service.desired_count)
    started = [_start(backend, service, deployment, number) for number in missing]
    _release(service, tasks)
    _register(service, started)
    _complete(service, deployment)


def _start(backend: Any, service: Any, deployment: Mapping[str, Any], number: int) -> Any:
    definition = task_definition(backend, deployment["taskDefinition"])
    task: Any = Task(
        cluster=backend.clusters[service.cluster_name],
        # Without a network mode: for awsvpc moto would make an interface with an address outside the subnet.
        task_definition=_stand_in(definition.arn, definition.container_definitions),
        container_instance_arn=None,
        resource_requirements=None,
        backend=backend,
        group=f"service:{service.name}",
        launch_type="FARGATE",
        started_by=deployment["id"],
        tags=service.tags if service.propagate_tags == "SERVICE" else [],
        platform_version=service.platform_version,
    )
    # moto moves a task on towards its end each time that it is described.
    task.advance = lambda: None
    # moto makes a container of the first definition alone.
    task.containers = [_container(task, container) for container in definition.container_definitions]
    task.cpu, task.memory = definition.cpu, definition.memory
    task.created_at = task.started_at = utcnow()
    task.health_status = "HEALTHY"
    network = service.network_configuration["awsvpcConfiguration"]
    subnets = network["subnets"]
    _attach(task, subnets[number % len(subnets)], network.get("securityGroups", []))
    backend.tasks.setdefault(service.cluster_name, {})[task.task_arn] = task
    return task


def _stand_in(arn: str, container_definitions: Sequence[Mapping[str, Any]]) -> Any:
    """Return what moto's tasks and containers read of a task definition."""
    return SimpleNamespace(arn=arn, network_mode=None, container_definitions=container_definitions)


def _container(task: Any, definition: Mapping[str, Any]) -> Any:
    container: Any = Container(_stand_in(task.task_definition_arn, [definition]))
    container.task_arn = task.task_arn
    container.last_status = "RUNNING"
    container.exitCode = None
    return container


def _attach(task: Any, subnet_id: str, group_ids: Sequence[str]) -> None:
    ec2 = _ec2(task)
    address = ec2.get_subnet(subnet_id).get_available_subnet_ip(task)
    interface = ec2.create_network_interface(
        subnet=subnet_id, private_ip_address=address, group_ids=list(group_ids), description=task.task_arn
    )
    interface.status = "in-use"
    details = {
        "subnetId": subnet_id,
        "networkInterfaceId": interface.id,
        "macAddress": interface.mac_address,
        "privateIPv4Address": address,
    }
    task.attachments = [
        {
            "id": str(uuid.uuid4()),
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }
    ]


def _ec2(task: Any) -> Any:
    return get_backend("ec2")[task._account_id][task.region_name]


def _stop(tasks: Iterable[Any], *, reason: str) -> None:
    for task in tasks:
        task.last_status = "STOPPED"
        task.desired_status = "STOPPED"
        task.stopped_reason = reason
        task.stop_code = "ServiceSchedulerInitiated"
        task.stopped_at = utcnow()


def _release(service: Any, tasks: Iterable[Any]) -> None:
    """Take the stopped tasks off the target groups and give up their network interfaces."""
    for task in tasks:
        if task.desired_status != "STOPPED" or task.attachments[0]["status"] != "ATTACHED":
            continue
        ec2 = _ec2(task)
        address = _detail(task, "privateIPv4Address")
        for group, _ in _target_groups(service):
            if address in group.targets:
                group.deregister([{"Id": address}])
        ec2.get_subnet(_detail(task, "subnetId")).del_subnet_ip(address)
        ec2.delete_network_interface(_detail(task, "networkInterfaceId"))
        task.attachments[0]["status"] = "DELETED"
        for container in task.containers:
            container.last_status = "STOPPED"


def _register(service: Any, tasks: Iterable[Any]) -> None:
    for task in tasks:
        for group, port in _target_groups(service):
            group.register([{"Id": _detail(task, "privateIPv4Address"), "Port": port}])


def _target_groups(service: Any) -> list[tuple[Any, int]]:
    """Return the target groups that are there, with the port of the container behind each."""
    known = get_backend("elbv2")[service._account_id][service.region_name].target_groups
    return [
        (known[balancer["targetGroupArn"]], balancer["containerPort"])
        for balancer in service.load_balancers
        if balancer.get("targetGroupArn") in known
    ]


def _complete(service: Any, deployment: dict[str, Any]) -> None:
    count = service.desired_count
    service.deployments = [deployment]
    service.task_definition = deployment["taskDefinition"]
    service.running_count = count
    service.pending_count = 0
    deployment |= {"desiredCount": count, "runningCount": count, "pendingCount": 0}
    if deployment["rolloutState"] != "COMPLETED":
        deployment |= {
            "rolloutState": "COMPLETED",
            "rolloutStateReason": f"ECS deployment {deployment['id']} completed.",
            "updatedAt": utcnow(),
        }
        message = f"(service {service.name}) (deployment {deployment['id']}) deployment completed."
        service.events.insert(0, {"id": str(uuid.uuid4()), "createdAt": utcnow(), "message": message})


def _tasks(backend: Any, cluster_name: str) -> list[Any]:
    return list(backend.tasks.get(cluster_name, {}).values())


def _running(tasks: Iterable[Any]) -> list[Any]:
    return [task for task in tasks if task.desired_status == "RUNNING"]


def _detail(task: Any, name: str) -> str:
    return next(detail["value"] for detail in task.attachments[0]["details"] if detail["name"] == name)
