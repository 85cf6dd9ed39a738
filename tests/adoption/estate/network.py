"""``module.vpc``: subnets by ``cidrsubnet(…, 8, n)``, one NAT gateway, one private route table for all zones."""

from dataclasses import dataclass
from ipaddress import IPv4Network

from tests.adoption.estate.making import Estate
from tests.adoption.estate.state_file import Written

MODULE = "vpc"
_ANYWHERE = "0.0.0.0/0"
_HASH_OF_ANYWHERE = 1080289494
"""What the provider makes of 0.0.0.0/0 for the id of a route."""
_TARGETS = (
    "carrier_gateway_id",
    "core_network_arn",
    "destination_prefix_list_id",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
)
"""The attributes that a route has empty, but for where it leads."""
_FIRST_PRIVATE = 10
"""Public subnets are 10.1.0.0/24 to 10.1.2.0/24, private ones begin at 10.1.10.0/24."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """What others refer to."""

    vpc: Written
    public: list[Written]
    private: list[Written]
    internet_gateway: Written

    @property
    def public_ids(self) -> list[str]:
        """The public subnets, in the zones' order."""
        return [subnet["id"] for subnet in self.public]

    @property
    def private_ids(self) -> list[str]:
        """The private subnets, in the zones' order."""
        return [subnet["id"] for subnet in self.private]


def make_network(estate: Estate) -> Network:
    """Make everything of ``module.vpc``."""
    vpc = _vpc(estate)
    public = [_subnet(estate, vpc, "public", position) for position in range(len(estate.zones))]
    private = [_subnet(estate, vpc, "private", position) for position in range(len(estate.zones))]
    gateway = _internet_gateway(estate, vpc)
    nat = _nat_gateway(estate, public[0], gateway)
    tables = {
        "public": _table(estate, vpc, "public", {"gateway_id": gateway["id"]}, gateway),
        "private": _table(estate, vpc, "private", {"nat_gateway_id": nat["id"]}, nat),
    }
    for kind, subnets in (("public", public), ("private", private)):
        for position, subnet in enumerate(subnets):
            _associate(estate, kind, position, subnet, tables[kind])
    return Network(vpc=vpc, public=public, private=private, internet_gateway=gateway)


def _vpc(estate: Estate) -> Written:
    ec2, name = estate.client("ec2"), estate.prefix
    cidr = estate.facts.vpc_cidr
    made = ec2.create_vpc(CidrBlock=cidr, TagSpecifications=estate.tag_specification("vpc", name))["Vpc"]
    vpc_id = made["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": True}})
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    acl = ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"][0]
    table = ec2.describe_route_tables(Filters=of_vpc)["RouteTables"][0]
    group = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"][0]
    return estate.add(
        MODULE,
        "aws_vpc.this",
        {
            "id": vpc_id,
            "arn": estate.arn("ec2", f"vpc/{vpc_id}"),
            "cidr_block": made["CidrBlock"],
            "default_network_acl_id": acl["NetworkAclId"],
            "default_route_table_id": table["RouteTableId"],
            "default_security_group_id": group["GroupId"],
            "dhcp_options_id": made["DhcpOptionsId"],
            "enable_dns_hostnames": True,
            "enable_dns_support": True,
            "instance_tenancy": made["InstanceTenancy"],
            "main_route_table_id": table["RouteTableId"],
            "owner_id": estate.account_id,
            **estate.tags(name),
        },
    )


def subnet_cidr(estate: Estate, kind: str, position: int) -> str:
    """Return ``cidrsubnet(var.cidr, 8, n)``."""
    number = position if kind == "public" else position + _FIRST_PRIVATE
    return str(list(IPv4Network(estate.facts.vpc_cidr).subnets(prefixlen_diff=8))[number])


def _subnet(estate: Estate, vpc: Written, kind: str, position: int) -> Written:
    zone = estate.zones[position]
    name = f"{estate.prefix}-{kind}-{zone[-1]}"
    ec2 = estate.client("ec2")
    made = ec2.create_subnet(
        VpcId=vpc["id"],
        CidrBlock=subnet_cidr(estate, kind, position),
        AvailabilityZone=zone,
        TagSpecifications=estate.tag_specification("subnet", name),
    )["Subnet"]
    if kind == "public":
        ec2.modify_subnet_attribute(SubnetId=made["SubnetId"], MapPublicIpOnLaunch={"Value": True})
    return estate.add(
        MODULE,
        f"aws_subnet.{kind}",
        {
            "id": made["SubnetId"],
            "arn": made["SubnetArn"],
            "availability_zone": made["AvailabilityZone"],
            "availability_zone_id": made["AvailabilityZoneId"],
            "cidr_block": made["CidrBlock"],
            "map_public_ip_on_launch": kind == "public",
            "owner_id": estate.account_id,
            "vpc_id": vpc["id"],
            **estate.tags(name),
        },
        key=estate.key(position, zone, mixed=int),
        after=[vpc],
    )


