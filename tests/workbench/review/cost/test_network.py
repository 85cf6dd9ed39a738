"""Balancers, gateways and addresses."""

from typing import Any

import pytest

from tests.workbench.review.cost.plans import Recorded, charges, plan
from workbench.review.cost.network import elastic_ip, health_check, load_balancer, nat_gateway, vpc_endpoint

HOURS = ("730", "730", "730")


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"subnets": ["a", "b", "c"]}, [("alb.hour", *HOURS), ("ipv4.public.hour", "2190", "2190", "2190")]),
        ({"subnets": ["a", "b"], "internal": True}, [("alb.hour", *HOURS)]),
        (
            {"loadBalancerType": "network", "subnetMappings": [{"subnetId": "a", "allocationId": "e"}]},
            [("nlb.hour", *HOURS)],
        ),
        (
            {
                "loadBalancerType": "network",
                "subnetMappings": [{"subnetId": "a", "allocationId": "e"}, {"subnetId": "b"}],
            },
            [("nlb.hour", *HOURS), ("ipv4.public.hour", *HOURS)],
        ),
        ({"loadBalancerType": "gateway"}, [("unknown", "a gateway load balancer", "", "")]),
    ],
)
def test_balancer_has_hours_and_the_addresses_that_aws_gives_it(
    inputs: dict[str, Any], expected: list[tuple[str, ...]]
) -> None:
    balancer = Recorded(type="aws:lb/loadBalancer:LoadBalancer", inputs=inputs)
    assert charges([*load_balancer(balancer, plan(balancer))]) == expected


def test_elastic_ip_and_nat_gateway_cost_every_hour() -> None:
    address = Recorded(type="aws:ec2/eip:Eip")
    gateway = Recorded(type="aws:ec2/natGateway:NatGateway")
    assert charges([*elastic_ip(address, plan(address)), *nat_gateway(gateway, plan(gateway))]) == [
        ("ipv4.public.hour", *HOURS),
        ("nat.hour", *HOURS),
    ]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, []),
        ({"vpcEndpointType": "Gateway"}, []),
        (
            {"vpcEndpointType": "Interface", "subnetIds": ["a", "b"]},
            [("vpc_endpoint.interface.hour", "1460", "1460", "1460")],
        ),
        ({"vpcEndpointType": "Resource"}, [("unknown", "a VPC endpoint of type Resource", "", "")]),
    ],
)
def test_only_gateway_endpoints_are_free(inputs: dict[str, Any], expected: list[tuple[str, ...]]) -> None:
    endpoint = Recorded(type="aws:ec2/vpcEndpoint:VpcEndpoint", inputs=inputs)
    assert charges([*vpc_endpoint(endpoint, plan(endpoint))]) == expected


@pytest.mark.parametrize(
    ("inputs", "features"),
    [
        ({"type": "HTTP", "requestInterval": 30}, None),
        ({"type": "HTTPS", "requestInterval": 30, "measureLatency": False}, "1"),
        ({"type": "HTTPS_STR_MATCH", "requestInterval": 10, "measureLatency": True}, "4"),
    ],
)
def test_health_check_costs_itself_and_each_of_its_features(inputs: dict[str, Any], features: str | None) -> None:
    check = Recorded(type="aws:route53/healthCheck:HealthCheck", inputs=inputs)
    extra = [] if features is None else [("route53.health_check.other_feature_month", features, features, features)]
    expected = [("route53.health_check.other_endpoint_month", "1", "1", "1"), *extra]
    assert charges([*health_check(check, plan(check))]) == expected


def test_health_check_of_another_kind_is_not_taken_for_free() -> None:
    check = Recorded(type="aws:route53/healthCheck:HealthCheck", inputs={"type": "CALCULATED"})
    assert charges([*health_check(check, plan(check))]) == [("unknown", "a health check of type CALCULATED", "", "")]
