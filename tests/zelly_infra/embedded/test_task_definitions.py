"""Every task definition of both environments, by the rules of ECS and Fargate, and beside what else was made."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.zelly_infra.embedded.environment import Environment
from tests.zelly_infra.embedded.task_rules import refusals, seconds_until_healthy, waits_for

TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"


def task_definitions(environment: Environment) -> dict[str, dict[str, Any]]:
    """Return the task definitions that were registered, by the service's name."""
    prefix = f"zelly-{environment.stack}-"
    return {
        resource.inputs["family"].removeprefix(prefix): {
            **resource.inputs,
            "containerDefinitions": json.loads(resource.inputs["containerDefinitions"]),
        }
        for resource in environment.evaluation.of_type(TASK_DEFINITION)
    }


def services(environment: Environment) -> dict[str, dict[str, Any]]:
    """Return the services that were registered, by name."""
    return {
        environment.short(resource.inputs["name"]): resource.inputs
        for resource in environment.evaluation.of_type("aws:ecs/service:Service")
    }


def containers_of(environment: Environment) -> list[dict[str, Any]]:
    return [each for task in task_definitions(environment).values() for each in task["containerDefinitions"]]


def test_nothing_of_a_task_definition_is_refused(environment: Environment) -> None:
    found = {service: refusals(task) for service, task in task_definitions(environment).items()}
    assert {service: each for service, each in found.items() if each} == {}
    assert found.keys() == services(environment).keys()


def test_caddy_alone_waits_and_it_waits_until_astro_is_healthy(environment: Environment) -> None:
    waiting = {
        container["name"]: container["dependsOn"] for container in containers_of(environment) if waits_for(container)
    }
    assert waiting == {"caddy": [{"containerName": "astro", "condition": "HEALTHY"}]}


def test_load_balancer_lets_a_task_start_before_it_counts_failures(environment: Environment) -> None:
    tasks = task_definitions(environment)
    short = {
        name: (service["healthCheckGracePeriodSeconds"], seconds_until_healthy(tasks[name]))
        for name, service in services(environment).items()
        if service.get("loadBalancers")
        and service["healthCheckGracePeriodSeconds"] < seconds_until_healthy(tasks[name])
    }
    assert short == {}


def test_services_run_on_a_platform_that_knows_kernel_parameters(environment: Environment) -> None:
    # Fargate takes systemControls from 1.4.0 on (ECS API, "SystemControl"), which LATEST, the default, also means.
    versions = {name: service.get("platformVersion", "LATEST") for name, service in services(environment).items()}
    assert versions == dict.fromkeys(versions, "LATEST")


def test_every_container_writes_into_a_log_group_of_its_environment(environment: Environment) -> None:
    groups = {group["logGroupName"] for group in environment.listed("logs", "describe_log_groups", "logGroups")}
    options = [container["logConfiguration"]["options"] for container in containers_of(environment)]
    assert {each["awslogs-group"] for each in options} - groups == set()
    assert {each["awslogs-region"] for each in options} == {environment.region}


def test_every_secret_that_a_container_reads_has_the_key(environment: Environment) -> None:
    # ECS finds out only when a task starts, and says it badly.
    missing = [
        (container["name"], secret["name"])
        for container in containers_of(environment)
        for secret in container["secrets"]
        for arn, key, _, _ in [secret["valueFrom"].rsplit(":", 3)]
        if key not in environment.secret_values(environment.secret_names[arn])
    ]
    assert missing == []


# The rules themselves.

ASTRO, CADDY = 0, 1
Change = Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], object]
"""What is done to the storefront's task, to its Astro and to its Caddy."""