def _internet_gateway(estate: Estate, vpc: Written) -> Written:
    ec2, name = estate.client("ec2"), estate.prefix
    made = ec2.create_internet_gateway(TagSpecifications=estate.tag_specification("internet-gateway", name))
    gateway_id = made["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc["id"])
    return estate.add(
        MODULE,
        "aws_internet_gateway.this",
        {
            "id": gateway_id,
            "arn": estate.arn("ec2", f"internet-gateway/{gateway_id}"),
            "owner_id": estate.account_id,
            "vpc_id": vpc["id"],
            **estate.tags(name),
        },
        after=[vpc],
    )


def make_address(
    estate: Estate, module: str, address: str, name: str, *, key: str | int | None = None, after: list[Written]
) -> Written:
    """Make an Elastic IP; what it is attached to is not known yet."""
    made = estate.client("ec2").allocate_address(
        Domain="vpc", TagSpecifications=estate.tag_specification("elastic-ip", name)
    )
    allocation_id, public_ip = made["AllocationId"], made["PublicIp"]
    return estate.add(
        module,
        address,
        {
            "id": allocation_id,
            "allocation_id": allocation_id,
            "arn": estate.arn("ec2", f"elastic-ip/{allocation_id}"),
            "network_border_group": estate.region,
            "public_dns": f"ec2-{public_ip.replace('.', '-')}.{estate.region}.compute.amazonaws.com",
            "public_ip": public_ip,
            **estate.tags(name),
        },
        key=key,
        after=after,
    )


def _nat_gateway(estate: Estate, subnet: Written, gateway: Written) -> Written:
    name = f"{estate.prefix}-nat"
    address = make_address(estate, MODULE, "aws_eip.nat", name, key=0, after=[gateway])
    made = estate.client("ec2").create_nat_gateway(
        SubnetId=subnet["id"],
        AllocationId=address["id"],
        TagSpecifications=estate.tag_specification("natgateway", name),
    )["NatGateway"]
    placed = made["NatGatewayAddresses"][0]
    return estate.add(
        MODULE,
        "aws_nat_gateway.this",
        {
            "id": made["NatGatewayId"],
            "allocation_id": address["id"],
            "association_id": f"eipassoc-{estate.hexadecimal(17)}",
            "connectivity_type": "public",
            "network_interface_id": placed["NetworkInterfaceId"],
            "private_ip": placed["PrivateIp"],
            "public_ip": address["public_ip"],
            "subnet_id": subnet["id"],
            **estate.tags(name),
        },
        key=0,
        after=[subnet, address, gateway],
    )


def _table(estate: Estate, vpc: Written, kind: str, target: dict[str, str], way_out: Written) -> Written:
    ec2, name = estate.client("ec2"), f"{estate.prefix}-{kind}"
    made = ec2.create_route_table(VpcId=vpc["id"], TagSpecifications=estate.tag_specification("route-table", name))
    table_id = made["RouteTable"]["RouteTableId"]
    members = {"gateway_id": "GatewayId", "nat_gateway_id": "NatGatewayId"}
    ec2.create_route(
        RouteTableId=table_id,
        DestinationCidrBlock=_ANYWHERE,
        **{members[attribute]: target_id for attribute, target_id in target.items()},
    )
    table = estate.add(
        MODULE,
        f"aws_route_table.{kind}",
        {
            "id": table_id,
            "arn": estate.arn("ec2", f"route-table/{table_id}"),
            "owner_id": estate.account_id,
            # The provider reads all of a table's routes into it, also those that are resources of their own.
            "route": [{**dict.fromkeys(_TARGETS, ""), "cidr_block": _ANYWHERE, "ipv6_cidr_block": "", **target}],
            "vpc_id": vpc["id"],
            **estate.tags(name),
        },
        after=[vpc],
    )
    estate.add(
        MODULE,
        f"aws_route.{kind}_internet",
        {
            **dict.fromkeys((*_TARGETS, "destination_ipv6_cidr_block", "instance_id", "instance_owner_id"), ""),
            **target,
            "id": f"r-{table_id}{_HASH_OF_ANYWHERE}",
            "destination_cidr_block": _ANYWHERE,
            "route_table_id": table_id,
        },
        after=[table, way_out],
    )
    return table


def _associate(estate: Estate, kind: str, position: int, subnet: Written, table: Written) -> None:
    made = estate.client("ec2").associate_route_table(RouteTableId=table["id"], SubnetId=subnet["id"])
    estate.add(
        MODULE,
        f"aws_route_table_association.{kind}",
        {
            "id": made["AssociationId"],
            "route_table_id": table["id"],
            "subnet_id": subnet["id"],
        },
        key=estate.key(position, estate.zones[position], mixed=int),
        after=[subnet, table],
    )
