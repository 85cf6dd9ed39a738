"""The network of each environment, and who may talk to whom in it."""

import json
from typing import Any

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, Environment, only, tags_of
from tests.zelly_infra.expected_rules import EVERYWHERE, GROUPS

THIRD_BYTES = {
    "network-public-a": 0,
    "network-public-b": 16,
    "network-public-c": 32,
    "network-private-a": 128,
    "network-private-b": 144,
    "network-private-c": 160,
}
"""Where each subnet of 4,096 addresses begins in its VPC."""


def test_vpc_has_its_own_range_and_resolves_names(environment: Environment) -> None:
    ec2 = environment.client("ec2")
    vpc_id = environment.outputs.vpc_id
    vpcs = {vpc["VpcId"]: vpc["CidrBlock"] for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]}
    assert vpcs == {vpc_id: str(environment.config.network.cidr)}
    hostnames = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsHostnames")["EnableDnsHostnames"]
    support = ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsSupport")["EnableDnsSupport"]
    assert (hostnames, support) == ({"Value": True}, {"Value": True})


def test_subnets_are_three_public_and_three_private_over_three_zones(environment: Environment) -> None:
    network = str(environment.config.network.cidr).removesuffix(".0.0/16")
    found = {
        environment.subnet_names[subnet["SubnetId"]]: (
            subnet["CidrBlock"],
            subnet["AvailabilityZone"],
            subnet["MapPublicIpOnLaunch"],
        )
        for subnet in environment.in_vpc("describe_subnets", "Subnets")
    }
    assert found == {
        name: (f"{network}.{third_byte}.0/20", f"{environment.region}{name[-1]}", False)
        for name, third_byte in THIRD_BYTES.items()
    }


def test_only_public_subnets_lead_to_the_internet_and_private_ones_through_the_nat(environment: Environment) -> None:
    gateway = only(environment.listed("ec2", "describe_internet_gateways", "InternetGateways"))
    nat = only(environment.listed("ec2", "describe_nat_gateways", "NatGateways"))
    endpoint = only(environment.in_vpc("describe_vpc_endpoints", "VpcEndpoints"))
    assert gateway["Attachments"] == [{"State": "available", "VpcId": environment.outputs.vpc_id}]
    found = {
        tuple(environment.subnets([each["SubnetId"] for each in table["Associations"] if not each["Main"]])): routes(
            environment, table
        )
        for table in environment.in_vpc("describe_route_tables", "RouteTables")
    }
    local = f"{environment.config.network.cidr} local"
    s3 = f"com.amazonaws.{environment.region}.s3 {endpoint['VpcEndpointId']}"
    private = sorted([local, s3, f"{EVERYWHERE} {nat['NatGatewayId']}"])
    assert found == {
        # The VPC's own table: a subnet that is forgotten reaches nothing.
        (): [local],
        ("network-public-a", "network-public-b", "network-public-c"): sorted(
            [local, s3, f"{EVERYWHERE} {gateway['InternetGatewayId']}"]
        ),
        ("network-private-a",): private,
        ("network-private-b",): private,
        ("network-private-c",): private,
    }


def routes(environment: Environment, table: dict[str, Any]) -> list[str]:
    """Return a table's routes as ``destination target``, prefix lists by their names."""
    names = {
        prefixes["PrefixListId"]: prefixes["PrefixListName"]
        for prefixes in environment.listed("ec2", "describe_prefix_lists", "PrefixLists")
    }
    lines: list[str] = []
    for route in table["Routes"]:
        destination = route.get("DestinationCidrBlock") or names[route["DestinationPrefixListId"]]
        target = route.get("NatGatewayId") or route["GatewayId"]
        lines.append(f"{destination} {target}")
    return sorted(lines)


def test_one_nat_gateway_stands_in_public_subnet_a_with_an_elastic_ip(environment: Environment) -> None:
    nat = only(environment.listed("ec2", "describe_nat_gateways", "NatGateways"))
    assert environment.subnet_names[nat["SubnetId"]] == "network-public-a"
    assert nat["State"] == "available"
    address = only(
        environment.client("ec2").describe_addresses(PublicIps=environment.outputs.nat_public_ips)["Addresses"]
    )
    assert address["AllocationId"] == only(nat["NatGatewayAddresses"])["AllocationId"]
    assert tags_of(address)["Name"] == f"zelly-{environment.stack}-network-nat-a"


def test_s3_is_reached_through_a_gateway_endpoint_from_every_table(environment: Environment) -> None:
    endpoint = only(environment.in_vpc("describe_vpc_endpoints", "VpcEndpoints"))
    tables = [
        table["RouteTableId"]
        for table in environment.in_vpc("describe_route_tables", "RouteTables")
        if not any(association["Main"] for association in table["Associations"])
    ]
    # Layers are read with ECR's links, packages without credentials; nothing else passes, least of all a write.
    assert json.loads(endpoint["PolicyDocument"])["Statement"] == [
        {
            "Sid": "ReadImageLayersAndPackages",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["s3:GetObject"],
            "Resource": [
                f"arn:aws:s3:::prod-{environment.region}-starport-layer-bucket/*",
                f"arn:aws:s3:::al2023-repos-{environment.region}-de612dc2/*",
            ],
        }
    ]
    assert (endpoint["ServiceName"], endpoint["VpcEndpointType"]) == (
        f"com.amazonaws.{environment.region}.s3",
        "Gateway",
    )
    assert sorted(endpoint["RouteTableIds"]) == sorted(tables)
    assert len(tables) == 4


def test_all_traffic_of_the_vpc_is_logged(environment: Environment) -> None:
    flow_log = only(environment.listed("ec2", "describe_flow_logs", "FlowLogs"))
    assert (flow_log["ResourceId"], flow_log["TrafficType"], flow_log["LogDestinationType"]) == (
        environment.outputs.vpc_id,
        "ALL",
        "cloud-watch-logs",
    )
    groups = environment.listed("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=flow_log["LogGroupName"])
    assert only(groups)["retentionInDays"] == environment.config.network.flow_log_retention_days
    role = flow_log["DeliverLogsPermissionArn"].removeprefix(f"arn:aws:iam::{ACCOUNT_ID}:role/")
    assert environment.short(role) == "network-flow-logs-role"


def test_every_part_has_one_group_and_the_default_one_is_closed(environment: Environment) -> None:
    assert sorted(environment.group_names.values()) == sorted(GROUPS | {"default"})
    default = only(
        [group for group in environment.in_vpc("describe_security_groups", "SecurityGroups") if is_default(group)]
    )
    assert (default["IpPermissions"], default["IpPermissionsEgress"]) == ([], [])


def is_default(group: dict[str, Any]) -> bool:
    return group["GroupName"] == "default"


def test_elastic_ips_are_those_of_the_nat_the_bastion_and_the_storefront(environment: Environment) -> None:
    addresses = environment.client("ec2").describe_addresses()["Addresses"]
    assert {address["PublicIp"] for address in addresses} == {
        *environment.outputs.nat_public_ips,
        environment.outputs.bastion_public_ip,
        *environment.outputs.storefront_ips,
    }
    assert len(addresses) == 5
    bastion = only([each for each in addresses if each["PublicIp"] == environment.outputs.bastion_public_ip])
    assert bastion["InstanceId"] == environment.outputs.bastion_instance_id
