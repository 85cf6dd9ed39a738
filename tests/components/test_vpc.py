import pulumi_aws as aws
import pytest

from components.vpc import Vpc, VpcArgs
from zelly_infra.evaluate import Evaluation, evaluate

ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]


def vpc_args(nat_gateway_zones: list[str]) -> VpcArgs:
    return VpcArgs(
        region="eu-west-1",
        cidr_block="10.8.0.0/16",
        availability_zones=ZONES,
        nat_gateway_zones=nat_gateway_zones,
        flow_log_retention_days=30,
    )


def record(nat_gateway_zones: list[str]) -> Evaluation:
    def program() -> None:
        Vpc("shop", vpc_args(nat_gateway_zones))

    return evaluate(program)


def test_zone_without_a_nat_gateway_leaves_through_the_first() -> None:
    routes = record(["eu-west-1a"]).of_type("aws:ec2/route:Route")
    assert {route.name: route.inputs.get("natGatewayId") or route.inputs.get("gatewayId") for route in routes} == {
        "shop-public-internet": "${shop-igw.id}",
        "shop-private-a-internet": "${shop-nat-a.id}",
        "shop-private-b-internet": "${shop-nat-a.id}",
        "shop-private-c-internet": "${shop-nat-a.id}",
    }


def test_every_zone_may_have_a_nat_gateway_of_its_own() -> None:
    routes = record(ZONES).of_type("aws:ec2/route:Route")
    assert {route.name: route.inputs["natGatewayId"] for route in routes if "natGatewayId" in route.inputs} == {
        f"shop-private-{zone}-internet": f"${{shop-nat-{zone}.id}}" for zone in "abc"
    }


def test_default_security_group_is_closed() -> None:
    group = record(["eu-west-1a"]).one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert (group.inputs["ingress"], group.inputs["egress"]) == ([], [])


def test_nat_gateway_waits_until_the_vpc_has_a_way_out() -> None:
    evaluation = record(["eu-west-1a"])
    gateway = evaluation.one("aws:ec2/natGateway:NatGateway")
    assert evaluation.one("aws:ec2/internetGateway:InternetGateway").urn in gateway.depends_on


def test_names_inside_the_vpc_resolve() -> None:
    vpc = record(["eu-west-1a"]).one("aws:ec2/vpc:Vpc")
    assert (vpc.inputs["enableDnsSupport"], vpc.inputs["enableDnsHostnames"]) == (True, True)


def test_nothing_gets_a_public_address_by_standing_in_a_subnet() -> None:
    subnets = record(["eu-west-1a"]).of_type("aws:ec2/subnet:Subnet")
    assert [subnet.inputs["mapPublicIpOnLaunch"] for subnet in subnets] == [False] * 6


def test_accepted_and_rejected_flows_are_logged() -> None:
    flow_log = record(["eu-west-1a"]).one("aws:ec2/flowLog:FlowLog")
    assert (flow_log.inputs["trafficType"], flow_log.inputs["logDestination"]) == ("ALL", "${shop-flow-logs.arn}")


def test_flow_log_role_cannot_create_log_groups() -> None:
    assert "CreateLogGroup" not in record(["eu-west-1a"]).one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]


def test_public_subnets_are_handed_out_once_the_internet_is_reachable() -> None:
    def program() -> None:
        network = Vpc("shop", vpc_args(["eu-west-1a"]))
        aws.lb.LoadBalancer("balancer", subnets=network.public_subnet_ids)

    evaluation = evaluate(program)
    route = evaluation.one("aws:ec2/route:Route", "shop-public-internet")
    assert route.urn in evaluation.one("aws:lb/loadBalancer:LoadBalancer").depends_on


@pytest.mark.parametrize("zones", [[], ["eu-west-1d"]])
def test_nat_gateway_needs_a_zone_of_the_vpc(zones: list[str]) -> None:
    with pytest.raises(ValueError, match=r"^nat_gateway_zones: .*; at least one of eu-west-1a, eu-west-1b"):
        record(zones)


def test_traffic_to_s3_stays_inside_the_network_from_every_subnet() -> None:
    endpoint = record(["eu-west-1a"]).one("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert endpoint.inputs["serviceName"] == "com.amazonaws.eu-west-1.s3"
    assert sorted(endpoint.inputs["routeTableIds"]) == [
        "${shop-private-a-routes.id}",
        "${shop-private-b-routes.id}",
        "${shop-private-c-routes.id}",
        "${shop-public-routes.id}",
    ]
