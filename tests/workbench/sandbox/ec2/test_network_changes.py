"""What lies in a VPC, changed in place and deleted."""

from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.evaluate import Created
from workbench.sandbox.errors import AwsRefusalError

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
EIP_ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
S3 = "com.amazonaws.eu-west-1.s3"


def make_vpc(sandbox: Sandbox) -> Created:
    return sandbox.create(VPC, "shop", cidrBlock="10.0.0.0/16")


def make_subnet(sandbox: Sandbox, vpc_id: str, number: int = 0) -> Created:
    zone = f"eu-west-1{'ab'[number]}"
    return sandbox.create(SUBNET, zone, vpcId=vpc_id, cidrBlock=f"10.0.{number}.0/24", availabilityZone=zone)


def routes_of(sandbox: Sandbox, route_table_id: str) -> list[dict[str, Any]]:
    """Return a table's routes without the one that leads into the VPC itself."""
    tables = sandbox.client("ec2").describe_route_tables(RouteTableIds=[route_table_id])["RouteTables"]
    return [route for route in tables[0]["Routes"] if route.get("GatewayId") != "local"]


def associations_of(sandbox: Sandbox, route_table_id: str) -> list[str]:
    """Return the subnets that a table is associated with."""
    tables = sandbox.client("ec2").describe_route_tables(RouteTableIds=[route_table_id])["RouteTables"]
    return [found["SubnetId"] for found in tables[0]["Associations"] if "SubnetId" in found]


def test_vpc_changes_its_dns_attributes_and_tags(sandbox: Sandbox) -> None:
    made = sandbox.create(VPC, "shop", cidrBlock="10.0.0.0/16", enableDnsHostnames=False, tags={"Name": "shop"})
    sandbox.update(VPC, "shop", cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags={"Team": "data"})
    ec2 = sandbox.client("ec2")
    attribute = ec2.describe_vpc_attribute(VpcId=made.id, Attribute="enableDnsHostnames")["EnableDnsHostnames"]
    tags = tags_of(ec2.describe_vpcs(VpcIds=[made.id])["Vpcs"][0]["Tags"])
    assert (attribute, tags) == ({"Value": True}, {"Project": "shop", "Team": "data"})


def test_deleted_vpc_takes_everything_along_that_came_with_it(sandbox: Sandbox) -> None:
    made = make_vpc(sandbox)
    sandbox.create("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", vpcId=made.id)
    sandbox.delete("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default")
    sandbox.delete(VPC, "shop")
    ec2 = sandbox.client("ec2")
    of_vpc = [{"Name": "vpc-id", "Values": [made.id]}]
    assert ec2.describe_vpcs(Filters=of_vpc)["Vpcs"] == []
    assert ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"] == []
    assert ec2.describe_route_tables(Filters=of_vpc)["RouteTables"] == []
    assert ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"] == []


def test_vpc_with_a_subnet_is_not_deleted(sandbox: Sandbox) -> None:
    made = make_vpc(sandbox)
    make_subnet(sandbox, made.id)
    with pytest.raises(AwsRefusalError, match="DeleteVpc failed with DependencyViolation"):
        sandbox.delete(VPC, "shop")