BROKEN: list[tuple[str, Change, list[str]]] = [
    (
        "memory between two sizes",
        lambda task, _, __: task.update(memory="2500"),
        ["Fargate has no task of 1024 CPU units and 2500 MiB"],
    ),
    (
        "an odd number of CPU units",
        lambda task, _, __: task.update(cpu="1000"),
        ["Fargate has no task of 1000 CPU units and 2048 MiB"],
    ),
    (
        "a step that the smallest size does not have",
        lambda task, _, __: task.update(cpu="256", memory="1536"),
        ["Fargate has no task of 256 CPU units and 1536 MiB"],
    ),
    (
        "a bridge",
        lambda task, _, __: task.update(networkMode="bridge"),
        ["not a Fargate task in a network of its own"],
    ),
    (
        "no execution role",
        lambda task, _, __: task.update(executionRoleArn=None),
        ["nobody may pull its images and write its logs"],
    ),
    (
        "little ephemeral storage",
        lambda task, _, __: task.update(ephemeralStorage={"sizeInGiB": 20}),
        ["ephemeral storage is 21 to 200 GiB"],
    ),
    (
        "much CPU for a container",
        lambda _, astro, caddy: (astro.update(cpu=1000), caddy.update(cpu=100)),
        ["the containers reserve more CPU than the task has"],
    ),
    (
        "much memory for a container",
        lambda _, astro, caddy: (astro.update(memory=2000), caddy.update(memoryReservation=100)),
        ["the containers reserve more memory than the task has"],
    ),
    (
        "nothing essential",
        lambda _, astro, caddy: (astro.update(essential=False), caddy.update(essential=False)),
        ["no container is essential"],
    ),
    (
        "another port on the host",
        lambda _, astro, __: astro["portMappings"][0].update(hostPort=80),
        ["port 4321 has another one on the host"],
    ),
    (
        "one port twice",
        lambda _, astro, __: astro["portMappings"].append({"containerPort": 80, "protocol": "tcp"}),
        ["port 80 is listened on 2 times"],
    ),
    (
        "one name twice",
        lambda _, astro, __: astro.update(name="caddy"),
        ["two containers have one name", "caddy waits for astro, which there is not"],
    ),
    (
        "a container that there is not",
        lambda _, __, caddy: caddy["dependsOn"][0].update(containerName="apache"),
        ["caddy waits for apache, which there is not"],
    ),
    (
        "health that nobody checks",
        lambda _, astro, __: astro.pop("healthCheck"),
        ["caddy waits for the health of astro, which nobody checks"],
    ),
    (
        "the end of an essential container",
        lambda _, __, caddy: caddy["dependsOn"][0].update(condition="SUCCESS"),
        ["caddy waits for the end of astro, which ends the task"],
    ),
    (
        "a circle",
        lambda _, astro, __: astro.update(dependsOn=[{"containerName": "caddy", "condition": "HEALTHY"}]),
        ["containers wait for each other"],
    ),
    ("no volume", lambda task, _, __: task.update(volumes=[]), ["volumes are ; mounted are caddy-data"]),
    (
        "an open volume",
        lambda task, _, __: task["volumes"][0]["efsVolumeConfiguration"].update(transitEncryption="DISABLED"),
        ["volume caddy-data: an access point or IAM needs encryption in transit"],
    ),
    (
        "a directory beside the access point",
        lambda task, _, __: task["volumes"][0]["efsVolumeConfiguration"].update(rootDirectory="/caddy"),
        ["volume caddy-data: an access point has its own root directory"],
    ),
    (
        "low ports without the kernel parameter",
        lambda _, __, caddy: caddy.update(systemControls=[]),
        ["caddy may not listen on 80 as 1000:1000", "caddy may not listen on 443 as 1000:1000"],
    ),
    (
        "a kernel parameter twice",
        lambda _, astro, caddy: astro.update(systemControls=caddy["systemControls"]),
        ["two containers set one kernel parameter"],
    ),
    (
        "a kernel parameter of the whole host",
        lambda _, astro, __: astro.update(systemControls=[{"namespace": "vm.overcommit_memory", "value": "1"}]),
        ["a kernel parameter is not one of the network"],
    ),
    ("privileges", lambda _, astro, __: astro.update(privileged=True), ["astro: privileged is not for Fargate"]),
    (
        "a swap",
        lambda _, astro, __: astro["linuxParameters"].update(maxSwap=10),
        ["astro: linuxParameters of an EC2 host"],
    ),
    ("a long stop", lambda _, astro, __: astro.update(stopTimeout=121), ["astro: stopTimeout 121"]),
    (
        "a health check without CMD",
        lambda _, __, caddy: caddy["healthCheck"].update(command=["wget", "http://127.0.0.1:8080/health"]),
        ["caddy: health check wget http://127.0.0.1:8080/health"],
    ),
    (
        "a health check too often",
        lambda _, __, caddy: caddy["healthCheck"].update(interval=4, timeout=2),
        ["caddy: health check: interval 4"],
    ),
    (
        "a health check that overtakes itself",
        lambda _, __, caddy: caddy["healthCheck"].update(timeout=15),
        ["caddy: health check: the next one begins before this one has timed out"],
    ),
    (
        "a health check of another port",
        lambda _, __, caddy: caddy["healthCheck"].update(command=["CMD", "wget", "http://127.0.0.1:4321/"]),
        ["caddy: health check asks none of its ports: http://127.0.0.1:4321/"],
    ),
    (
        "no logs",
        lambda _, astro, __: astro.pop("logConfiguration"),
        ["astro: its output goes nowhere that is looked at"],
    ),
    (
        "no log stream",
        lambda _, astro, __: astro["logConfiguration"]["options"].pop("awslogs-stream-prefix"),
        ["astro: logs: awslogs-stream-prefix is missing"],
    ),
    (
        "an unknown log option",
        lambda _, astro, __: astro["logConfiguration"]["options"].update({"awslogs-retention": "30"}),
        ["astro: logs: awslogs-retention 30"],
    ),
    (
        "a buffer of a blocking driver",
        lambda _, astro, __: astro["logConfiguration"]["options"].update(mode="blocking"),
        ["astro: logs: only a non-blocking driver has a buffer"],
    ),
    (
        "a variable twice",
        lambda _, astro, __: astro["environment"].append({"name": "PORT", "value": "1"}),
        ["astro: variable PORT is set 2 times"],
    ),
    (
        "a secret by its name",
        lambda _, astro, __: astro["secrets"].append({"name": "KEY", "valueFrom": "zelly/aurora/master:DB_HOST::"}),
        ["astro: secret KEY: zelly/aurora/master:DB_HOST::"],
    ),
    (
        "a secret without key and versions",
        lambda _, astro, __: astro["secrets"].append(
            {"name": "KEY", "valueFrom": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-AbCdEf"}
        ),
        ["astro: secret KEY: arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-AbCdEf"],
    ),
]


@pytest.mark.parametrize(("change", "expected"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_rule_names_what_is_broken(production: Environment, change: Change, expected: list[str]) -> None:
    task = deepcopy(task_definitions(production)["storefront"])
    astro, caddy = task["containerDefinitions"][ASTRO], task["containerDefinitions"][CADDY]
    assert (astro["name"], caddy["name"]) == ("astro", "caddy")
    change(task, astro, caddy)
    assert refusals(task) == expected


def test_start_takes_as_long_as_its_health_checks_one_after_the_other(production: Environment) -> None:
    tasks = task_definitions(production)
    assert seconds_until_healthy(tasks["storefront"]) == 120
    assert seconds_until_healthy(tasks["fastify-nova"]) == 60
    assert seconds_until_healthy(tasks["events-consumer"]) == 0
