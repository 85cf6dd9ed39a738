import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"


def make_vpc(sandbox: Sandbox, cidr_block: str = "10.0.0.0/16") -> str:
    return sandbox.create(VPC, "shop", cidrBlock=cidr_block, tags={"Name": "shop"}).id


def make_subnet(sandbox: Sandbox, vpc_id: str, cidr_block: str = "10.0.1.0/24") -> str:
    return sandbox.create(
        SUBNET, "shop-a", vpcId=vpc_id, cidrBlock=cidr_block, availabilityZone="eu-west-1a", mapPublicIpOnLaunch=False
    ).id


def test_vpc_has_its_range_both_dns_attributes_and_all_tags(sandbox: Sandbox) -> None:
    created = sandbox.create(
        VPC, "shop", cidrBlock="10.8.0.0/16", enableDnsSupport=True, enableDnsHostnames=True, tags={"Name": "shop"}
    )
    ec2 = sandbox.client("ec2")
    vpc = ec2.describe_vpcs(VpcIds=[created.id])["Vpcs"][0]
    hostnames = ec2.describe_vpc_attribute(VpcId=created.id, Attribute="enableDnsHostnames")
    support = ec2.describe_vpc_attribute(VpcId=created.id, Attribute="enableDnsSupport")
    assert (vpc["CidrBlock"], tags_of(vpc["Tags"])) == ("10.8.0.0/16", {"Project": "shop", "Name": "shop"})
    assert (hostnames["EnableDnsHostnames"], support["EnableDnsSupport"]) == ({"Value": True}, {"Value": True})
    assert created.outputs["arn"] == f"arn:aws:ec2:eu-west-1:123456789012:vpc/{created.id}"
    assert created.outputs["tagsAll"] == {"Project": "shop", "Name": "shop"}


def test_vpc_tells_what_came_with_it(sandbox: Sandbox) -> None:
    created = sandbox.create(VPC, "shop", cidrBlock="10.9.0.0/16")
    ec2 = sandbox.client("ec2")
    of_vpc = [{"Name": "vpc-id", "Values": [created.id]}]
    groups = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    tables = ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]
    acls = ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"]
    assert [group["GroupId"] for group in groups] == [created.outputs["defaultSecurityGroupId"]]
    assert [table["RouteTableId"] for table in tables] == [created.outputs["mainRouteTableId"]]
    assert [acl["NetworkAclId"] for acl in acls] == [created.outputs["defaultNetworkAclId"]]


def test_subnet_lies_in_its_zone_and_gives_no_public_addresses(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox)
    subnet = sandbox.client("ec2").describe_subnets(SubnetIds=[make_subnet(sandbox, vpc_id)])["Subnets"][0]
    assert (subnet["VpcId"], subnet["CidrBlock"], subnet["AvailabilityZone"], subnet["MapPublicIpOnLaunch"]) == (
        vpc_id,
        "10.0.1.0/24",
        "eu-west-1a",
        False,
    )


def test_subnet_outside_its_vpc_is_refused_with_a_cause(sandbox: Sandbox) -> None:
    with pytest.raises(AwsRefusalError, match=r"CreateSubnet failed with InvalidSubnet\.Range: .*10\.99\.0\.0/24"):
        make_subnet(sandbox, make_vpc(sandbox), "10.99.0.0/24")


def test_per_resource_region_overrides_the_providers(sandbox: Sandbox) -> None:
    created = sandbox.create(VPC, "elsewhere", cidrBlock="10.7.0.0/16", region="us-east-1")
    vpcs = sandbox.client("ec2", "us-east-1").describe_vpcs(VpcIds=[created.id])["Vpcs"]
    assert [vpc["CidrBlock"] for vpc in vpcs] == ["10.7.0.0/16"]
    assert created.outputs["region"] == "us-east-1"


def test_internet_gateway_is_attached(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox)
    gateway_id = sandbox.create(GATEWAY, "shop", vpcId=vpc_id).id
    gateways = sandbox.client("ec2").describe_internet_gateways(InternetGatewayIds=[gateway_id])["InternetGateways"]
    assert [attachment["VpcId"] for attachment in gateways[0]["Attachments"]] == [vpc_id]


