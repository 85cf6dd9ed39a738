"""What a stack is with one of the config's switches on that save money: what changes, and that nothing else does."""

import functools
import json
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of, evaluation_with
from zelly_infra.evaluate import Evaluation

LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
SERVICE = "aws:ecs/service:Service"
SERVICES = (
    "fastify-nova",
    "customer-panel",
    "orion-backend",
    "events-consumer",
    "storefront",
    "internal-tools",
)

ONE_ADDRESS = {"storefront/load_balancer_zones": 1}
ARM64 = {f"services/{name}/architecture": "ARM64" for name in SERVICES}
SPOT = {"containers/capacity_providers": [{"name": "FARGATE_SPOT", "weight": 1, "base": 0}]}
PAUSE = {"aurora/minimum_capacity_acu": 0, "aurora/seconds_until_auto_pause": 300}
GRAVITON_HOSTS = {
    "clickhouse/instance_type": "t4g.small",
    "clickhouse/ami_id": "ami-0123456789abcdef0",
    "bastion/instance_type": "t4g.micro",
    "bastion/ami_id": "ami-0123456789abcdef0",
}

Difference = dict[tuple[str, str], set[str]]


@functools.cache
def switched(stack: str, changes: str) -> Evaluation:
    return evaluation_with(stack, json.loads(changes))


def with_switch(stack: str, changes: dict[str, Any]) -> Evaluation:
    return switched(stack, json.dumps(changes))


def inputs_by_name(evaluation: Evaluation) -> dict[tuple[str, str], dict[str, Any]]:
    return {(resource.type, resource.name): resource.inputs for resource in evaluation.custom()}


def changed(stack: str, changes: dict[str, Any]) -> Difference:
    """Return the inputs that a switch changes, by type and short name; what it makes or takes away is not in it."""
    before, after = inputs_by_name(evaluation_of(stack)), inputs_by_name(with_switch(stack, changes))
    found = {
        (token, name.removeprefix(f"zelly-{stack}-")): {
            key for key in inputs.keys() | after[token, name].keys() if inputs.get(key) != after[token, name].get(key)
        }
        for (token, name), inputs in before.items()
        if (token, name) in after
    }
    return {key: inputs for key, inputs in found.items() if inputs}


def only_before(stack: str, changes: dict[str, Any]) -> set[tuple[str, str]]:
    gone = inputs_by_name(evaluation_of(stack)).keys() - inputs_by_name(with_switch(stack, changes)).keys()
    return {(token, name.removeprefix(f"zelly-{stack}-")) for token, name in gone}


def only_after(stack: str, changes: dict[str, Any]) -> set[tuple[str, str]]:
    new = inputs_by_name(with_switch(stack, changes)).keys() - inputs_by_name(evaluation_of(stack)).keys()
    return {(token, name.removeprefix(f"zelly-{stack}-")) for token, name in new}


@pytest.mark.parametrize("stack", STACKS)
def test_one_zone_of_the_storefront_is_one_address_and_every_task_in_that_zone(stack: str) -> None:
    evaluation = with_switch(stack, ONE_ADDRESS)
    balancer = evaluation.one(LOAD_BALANCER, f"zelly-{stack}-nlb-storefront")
    assert balancer.inputs["subnetMappings"] == [
        {
            "subnetId": f"${{zelly-{stack}-network-public-a.id}}",
            "allocationId": f"${{zelly-{stack}-nlb-storefront-eip-1.allocationId}}",
        }
    ]
    service = evaluation.one(SERVICE, f"zelly-{stack}-storefront-service")
    assert service.inputs["networkConfiguration"]["subnets"] == [f"${{zelly-{stack}-network-private-a.id}}"]
    assert evaluation.plain_outputs["storefront_ips"] == [f"${{zelly-{stack}-nlb-storefront-eip-1.publicIp}}"]


@pytest.mark.parametrize("stack", STACKS)
def test_one_zone_of_the_storefront_touches_nothing_else(stack: str) -> None:
    hostname = {"production": "stores.zelly.in", "staging": "stores.staging.zelly.in"}[stack]
    assert only_after(stack, ONE_ADDRESS) == set()
    assert only_before(stack, ONE_ADDRESS) == {
        *(("aws:ec2/eip:Eip", f"nlb-storefront-eip-{position}") for position in (2, 3)),
        *(("cloudflare:index/dnsRecord:DnsRecord", f"dns-{hostname}-{position}") for position in (2, 3)),
    }
    assert changed(stack, ONE_ADDRESS) == {
        (LOAD_BALANCER, "nlb-storefront"): {"subnetMappings"},
        (SERVICE, "storefront-service"): {"networkConfiguration"},
    }


@pytest.mark.parametrize("stack", STACKS)
def test_arm64_is_in_every_task_definition_and_nowhere_else(stack: str) -> None:
    definitions = with_switch(stack, ARM64).of_type("aws:ecs/taskDefinition:TaskDefinition")
    assert [definition.inputs["runtimePlatform"] for definition in definitions] == [
        {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    ] * len(SERVICES)
    assert changed(stack, ARM64) == {
        ("aws:ecs/taskDefinition:TaskDefinition", f"{name}-task-definition"): {"runtimePlatform"} for name in SERVICES
    }


@pytest.mark.parametrize("stack", STACKS)
def test_spot_is_the_strategy_of_every_service_and_changes_in_place(stack: str) -> None:
    services = with_switch(stack, SPOT).of_type(SERVICE)
    assert [service.inputs["capacityProviderStrategies"] for service in services] == [
        [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    ] * len(SERVICES)
    assert {service.inputs["forceNewDeployment"] for service in services} == {True}
    assert changed(stack, SPOT) == {(SERVICE, f"{name}-service"): {"capacityProviderStrategies"} for name in SERVICES}


def test_aurora_pauses_in_staging() -> None:
    cluster = with_switch("staging", PAUSE).one("aws:rds/cluster:Cluster")
    assert cluster.inputs["serverlessv2ScalingConfiguration"] == {
        "minCapacity": 0,
        "maxCapacity": 2,
        "secondsUntilAutoPause": 300,
    }
    assert changed("staging", PAUSE) == {
        ("aws:rds/cluster:Cluster", "aurora-cluster"): {"serverlessv2ScalingConfiguration"}
    }


@pytest.mark.parametrize("stack", STACKS)
def test_graviton_hosts_are_another_type_and_image(stack: str) -> None:
    instances = with_switch(stack, GRAVITON_HOSTS).of_type("aws:ec2/instance:Instance")
    assert {instance.inputs["instanceType"] for instance in instances} == {"t4g.small", "t4g.micro"}
    assert {key[1]: inputs for key, inputs in changed(stack, GRAVITON_HOSTS).items()} == {
        "clickhouse-instance": {"ami", "instanceType"},
        "bastion-instance": {"ami", "instanceType"},
    }
