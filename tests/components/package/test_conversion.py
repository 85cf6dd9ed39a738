"""What the engine sends becomes the components' frozen arguments, or a line for each mistake."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pulumi
import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from zelly_components.alarms.balancers import NetworkLoadBalancerTarget
from zelly_components.network_load_balancer import NetworkLoadBalancerArgs
from zelly_components.package.conversion import converted
from zelly_components.package.values import read_values
from zelly_components.redis_node import RedisNodeArgs
from zelly_components.vpc import VpcArgs, VpcSubnetsArgs

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": "hidden"}
UNKNOWN = {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "dependencies": ["urn:pulumi:dev::shop::a:b:C::waited"]}
WAITED = {**UNKNOWN, "value": "vpc-1"}

VPC: Mapping[str, Any] = {
    "region": "eu-west-1",
    "accountId": "123456789012",
    "cidrBlock": "10.8.0.0/16",
    "availabilityZones": ["eu-west-1a"],
    "natGatewayZones": ["eu-west-1a"],
    "flowLogRetentionDays": 30,
}
BALANCER: Mapping[str, Any] = {
    "loadBalancerName": "shop",
    "vpcId": "vpc-1",
    "subnetIds": ["subnet-1"],
    "ports": [80, 443],
    "healthCheckPort": 8080,
    "healthCheckPath": "/health",
    "deletionProtection": True,
}


def sent(arguments: type, values: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """Return the arguments made of values as the engine sends them, and the mistakes in words."""
    message = json_format.ParseDict(dict(values), Struct())
    made, mistakes = converted(arguments, read_values(message, {}))
    return made, [f"{mistake.path}: {mistake.reason}" for mistake in mistakes]


def test_arguments_are_the_dataclass_that_python_takes() -> None:
    made, mistakes = sent(
        VpcArgs, {**VPC, "subnets": {"publicCidrBlocks": ["10.8.0.0/24"], "privateCidrBlocks": ["10.8.1.0/24"]}}
    )
    assert mistakes == []
    assert made == VpcArgs(
        region="eu-west-1",
        account_id="123456789012",
        cidr_block="10.8.0.0/16",
        availability_zones=["eu-west-1a"],
        nat_gateway_zones=["eu-west-1a"],
        flow_log_retention_days=30,
        subnets=VpcSubnetsArgs(public_cidr_blocks=["10.8.0.0/24"], private_cidr_blocks=["10.8.1.0/24"]),
    )


def test_whole_numbers_stay_whole_in_lists_too() -> None:
    made, _ = sent(NetworkLoadBalancerArgs, BALANCER)
    numbers = [made.health_check_port, *made.ports, made.deregistration_delay_seconds]
    assert [type(number) for number in numbers] == [int] * 4
    assert numbers == [8080, 80, 443, 60]


@pytest.mark.parametrize(
    ("arguments", "values", "lines"),
    [
        (
            VpcArgs,
            {**VPC, "flowLogRetentionDays": 30.5, "cidrBlock": 10},
            [
                "cidrBlock: came the number 10; allowed a text",
                "flowLogRetentionDays: came the number 30.5; allowed a whole number",
            ],
        ),
        (
            VpcArgs,
            {**VPC, "availabilityZones": ["eu-west-1a", True], "natGatewayZones": "eu-west-1a"},
            [
                "availabilityZones[1]: came true; allowed a text",
                'natGatewayZones: came the text "eu-west-1a"; allowed a list',
            ],
        ),
        (
            VpcArgs,
            {**VPC, "subnets": {"publicCidrBlocks": []}},
            ["subnets.privateCidrBlocks: is missing"],
        ),
        (
            VpcArgs,
            {key: value for key, value in VPC.items() if key != "region"} | {"colour": "red"},
            [
                "colour: is unknown; allowed: region, accountId, cidrBlock, availabilityZones, natGatewayZones, "
                "flowLogRetentionDays, natInstance, subnets, s3BucketNames",
                "region: is missing",
            ],
        ),
        (
            VpcArgs,
            {**VPC, "cidrBlock": UNKNOWN, "availabilityZones": UNKNOWN},
            [
                "cidrBlock: came a value that is known after deployment only; allowed one that is known before",
                "availabilityZones: came a list that is known after deployment only; allowed its elements one by one",
            ],
        ),
        (
            VpcArgs,
            {**VPC, "cidrBlock": SECRET},
            ["cidrBlock: came a secret, which would be stored as plain text; allowed a value that is none"],
        ),
        (
            RedisNodeArgs,
            {"engine": "memcached"},
            ['engine: came the text "memcached"; allowed redis, valkey'],
        ),
        (
            NetworkLoadBalancerArgs,
            {**BALANCER, "vpcId": {**SECRET, "value": 7}},
            ["vpcId: came a secret; allowed a text"],
        ),
    ],
)
def test_each_mistake_is_one_line(arguments: type, values: Mapping[str, Any], lines: list[str]) -> None:
    made, mistakes = sent(arguments, values)
    assert made is None
    # A node's other inputs are missing as well.
    assert [line for line in mistakes if not line.endswith(": is missing") or line in lines] == lines


def in_a_loop(run: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Return what comes of a coroutine, in a loop of its own: asyncio.run leaves none behind for the tests after it."""
    pulumi.runtime.settings.reset_options()
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(run())
    finally:
        loop.close()


def test_list_of_outputs_whose_length_is_unknown_is_one_output() -> None:
    async def run() -> tuple[Any, ...]:
        made, mistakes = sent(NetworkLoadBalancerArgs, {**BALANCER, "subnetIds": UNKNOWN})
        (urn,) = [await resource.urn.future() for resource in await made.subnet_ids.resources()]
        return mistakes, await made.subnet_ids.is_known(), urn

    assert in_a_loop(run) == ([], False, "urn:pulumi:dev::shop::a:b:C::waited")


def test_numbers_as_keys_are_numbers_again() -> None:
    target = {"label": "nlb", "loadBalancerArnSuffix": "net/1"}
    made, mistakes = sent(NetworkLoadBalancerTarget, {**target, "targetGroupArnSuffixes": {"443": "tls", "80": "web"}})
    assert (mistakes, made.target_group_arn_suffixes) == ([], {443: "tls", 80: "web"})
    _, mistakes = sent(NetworkLoadBalancerTarget, {**target, "targetGroupArnSuffixes": {"tls": "tls"}})
    assert mistakes == ['targetGroupArnSuffixes: came the key "tls"; allowed whole numbers']


def test_outputs_stay_what_they_are() -> None:
    async def run() -> tuple[Any, ...]:
        values = {**BALANCER, "vpcId": SECRET, "subnetIds": [UNKNOWN, WAITED, "subnet-3"]}
        made, mistakes = sent(NetworkLoadBalancerArgs, values)
        assert mistakes == []
        unknown, waited, plain = made.subnet_ids
        (urn,) = [await resource.urn.future() for resource in await waited.resources()]
        return (
            await made.vpc_id.future(),
            await made.vpc_id.is_secret(),
            await unknown.is_known(),
            await waited.future(),
            await waited.is_secret(),
            urn,
            plain,
        )

    assert in_a_loop(run) == (
        "hidden",
        True,
        False,
        "vpc-1",
        False,
        "urn:pulumi:dev::shop::a:b:C::waited",
        "subnet-3",
    )