def test_subnet_starts_to_give_public_addresses_and_goes(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox).id
    inputs = {"vpcId": vpc_id, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-west-1a"}
    sandbox.create(SUBNET, "a", **inputs, mapPublicIpOnLaunch=False)
    sandbox.update(SUBNET, "a", **inputs, mapPublicIpOnLaunch=True)
    ec2 = sandbox.client("ec2")
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    assert [subnet["MapPublicIpOnLaunch"] for subnet in ec2.describe_subnets(Filters=of_vpc)["Subnets"]] == [True]
    sandbox.delete(SUBNET, "a")
    assert ec2.describe_subnets(Filters=of_vpc)["Subnets"] == []


def test_internet_gateway_moves_to_another_vpc_and_goes(sandbox: Sandbox) -> None:
    one, other = make_vpc(sandbox).id, make_vpc(sandbox).id
    made = sandbox.create(GATEWAY, "shop", vpcId=one)
    sandbox.update(GATEWAY, "shop", vpcId=other)
    ec2 = sandbox.client("ec2")
    gateway = ec2.describe_internet_gateways(InternetGatewayIds=[made.id])["InternetGateways"][0]
    assert [attachment["VpcId"] for attachment in gateway["Attachments"]] == [other]
    sandbox.delete(GATEWAY, "shop")
    filters = [{"Name": "internet-gateway-id", "Values": [made.id]}]
    assert ec2.describe_internet_gateways(Filters=filters)["InternetGateways"] == []


def test_internet_gateway_without_a_vpc_is_only_detached(sandbox: Sandbox) -> None:
    made = sandbox.create(GATEWAY, "shop", vpcId=make_vpc(sandbox).id)
    sandbox.update(GATEWAY, "shop")
    ec2 = sandbox.client("ec2")
    gateway = ec2.describe_internet_gateways(InternetGatewayIds=[made.id])["InternetGateways"][0]
    assert gateway["Attachments"] == []
    sandbox.delete(GATEWAY, "shop")
    filters = [{"Name": "internet-gateway-id", "Values": [made.id]}]
    assert ec2.describe_internet_gateways(Filters=filters)["InternetGateways"] == []


def test_elastic_ip_is_taken_off_the_instance_and_released(sandbox: Sandbox) -> None:
    subnet_id = make_subnet(sandbox, make_vpc(sandbox).id).id
    address = sandbox.create(EIP, "shop", domain="vpc")
    instance = sandbox.create(
        "aws:ec2/instance:Instance", "host", ami="ami-0123456789abcdef0", instanceType="t3.micro", subnetId=subnet_id
    )
    sandbox.create(EIP_ASSOCIATION, "shop", allocationId=address.id, instanceId=instance.id)
    ec2 = sandbox.client("ec2")
    sandbox.delete(EIP_ASSOCIATION, "shop")
    assert "AssociationId" not in ec2.describe_addresses(AllocationIds=[address.id])["Addresses"][0]
    sandbox.delete(EIP, "shop")
    filters = [{"Name": "allocation-id", "Values": [address.id]}]
    assert ec2.describe_addresses(Filters=filters)["Addresses"] == []


def test_nat_gateway_goes_and_leaves_its_address(sandbox: Sandbox) -> None:
    subnet_id = make_subnet(sandbox, make_vpc(sandbox).id).id
    address = sandbox.create(EIP, "nat", domain="vpc")
    made = sandbox.create(NAT_GATEWAY, "nat", allocationId=address.id, subnetId=subnet_id)
    sandbox.delete(NAT_GATEWAY, "nat")
    # Another one may have the address: it is nobody's.
    sandbox.create(NAT_GATEWAY, "another", allocationId=address.id, subnetId=subnet_id)
    sandbox.delete(NAT_GATEWAY, "another")
    sandbox.delete(EIP, "nat")
    ec2 = sandbox.client("ec2")
    # AWS shows a deleted one for an hour.
    gateways = ec2.describe_nat_gateways(NatGatewayIds=[made.id])["NatGateways"]
    assert [gateway["State"] for gateway in gateways] == ["deleted"]
    in_subnet = [{"Name": "subnet-id", "Values": [subnet_id]}]
    assert ec2.describe_network_interfaces(Filters=in_subnet)["NetworkInterfaces"] == []
    filters = [{"Name": "allocation-id", "Values": [address.id]}]
    assert ec2.describe_addresses(Filters=filters)["Addresses"] == []


def test_route_changes_the_kind_of_its_target_and_goes(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox).id
    gateway = sandbox.create(GATEWAY, "shop", vpcId=vpc_id)
    address = sandbox.create(EIP, "nat", domain="vpc")
    nat_gateway = sandbox.create(NAT_GATEWAY, "nat", allocationId=address.id, subnetId=make_subnet(sandbox, vpc_id).id)
    table_id = sandbox.create(ROUTE_TABLE, "shop", vpcId=vpc_id).id
    inputs = {"routeTableId": table_id, "destinationCidrBlock": "0.0.0.0/0"}
    sandbox.create(ROUTE, "out", **inputs, gatewayId=gateway.id)
    sandbox.update(ROUTE, "out", **inputs, natGatewayId=nat_gateway.id)
    (route,) = routes_of(sandbox, table_id)
    assert (route["DestinationCidrBlock"], route["NatGatewayId"], "GatewayId" in route) == (
        "0.0.0.0/0",
        nat_gateway.id,
        False,
    )
    sandbox.delete(ROUTE, "out")
    assert routes_of(sandbox, table_id) == []


def test_route_goes_from_a_nat_gateway_to_a_network_interface_and_the_gateway_goes(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox).id
    subnet_id = make_subnet(sandbox, vpc_id).id
    address = sandbox.create(EIP, "nat", domain="vpc")
    gateway = sandbox.create(NAT_GATEWAY, "nat", allocationId=address.id, subnetId=subnet_id)
    table_id = sandbox.create(ROUTE_TABLE, "private", vpcId=vpc_id).id
    inputs = {"routeTableId": table_id, "destinationCidrBlock": "0.0.0.0/0"}
    sandbox.create(ROUTE, "out", **inputs, natGatewayId=gateway.id)
    host = sandbox.create(
        "aws:ec2/instance:Instance",
        "nat-host",
        ami="ami-0123456789abcdef0",
        instanceType="t4g.micro",
        subnetId=subnet_id,
        sourceDestCheck=False,
    )
    interface_id = host.outputs["primaryNetworkInterfaceId"]

    sandbox.update(ROUTE, "out", **inputs, networkInterfaceId=interface_id)
    sandbox.delete(NAT_GATEWAY, "nat")
    sandbox.delete(EIP, "nat")
    ec2 = sandbox.client("ec2")
    ((interface,),) = [
        instance["NetworkInterfaces"]
        for reservation in ec2.describe_instances(InstanceIds=[host.id])["Reservations"]
        for instance in reservation["Instances"]
    ]
    assert (interface["NetworkInterfaceId"], interface["SubnetId"]) == (interface_id, subnet_id)
    assert ways_out(sandbox, table_id) == [{"NetworkInterfaceId": interface_id}]

    # And back.
    address = sandbox.create(EIP, "nat", domain="vpc")
    gateway = sandbox.create(NAT_GATEWAY, "nat", allocationId=address.id, subnetId=subnet_id)
    sandbox.update(ROUTE, "out", **inputs, natGatewayId=gateway.id)
    sandbox.delete("aws:ec2/instance:Instance", "nat-host")
    assert ways_out(sandbox, table_id) == [{"NatGatewayId": gateway.id}]


def ways_out(sandbox: Sandbox, table_id: str) -> list[dict[str, Any]]:
    """Return the targets of a table's routes."""
    return [
        {key: value for key, value in route.items() if key.endswith("Id")} for route in routes_of(sandbox, table_id)
    ]


def test_subnet_changes_its_route_table_twice_and_leaves_it(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox).id
    subnet_id = make_subnet(sandbox, vpc_id).id
    tables = [sandbox.create(ROUTE_TABLE, f"table-{number}", vpcId=vpc_id) for number in range(3)]
    sandbox.create(ASSOCIATION, "a", subnetId=subnet_id, routeTableId=tables[0].id)
    for table in tables[1:]:
        sandbox.update(ASSOCIATION, "a", subnetId=subnet_id, routeTableId=table.id)
    assert [associations_of(sandbox, table.id) for table in tables] == [[], [], [subnet_id]]
    sandbox.delete(ASSOCIATION, "a")
    assert associations_of(sandbox, tables[2].id) == []
    for number in range(3):
        sandbox.delete(ROUTE_TABLE, f"table-{number}")
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "association.main", "Values": ["false"]}]
    assert sandbox.client("ec2").describe_route_tables(Filters=filters)["RouteTables"] == []


