"""The services of ``module.ecs``, with all that each has."""

from dataclasses import dataclass

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
    by_launch_type = estate.options.launch_type
    grace = 60 if targets else 0
    made = estate.client("ecs").create_service(
        cluster=shared.cluster["name"],
        serviceName=name,
        taskDefinition=definition["arn"],
        desiredCount=facts.minimum_tasks,
        platformVersion="LATEST",
        **(
            {"launchType": "FARGATE"}
            if by_launch_type
            else {"capacityProviderStrategy": [{"base": 1, "capacityProvider": "FARGATE", "weight": 1}]}
        ),
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": network.private_ids,
                "securityGroups": [group["id"]],
                "assignPublicIp": "DISABLED",
            }
        },
        loadBalancers=[
            {"targetGroupArn": target["arn"], "containerName": container, "containerPort": port}
            for port, target in targets
        ],
        **({"healthCheckGracePeriodSeconds": grace} if targets else {}),
        deploymentConfiguration={
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
        enableExecuteCommand=True,
        tags=listed(estate.tags()["tags_all"], key="key", value="value"),
    )["service"]
    return estate.add(
        MODULE,
        "aws_ecs_service.this",
        {
            "id": made["serviceArn"],
            "alarms": [],
            "availability_zone_rebalancing": "DISABLED",
            "capacity_provider_strategy": []
            if by_launch_type
            else [{"base": 1, "capacity_provider": "FARGATE", "weight": 1}],
            "cluster": shared.cluster["id"],
            "deployment_circuit_breaker": [{"enable": True, "rollback": True}],
            "deployment_controller": [{"type": "ECS"}],
            "deployment_maximum_percent": 200,
            "deployment_minimum_healthy_percent": 100,
            "desired_count": facts.minimum_tasks,
            "enable_ecs_managed_tags": False,
            "enable_execute_command": True,
            "health_check_grace_period_seconds": grace,
            "iam_role": "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            "launch_type": "FARGATE" if by_launch_type else "",
            "load_balancer": [
                {
                    "container_name": container,
                    "container_port": port,
                    "elb_name": "",
                    "target_group_arn": target["arn"],
                }
                for port, target in targets
            ],
            "name": name,
            "network_configuration": [
                {"assign_public_ip": False, "security_groups": [group["id"]], "subnets": network.private_ids}
            ],
            "platform_version": "LATEST",
            "propagate_tags": "NONE",
            "scheduling_strategy": "REPLICA",
            "task_definition": definition["arn"],
            "triggers": {},
            "wait_for_steady_state": False,
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
