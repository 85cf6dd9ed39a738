import dataclasses
import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.vpc import Vpc, VpcArgs, VpcNatInstanceArgs, VpcSubnetsArgs

ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]

READ_LAYERS_AND_PACKAGES = {
    "Sid": "ReadImageLayersAndPackages",
    "Effect": "Allow",
    "Action": ["s3:GetObject"],
    "Resource": [
        "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*",
        "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*",
    ],
    "Principal": {"AWS": "*"},
}

NAT_INSTANCE = VpcNatInstanceArgs(
    instance_type="t4g.micro",
    cpu_credits="standard",
    ami_id="ami-0123456789abcdef0",
    ports=[443],
    log_group_name="/shop/nat",
    log_retention_days=30,
)


def vpc_args(nat_gateway_zones: list[str], nat_instance: VpcNatInstanceArgs | None = None) -> VpcArgs:
    return VpcArgs(
        region="eu-west-1",
        account_id="123456789012",
        cidr_block="10.8.0.0/16",
        availability_zones=ZONES,
        nat_gateway_zones=nat_gateway_zones,
        flow_log_retention_days=30,
        nat_instance=nat_instance,
    )


def record(nat_gateway_zones: list[str], nat_instance: VpcNatInstanceArgs | None = None) -> Evaluation:
    def program() -> None:
        pulumi.export("nat_public_ips", Vpc("shop", vpc_args(nat_gateway_zones, nat_instance)).nat_public_ips)

    return evaluate(program)