def test_gateway_endpoint_follows_its_route_tables_and_takes_its_routes_along(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox).id
    one, two, three = (sandbox.create(ROUTE_TABLE, f"table-{number}", vpcId=vpc_id).id for number in range(3))
    inputs = {"vpcId": vpc_id, "serviceName": S3, "vpcEndpointType": "Gateway"}
    made = sandbox.create(ENDPOINT, "s3", **inputs, routeTableIds=[one, two])
    sandbox.update(ENDPOINT, "s3", **inputs, routeTableIds=[two, three], policy='{"Version":"2012-10-17"}')
    ec2 = sandbox.client("ec2")
    endpoint = ec2.describe_vpc_endpoints(VpcEndpointIds=[made.id])["VpcEndpoints"][0]
    assert (endpoint["RouteTableIds"], endpoint["PolicyDocument"]) == ([two, three], '{"Version":"2012-10-17"}')
    assert [[route["GatewayId"] for route in routes_of(sandbox, table)] for table in (one, two, three)] == [
        [],
        [made.id],
        [made.id],
    ]
    sandbox.delete(ENDPOINT, "s3")
    assert [routes_of(sandbox, table) for table in (one, two, three)] == [[], [], []]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    assert ec2.describe_vpc_endpoints(Filters=of_vpc)["VpcEndpoints"] == []


