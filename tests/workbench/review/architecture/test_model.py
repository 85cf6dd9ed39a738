import pulumi_aws as aws
import pytest

from tests.support import sample
from workbench.evaluate import evaluate
from workbench.review.architecture.model import architecture
from workbench.review.architecture.places import Kind
from workbench.review.picture.mermaid import mermaid
from workbench.review.picture.svg import svg


def test_everything_with_an_address_is_there_with_its_zones_and_what_the_program_asks_for() -> None:
    region = sample.REGIONS[sample.OWNER]
    found = architecture(sample.evaluation_of(sample.OWNER), region)
    assert {
        node.name: (node.kind, "".join(zone.removeprefix(region) for zone in found.zones_of(node)), node.facts)
        for node in found.nodes
    } == {
        "Internet": (Kind.SOURCE, "", ("everybody",)),
        "alb-web": (Kind.LOAD_BALANCER, "ab", ("Application load balancer", "HTTP 80, HTTPS 443")),
        "network-nat-a": (Kind.NAT, "a", ("NAT gateway",)),
        "web": (Kind.SERVICE, "ab", ("ECS Fargate", "0.5 vCPU, 1 GiB", "1 to 3 tasks")),
        "worker": (Kind.SERVICE, "ab", ("ECS Fargate", "0.5 vCPU, 1 GiB", "1 task")),
        "tools": (Kind.SERVICE, "ab", ("ECS Fargate", "0.25 vCPU, 0.5 GiB", "1 task")),
        "aurora": (Kind.STORE, "ab", ("Aurora MySQL", "0.5 to 4 ACU", "1 instance")),
        "redis": (Kind.STORE, "ab", ("Redis 7.1", "cache.t4g.small")),
        "clickhouse": (Kind.STORE, "a", ("EC2 t4g.small", "10 GiB gp3")),
    }
    assert {node.name: node.elastic_ips for node in found.nodes if node.elastic_ips} == {"network-nat-a": 1}
    assert [node.name for node in found.nodes if found.is_public(node)] == ["alb-web", "network-nat-a"]
    assert [(subnet.zone, subnet.cidr) for subnet in found.subnets if subnet.public] == [
        ("ap-south-1a", "10.20.0.0/20"),
        ("ap-south-1b", "10.20.16.0/20"),
    ]


def test_entrances_with_fixed_addresses_and_public_stores_are_drawn() -> None:
    def program() -> None:
        network = vpc_with_subnets("a", "b")
        entrance = aws.lb.LoadBalancer(
            "entrance",
            name="nlb-shop",
            load_balancer_type="network",
            subnet_mappings=[
                aws.lb.LoadBalancerSubnetMappingArgs(subnet_id=subnet.id, allocation_id=aws.ec2.Eip(f"ip-{zone}").id)
                for zone, subnet in network.items()
            ],
        )
        aws.lb.Listener("tls", load_balancer_arn=entrance.arn, port=443, protocol="TCP", default_actions=[])
        host = aws.ec2.Instance("bastion", ami="ami-1", instance_type="t3.micro", subnet_id=network["a"].id)
        aws.ec2.EipAssociation("bastion-ip", instance_id=host.id, allocation_id="eipalloc-1")
        files = aws.efs.FileSystem("files")
        for zone, subnet in network.items():
            aws.efs.MountTarget(f"files-{zone}", file_system_id=files.id, subnet_id=subnet.id)
        group = aws.rds.SubnetGroup("group", subnet_ids=[subnet.id for subnet in network.values()])
        aws.rds.Cluster("database", engine="aurora-mysql", db_subnet_group_name=group.name)

    found = architecture(evaluate(program), "eu-west-1")
    assert [(node.name, node.facts, node.elastic_ips) for node in found.nodes] == [
        ("nlb-shop", ("Network load balancer", "TCP 443"), 2),
        ("bastion", ("EC2 t3.micro",), 1),
        ("database", ("Aurora MySQL", "provisioned", "0 instances"), 0),
        ("files", ("EFS file system", "2 mount targets"), 0),
    ]
    assert [(len(found.zones_of(node)), found.is_public(node)) for node in found.nodes] == [
        (2, True),
        (1, True),
        (2, True),
        (2, True),
    ]


def vpc_with_subnets(*zones: str) -> dict[str, aws.ec2.Subnet]:
    """Make a VPC with a subnet in each zone, all of them public."""
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    way_out = aws.ec2.RouteTableRouteArgs(
        cidr_block="0.0.0.0/0", gateway_id=aws.ec2.InternetGateway("internet", vpc_id=vpc.id).id
    )
    table = aws.ec2.RouteTable("routes", vpc_id=vpc.id, routes=[way_out])
    made = {
        zone: aws.ec2.Subnet(
            f"subnet-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone=f"eu-west-1{zone}"
        )
        for number, zone in enumerate(zones)
    }
    for zone, subnet in made.items():
        aws.ec2.RouteTableAssociation(f"in-{zone}", route_table_id=table.id, subnet_id=subnet.id)
    return made


