"""The services of ``module.ecs``, with all that each has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.adoption.estate.access import MODULE, Groups
from tests.adoption.estate.balancers import Balancers
from tests.adoption.estate.cluster import Shared
from tests.adoption.estate.edge import FileSystem
from tests.adoption.estate.making import Estate, listed
from tests.adoption.estate.network import Network
from tests.adoption.estate.scaling import make_scaling
from tests.adoption.estate.state_file import Written
from tests.adoption.estate.tasks import make_task_definition
from tests.zelly_infra.facts import SERVICE, SERVICES

_BY_STRATEGY: Mapping[str, Any] = {
    "capacity_provider_strategy": [{"base": 1, "capacity_provider": "FARGATE", "weight": 1}],
    "launch_type": "",
}
_PRIVATE: Mapping[str, Any] = {"assign_public_ip": False}
_DEPLOYMENT: Mapping[str, Any] = {
    "deployment_circuit_breaker": [{"enable": True, "rollback": True}],
    "deployment_maximum_percent": 200,
    "deployment_minimum_healthy_percent": 100,
}
_BY_LAUNCH_TYPE: Mapping[str, Any] = {"launch_type": "FARGATE"}


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a service stands in."""

    network: Network
    groups: Groups
    balancers: Balancers
    files: FileSystem
    shared: Shared


def make_services(estate: Estate, surroundings: Surroundings) -> None:
    """Make the six services."""
    shared, files = surroundings.shared, surroundings.files
    for position, service in enumerate(SERVICES):
        key = estate.key(position, service, mixed=str)
        definition = make_task_definition(estate, service, shared=shared, files=files, key=key)
        made = _service(estate, service, surroundings, definition=definition, key=key)
        make_scaling(estate, service, cluster=shared.cluster, of=made, key=key)


def _service(
    estate: Estate, service: str, surroundings: Surroundings, *, definition: Written, key: str | int
) -> Written:
    network, shared, balancers = surroundings.network, surroundings.shared, surroundings.balancers
    facts = SERVICES[service]
    name = SERVICE.format(environment=estate.options.stack, service=service)
    group = surroundings.groups.services[service]
    balancer, ports = facts.ingress or ("", ())
    container = "caddy" if service == "storefront" else service
    targets = [(port, balancers.targets[service, port]) for port in ports]
    grace = 60 if targets else 0
    asked = {
        "cluster": shared.cluster["name"],
        "serviceName": name,
        "taskDefinition": definition["arn"],
        "desiredCount": facts.minimum_tasks,
        "loadBalancers": [
            {"targetGroupArn": target["arn"], "containerName": container, "containerPort": port}
            for port, target in targets
        ],
        **({"healthCheckGracePeriodSeconds": grace} if targets else {}),
    }
    made = _create(estate, network, group, asked)
    return estate.add(
        MODULE,
        "aws_ecs_service.this",
        {
            "id": made["serviceArn"],
            "cluster": shared.cluster["id"],
            **_DEPLOYMENT,
            "desired_count": facts.minimum_tasks,
            "enable_execute_command": True,
            "health_check_grace_period_seconds": grace,
            **(_BY_LAUNCH_TYPE if estate.options.launch_type else _BY_STRATEGY),
            "load_balancer": _load_balancers(container, targets),
            "name": name,
            "network_configuration": [{**_PRIVATE, "security_groups": [group["id"]], "subnets": network.private_ids}],
            "task_definition": definition["arn"],
            **estate.tags(),
        },
        key=key,
        after=[
            shared.cluster,
            definition,
            group,
            *network.private,
            *(target for _, target in targets),
            *(listener for (name, _), listener in balancers.listeners.items() if name == balancer),
        ],
    )


def _create(estate: Estate, network: Network, group: Written, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    strategy = {"capacityProviderStrategy": [{"base": 1, "capacityProvider": "FARGATE", "weight": 1}]}
    where = {"subnets": network.private_ids, "securityGroups": [group["id"]], "assignPublicIp": "DISABLED"}
    return estate.client("ecs").create_service(
        **asked,
        **({"launchType": "FARGATE"} if estate.options.launch_type else strategy),
        platformVersion="LATEST",
        networkConfiguration={"awsvpcConfiguration": where},
        deploymentConfiguration={
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
        enableExecuteCommand=True,
        tags=listed(estate.tags()["tags_all"], key="key", value="value"),
    )["service"]


def _load_balancers(container: str, targets: Sequence[tuple[int, Written]]) -> list[dict[str, Any]]:
    return [
        {"container_name": container, "container_port": port, "elb_name": "", "target_group_arn": target["arn"]}
        for port, target in targets
    ]