def test_interface_endpoint_changes_its_groups_and_goes(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox).id
    subnet_id = make_subnet(sandbox, vpc_id).id
    one, other = (
        sandbox.create("aws:ec2/securityGroup:SecurityGroup", name, vpcId=vpc_id, description=name).id
        for name in ("one", "other")
    )
    inputs = {
        "vpcId": vpc_id,
        "serviceName": "com.amazonaws.eu-west-1.logs",
        "vpcEndpointType": "Interface",
        "subnetIds": [subnet_id],
    }
    made = sandbox.create(ENDPOINT, "logs", **inputs, securityGroupIds=[one])
    sandbox.update(ENDPOINT, "logs", **inputs, securityGroupIds=[other])
    ec2 = sandbox.client("ec2")
    endpoint = ec2.describe_vpc_endpoints(VpcEndpointIds=[made.id])["VpcEndpoints"][0]
    assert [group["GroupId"] for group in endpoint["Groups"]] == [other]
    sandbox.delete(ENDPOINT, "logs")
    in_subnet = [{"Name": "subnet-id", "Values": [subnet_id]}]
    assert ec2.describe_network_interfaces(Filters=in_subnet)["NetworkInterfaces"] == []


def test_flow_log_goes(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox).id
    sandbox.create("aws:cloudwatch/logGroup:LogGroup", "flow", name="/shop/flow-changes")
    made = sandbox.create(
        FLOW_LOG,
        "flow",
        vpcId=vpc_id,
        trafficType="REJECT",
        logDestination="arn:aws:logs:eu-west-1:123456789012:log-group:/shop/flow-changes",
        iamRoleArn="arn:aws:iam::123456789012:role/flow",
    )
    ec2 = sandbox.client("ec2")
    of_vpc = [{"Name": "resource-id", "Values": [vpc_id]}]
    assert [log["FlowLogId"] for log in ec2.describe_flow_logs(Filters=of_vpc)["FlowLogs"]] == [made.id]
    sandbox.delete(FLOW_LOG, "flow")
    assert ec2.describe_flow_logs(Filters=of_vpc)["FlowLogs"] == []


def test_what_somebody_else_has_deleted_counts_as_deleted(sandbox: Sandbox) -> None:
    made = make_vpc(sandbox)
    sandbox.client("ec2").delete_vpc(VpcId=made.id)
    sandbox.delete(VPC, "shop")


def test_route_table_association_that_somebody_else_has_deleted_counts_as_deleted(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox).id
    table_id = sandbox.create(ROUTE_TABLE, "table", vpcId=vpc_id).id
    made = sandbox.create(ASSOCIATION, "a", subnetId=make_subnet(sandbox, vpc_id).id, routeTableId=table_id)
    sandbox.client("ec2").disassociate_route_table(AssociationId=made.id)
    sandbox.delete(ASSOCIATION, "a")
    assert associations_of(sandbox, table_id) == []