def test_route_to_another_gateway_makes_no_subnet_public() -> None:
    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        gateways = {
            "internet": aws.ec2.InternetGateway("internet", vpc_id=vpc.id).id,
            "office": aws.ec2.VpnGateway("office", vpc_id=vpc.id).id,
        }
        for number, (name, gateway) in enumerate(gateways.items()):
            subnet = aws.ec2.Subnet(
                f"to-{name}", vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone="eu-west-1a"
            )
            table = aws.ec2.RouteTable(f"{name}-routes", vpc_id=vpc.id)
            aws.ec2.Route(
                f"{name}-route", route_table_id=table.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway
            )
            aws.ec2.RouteTableAssociation(f"{name}-association", route_table_id=table.id, subnet_id=subnet.id)

    found = architecture(evaluate(program), "eu-west-1")
    assert [(subnet.name, subnet.public) for subnet in found.subnets] == [("to-internet", True), ("to-office", False)]


def test_database_instance_is_a_store_with_its_engine_size_and_disk() -> None:
    def program() -> None:
        made = vpc_with_subnets("a", "b")
        group = aws.rds.SubnetGroup("group", subnet_ids=[subnet.id for subnet in made.values()])
        aws.rds.Instance(
            "orders",
            engine="postgres",
            engine_version="16.11",
            instance_class="db.t4g.medium",
            multi_az=True,
            allocated_storage=100,
            storage_type="gp3",
            db_subnet_group_name=group.name,
        )

    found = architecture(evaluate(program), "eu-west-1")
    (node,) = found.nodes
    assert (node.name, node.kind, node.facts) == (
        "orders",
        Kind.STORE,
        ("PostgreSQL 16.11", "db.t4g.medium, Multi-AZ", "100 GiB gp3"),
    )
    assert len(found.zones_of(node)) == 2


def test_instance_that_forwards_is_the_way_out() -> None:
    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        subnet = aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.0.0.0/24", availability_zone="eu-west-1a")
        aws.ec2.Instance("nat", ami="ami-1", instance_type="t4g.nano", subnet_id=subnet.id, source_dest_check=False)

    (node,) = architecture(evaluate(program), "eu-west-1").nodes
    assert (node.name, node.kind, node.facts) == ("nat", Kind.NAT, ("EC2 t4g.nano",))


@pytest.mark.parametrize(
    ("through_gateway", "ways_out", "hosts"),
    # While a gateway is the way out, the instance only stands by.
    [(False, ["nat"], []), (True, ["gateway"], ["nat"])],
)
def test_nat_instance_is_drawn_as_the_way_out_where_routes_lead_to_it(
    through_gateway: bool, ways_out: list[str], hosts: list[str]
) -> None:
    def program() -> None:
        subnet = vpc_with_subnets("a")["a"]
        nat = aws.ec2.Instance(
            "nat", ami="ami-1", instance_type="t4g.nano", subnet_id=subnet.id, source_dest_check=False
        )
        gateway = aws.ec2.NatGateway("gateway", subnet_id=subnet.id) if through_gateway else None
        aws.ec2.Route(
            "out",
            route_table_id="rtb-private",
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=gateway and gateway.id,
            network_interface_id=None if gateway else nat.primary_network_interface_id,
        )

    nodes = architecture(evaluate(program), "eu-west-1").nodes
    assert [node.name for node in nodes if node.kind is Kind.NAT] == ways_out
    assert [node.name for node in nodes if node.kind is Kind.HOST] == hosts


def test_range_of_the_vpc_itself_is_no_place_outside() -> None:
    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        subnet = aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.0.0.0/24", availability_zone="eu-west-1a")
        group = aws.ec2.SecurityGroup("nat-sg", vpc_id=vpc.id)
        aws.ec2.Instance(
            "nat", ami="ami-1", instance_type="t4g.nano", subnet_id=subnet.id, vpc_security_group_ids=[group.id]
        )
        for cidr in ("10.0.128.0/17", "10.1.0.0/16"):
            aws.vpc.SecurityGroupIngressRule(
                cidr, security_group_id=group.id, ip_protocol="tcp", from_port=443, to_port=443, cidr_ipv4=cidr
            )

    found = architecture(evaluate(program), "eu-west-1")
    assert [node.name for node in found.nodes] == ["10.1.0.0/16", "nat"]
    assert [talk.source for talk in found.connections] == ["10.0.128.0/17", "10.1.0.0/16"]
    assert [talk.source for talk in found.drawn] == ["10.1.0.0/16"]
    assert "10.0.128.0/17" not in svg(found) + mermaid(found)


def test_program_without_one_vpc_has_no_picture() -> None:
    with pytest.raises(LookupError, match=r"aws:ec2/vpc:Vpc: 0 found"):
        architecture(evaluate(lambda: None), "eu-west-1")