def test_nat_gateway_has_the_elastic_ip(sandbox: Sandbox) -> None:
    subnet_id = make_subnet(sandbox, make_vpc(sandbox))
    address = sandbox.create(EIP, "shop-nat", domain="vpc", tags={"Name": "shop-nat"})
    gateway = sandbox.create(NAT_GATEWAY, "shop-nat", subnetId=subnet_id, allocationId=address.id)
    found = sandbox.client("ec2").describe_nat_gateways(NatGatewayIds=[gateway.id])["NatGateways"][0]
    assert address.outputs["allocationId"] == address.id
    assert (found["SubnetId"], found["NatGatewayAddresses"][0]["AllocationId"]) == (subnet_id, address.id)
    assert gateway.outputs["publicIp"] == address.outputs["publicIp"]


def test_routes_and_associations_of_a_table(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox)
    subnet_id = make_subnet(sandbox, vpc_id)
    gateway_id = sandbox.create(GATEWAY, "shop", vpcId=vpc_id).id
    table_id = sandbox.create(ROUTE_TABLE, "shop-public", vpcId=vpc_id, tags={"Name": "shop-public"}).id
    route = sandbox.create(
        "aws:ec2/route:Route", "out", routeTableId=table_id, destinationCidrBlock="0.0.0.0/0", gatewayId=gateway_id
    )
    association = sandbox.create(
        "aws:ec2/routeTableAssociation:RouteTableAssociation", "a", routeTableId=table_id, subnetId=subnet_id
    )
    table = sandbox.client("ec2").describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0]
    assert [(item["DestinationCidrBlock"], item["GatewayId"]) for item in table["Routes"]] == [
        ("10.0.0.0/16", "local"),
        ("0.0.0.0/0", gateway_id),
    ]
    assert [(item["RouteTableAssociationId"], item["SubnetId"]) for item in table["Associations"]] == [
        (association.id, subnet_id)
    ]
    # The provider's own form of the id, with the CRC-32 of "0.0.0.0/0".
    assert route.id == f"r-{table_id}1080289494"


def test_s3_endpoint_serves_its_route_tables(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox)
    table_id = sandbox.create(ROUTE_TABLE, "shop-private", vpcId=vpc_id).id
    endpoint_id = sandbox.create(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "shop-s3",
        vpcId=vpc_id,
        serviceName="com.amazonaws.eu-west-1.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[table_id],
    ).id
    endpoint = sandbox.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])["VpcEndpoints"][0]
    assert (endpoint["ServiceName"], endpoint["VpcEndpointType"], endpoint["RouteTableIds"]) == (
        "com.amazonaws.eu-west-1.s3",
        "Gateway",
        [table_id],
    )


def test_flow_log_writes_to_its_group_with_its_role(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox)
    group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:shop-flows"
    sandbox.client("logs").create_log_group(logGroupName="shop-flows")
    flow_log_id = sandbox.create(
        "aws:ec2/flowLog:FlowLog",
        "shop",
        vpcId=vpc_id,
        trafficType="ALL",
        logDestinationType="cloud-watch-logs",
        logDestination=group_arn,
        iamRoleArn="arn:aws:iam::123456789012:role/flows",
    ).id
    flow_log = sandbox.client("ec2").describe_flow_logs(FlowLogIds=[flow_log_id])["FlowLogs"][0]
    assert (flow_log["ResourceId"], flow_log["TrafficType"], flow_log["DeliverLogsPermissionArn"]) == (
        vpc_id,
        "ALL",
        "arn:aws:iam::123456789012:role/flows",
    )
    assert (flow_log["LogGroupName"], flow_log["DeliverLogsStatus"]) == ("shop-flows", "SUCCESS")


def test_second_flow_log_of_the_same_kind_is_refused(sandbox: Sandbox) -> None:
    vpc_id = make_vpc(sandbox)
    sandbox.client("logs").create_log_group(logGroupName="shop-flows-twice")
    inputs = {
        "vpcId": vpc_id,
        "trafficType": "ALL",
        "logDestinationType": "cloud-watch-logs",
        "logDestination": "arn:aws:logs:eu-west-1:123456789012:log-group:shop-flows-twice",
        "iamRoleArn": "arn:aws:iam::123456789012:role/flows",
    }
    sandbox.create("aws:ec2/flowLog:FlowLog", "one", **inputs)
    with pytest.raises(AwsRefusalError, match="CreateFlowLogs failed with FlowLogAlreadyExists"):
        sandbox.create("aws:ec2/flowLog:FlowLog", "two", **inputs)