def private_routes(evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    """Return the inputs of each private subnet's way out."""
    return {
        route.name: route.inputs
        for route in evaluation.of_type("aws:ec2/route:Route")
        if route.name.startswith("shop-private-")
    }


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


def test_without_nat_gateways_every_zone_leaves_through_the_instances_network_interface() -> None:
    evaluation = record([], NAT_INSTANCE)
    assert private_routes(evaluation) == {
        f"shop-private-{zone}-internet": {
            "routeTableId": f"${{shop-private-{zone}-routes.id}}",
            "destinationCidrBlock": "0.0.0.0/0",
            "networkInterfaceId": "${shop-nat-instance.primaryNetworkInterfaceId}",
        }
        for zone in "abc"
    }
    assert evaluation.of_type("aws:ec2/natGateway:NatGateway") == []
    assert evaluation.plain_outputs["nat_public_ips"] == ["${shop-nat-eip.publicIp}"]


def test_instance_stands_by_beside_a_gateway_and_its_address_is_known_before_it_is_used() -> None:
    evaluation = record(["eu-west-1a"], NAT_INSTANCE)
    assert private_routes(evaluation) == private_routes(record(["eu-west-1a"]))
    assert evaluation.plain_outputs["nat_public_ips"] == ["${shop-nat-a.publicIp}", "${shop-nat-eip.publicIp}"]


def test_instance_in_a_gateways_place_changes_the_targets_of_routes_and_no_table_or_subnet() -> None:
    before, after = record(["eu-west-1a"]), record([], NAT_INSTANCE)
    old = {(resource.type, resource.name): resource.inputs for resource in before.custom()}
    new = {(resource.type, resource.name): resource.inputs for resource in after.custom()}
    assert {name for _, name in old.keys() - new.keys()} == {"shop-nat-a", "shop-nat-a-eip"}
    changed = {key: old[key].keys() ^ new[key].keys() for key in old.keys() & new.keys() if old[key] != new[key]}
    assert changed == {
        ("aws:ec2/route:Route", f"shop-private-{zone}-internet"): {"natGatewayId", "networkInterfaceId"}
        for zone in "abc"
    }


def test_instance_stands_in_the_first_public_subnet_once_that_has_its_way_out() -> None:
    evaluation = record([], NAT_INSTANCE)
    instance = evaluation.one("aws:ec2/instance:Instance")
    assert instance.inputs["subnetId"] == "${shop-public-a.id}"
    assert evaluation.one("aws:ec2/route:Route", "shop-public-internet").urn in instance.depends_on


def test_private_subnets_are_sent_to_the_instance_once_it_has_its_address() -> None:
    evaluation = record([], NAT_INSTANCE)
    association = evaluation.one("aws:ec2/eipAssociation:EipAssociation").urn
    for zone in "abc":
        route = evaluation.one("aws:ec2/route:Route", f"shop-private-{zone}-internet")
        assert association in route.depends_on


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
    came = ", ".join(zones) or "none"
    line = rf"^nat_gateway_zones: came {came}; allowed one or more of {', '.join(ZONES)}, or none with a nat_instance$"
    with pytest.raises(ValueError, match=line):
        record(zones)


def test_traffic_to_s3_stays_inside_the_network_from_every_subnet() -> None:
    endpoint = record(["eu-west-1a"]).one("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert endpoint.inputs["serviceName"] == "com.amazonaws.eu-west-1.s3"
    assert json.loads(endpoint.inputs["policy"])["Statement"] == [READ_LAYERS_AND_PACKAGES]
    assert sorted(endpoint.inputs["routeTableIds"]) == [
        "${shop-private-a-routes.id}",
        "${shop-private-b-routes.id}",
        "${shop-private-c-routes.id}",
        "${shop-public-routes.id}",
    ]


def test_own_buckets_are_reached_through_the_endpoint_and_no_other() -> None:
    args = dataclasses.replace(vpc_args(["eu-west-1a"]), s3_bucket_names=["shop-media"])
    evaluation = evaluate(lambda: Vpc("shop", args) and None)
    document = json.loads(evaluation.one("aws:ec2/vpcEndpoint:VpcEndpoint").inputs["policy"])
    assert document["Statement"] == [
        READ_LAYERS_AND_PACKAGES,
        {
            "Sid": "UseOwnBuckets",
            "Effect": "Allow",
            "Action": ["s3:*"],
            "Resource": ["arn:aws:s3:::shop-media", "arn:aws:s3:::shop-media/*"],
            "Principal": {"AWS": "*"},
        },
    ]


def test_flow_logs_are_written_for_flow_logs_of_the_own_account_and_region_alone() -> None:
    (trust,) = json.loads(record(["eu-west-1a"]).one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert (trust["Principal"], trust["Condition"]) == (
        {"Service": "vpc-flow-logs.amazonaws.com"},
        {
            "StringEquals": {"aws:SourceAccount": "123456789012"},
            "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-1:123456789012:vpc-flow-log/*"},
        },
    )


def test_subnets_that_are_given_have_their_ranges_and_all_else_stays() -> None:
    subnets = VpcSubnetsArgs(
        public_cidr_blocks=["10.8.0.0/24", "10.8.1.0/24", "10.8.2.0/24"],
        private_cidr_blocks=["10.8.10.0/24", "10.8.11.0/24", "10.8.12.0/24"],
    )
    given = evaluate(lambda: Vpc("shop", dataclasses.replace(vpc_args(["eu-west-1a"]), subnets=subnets)) and None)
    derived = record(["eu-west-1a"])
    changed = {
        resource.name: resource.inputs["cidrBlock"]
        for resource, before in zip(given.resources, derived.resources, strict=True)
        if resource.inputs != before.inputs
    }
    assert changed == {
        f"shop-{kind}-{zone}": f"10.8.{first + position}.0/24"
        for kind, first in (("public", 0), ("private", 10))
        for position, zone in enumerate("abc")
    }


def test_subnets_that_do_not_fit_are_refused() -> None:
    subnets = VpcSubnetsArgs(public_cidr_blocks=["10.8.0.0/24"], private_cidr_blocks=["10.8.10.0/24"])
    with pytest.raises(ValueError, match=r"^subnets\.public_cidr_blocks: came 1 ranges; allowed 3, one for each of"):
        evaluate(lambda: Vpc("shop", dataclasses.replace(vpc_args(["eu-west-1a"]), subnets=subnets)) and None)
