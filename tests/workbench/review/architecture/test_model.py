import pulumi_aws as aws
import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.switches import NAT_INSTANCE, with_switch
from workbench.evaluate import evaluate
from workbench.review.architecture.model import Architecture, architecture
from workbench.review.architecture.places import Kind
from workbench.review.picture.mermaid import mermaid
from workbench.review.picture.svg import svg

REGIONS = {"production": "ap-south-1", "staging": "ap-southeast-1"}
EVERYWHERE = "abc"


def drawn(stack: str) -> Architecture:
    return architecture(evaluation_of(stack), REGIONS[stack])


def zones(stack: str) -> dict[str, str]:
    found = drawn(stack)
    return {
        node.name: "".join(zone.removeprefix(REGIONS[stack]) for zone in found.zones_of(node))
        for node in found.nodes
        if node.kind is not Kind.SOURCE
    }


@pytest.mark.parametrize("stack", STACKS)
def test_everything_with_an_address_is_there_with_its_zones(stack: str) -> None:
    assert zones(stack) == {
        "alb-customer": EVERYWHERE,
        "alb-nova": EVERYWHERE,
        "alb-orion": EVERYWHERE,
        "nlb-storefront": EVERYWHERE,
        "network-nat-a": "a",
        "bastion": "a",
        "customer-panel": EVERYWHERE,
        "events-consumer": EVERYWHERE,
        "fastify-nova": EVERYWHERE,
        "internal-tools": EVERYWHERE,
        "orion-backend": EVERYWHERE,
        "storefront": EVERYWHERE,
        "aurora": EVERYWHERE,
        "caddy": EVERYWHERE,
        "clickhouse": "a",
        "redis": EVERYWHERE,
    }


def test_public_is_what_a_route_to_the_internet_gateway_makes_so() -> None:
    public = {stack: [node.name for node in drawn(stack).nodes if drawn(stack).is_public(node)] for stack in STACKS}
    entries = ["alb-customer", "alb-nova", "alb-orion", "nlb-storefront", "network-nat-a", "bastion"]
    assert public == {"production": entries, "staging": [*entries, "aurora"]}
    assert [(subnet.zone, subnet.cidr) for subnet in drawn("production").subnets if subnet.public] == [
        ("ap-south-1a", "10.0.0.0/20"),
        ("ap-south-1b", "10.0.16.0/20"),
        ("ap-south-1c", "10.0.32.0/20"),
    ]


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


def test_facts_and_addresses_are_what_the_program_asks_for() -> None:
    nodes = {node.name: node for node in drawn("production").nodes}
    assert {name: node.elastic_ips for name, node in nodes.items() if node.elastic_ips} == {
        "nlb-storefront": 3,
        "network-nat-a": 1,
        "bastion": 1,
    }
    assert nodes["fastify-nova"].facts == ("ECS Fargate", "1 vCPU, 2 GiB", "1 to 4 tasks")
    assert nodes["events-consumer"].facts == ("ECS Fargate", "0.25 vCPU, 0.5 GiB", "1 task")
    assert nodes["aurora"].facts == ("Aurora MySQL", "0.5 to 8 ACU", "1 instance")
    assert nodes["redis"].facts == ("Redis 7.1", "cache.t4g.small")
    assert nodes["clickhouse"].facts == ("EC2 t3.medium", "50 GiB gp3")
    assert nodes["clickhouse"].kind is Kind.STORE
    assert nodes["caddy"].facts == ("EFS file system", "3 mount targets")
    assert nodes["alb-nova"].facts == ("Application load balancer", "HTTP 80, HTTPS 443")
    assert nodes["bastion"].facts == ("EC2 t3.micro",)


def test_instance_that_forwards_is_the_way_out() -> None:
    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        subnet = aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.0.0.0/24", availability_zone="eu-west-1a")
        aws.ec2.Instance("nat", ami="ami-1", instance_type="t4g.nano", subnet_id=subnet.id, source_dest_check=False)

    (node,) = architecture(evaluate(program), "eu-west-1").nodes
    assert (node.name, node.kind, node.facts) == ("nat", Kind.NAT, ("EC2 t4g.nano",))


@pytest.mark.parametrize(
    ("gateways", "ways_out", "hosts"),
    [
        ("none", ["network-nat"], ["bastion"]),
        # While a gateway is the way out, the instance only stands by.
        ("single", ["network-nat-a"], ["bastion", "network-nat"]),
    ],
)
def test_nat_instance_is_drawn_as_the_way_out_where_routes_lead_to_it(
    gateways: str, ways_out: list[str], hosts: list[str]
) -> None:
    evaluation = with_switch("production", {**NAT_INSTANCE, "network/nat_gateways": gateways})
    nodes = architecture(evaluation, "ap-south-1").nodes
    assert sorted(node.name for node in nodes if node.kind is Kind.NAT) == ways_out
    assert sorted(node.name for node in nodes if node.kind is Kind.HOST) == hosts
    (instance,) = [node for node in nodes if node.name == "network-nat"]
    assert (instance.facts, instance.elastic_ips) == (("EC2 t4g.micro",), 1)


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
