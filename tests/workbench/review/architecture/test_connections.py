from collections.abc import Callable

import pulumi_aws as aws

from tests.support import sample
from workbench.evaluate import evaluate
from workbench.review.architecture.connections import INTERNET, Connection, Ports, connections
from workbench.review.architecture.model import architecture

TCP = "tcp"


def found(program: Callable[[aws.ec2.SecurityGroup, aws.ec2.SecurityGroup], object]) -> list[tuple[str, str, str]]:
    def whole() -> None:
        program(aws.ec2.SecurityGroup("a-sg"), aws.ec2.SecurityGroup("b-sg"))

    made = connections(evaluate(whole), {"a-sg": "a", "b-sg": "b"})
    return [(each.source, each.target, " ".join(each.ports_text)) for each in made]


def let_in(
    into: aws.ec2.SecurityGroup, *, peer: aws.ec2.SecurityGroup | str, first: int, last: int, protocol: str = TCP
) -> None:
    cidr, group = (peer, None) if isinstance(peer, str) else (None, peer.id)
    aws.vpc.SecurityGroupIngressRule(
        f"in-{first}", security_group_id=into.id, ip_protocol=protocol, from_port=first, to_port=last,
        cidr_ipv4=cidr, referenced_security_group_id=group,
    )  # fmt: skip


def let_out(
    of: aws.ec2.SecurityGroup, *, peer: aws.ec2.SecurityGroup | str, first: int, last: int, protocol: str = TCP
) -> None:
    cidr, group = (peer, None) if isinstance(peer, str) else (None, peer.id)
    aws.vpc.SecurityGroupEgressRule(
        f"out-{first}", security_group_id=of.id, ip_protocol=protocol, from_port=first, to_port=last,
        cidr_ipv4=cidr, referenced_security_group_id=group,
    )  # fmt: skip


def test_both_sides_have_to_allow_a_connection() -> None:
    def program(a: aws.ec2.SecurityGroup, b: aws.ec2.SecurityGroup) -> None:
        let_in(b, peer=a, first=80, last=80)
        let_in(b, peer=a, first=443, last=443)
        let_out(a, peer=b, first=443, last=443)
        let_out(a, peer=b, first=22, last=22)

    assert found(program) == [("a", "b", "443")]


def test_what_may_go_anywhere_may_go_to_a_neighbour() -> None:
    def program(a: aws.ec2.SecurityGroup, b: aws.ec2.SecurityGroup) -> None:
        let_in(b, peer=a, first=8000, last=8010)
        let_out(a, peer="0.0.0.0/0", first=8000, last=9000)

    assert found(program) == [("a", INTERNET, "8000-9000"), ("a", "b", "8000-8010")]


def test_wider_than_what_the_source_may_is_no_connection() -> None:
    def program(a: aws.ec2.SecurityGroup, b: aws.ec2.SecurityGroup) -> None:
        let_in(b, peer=a, first=8000, last=9000)
        let_out(a, peer=b, first=8000, last=8010)
        let_in(b, peer=a, first=53, last=53, protocol="udp")
        let_out(a, peer=b, first=53, last=53)

    assert found(program) == []


def test_ranges_outside_need_only_to_be_let_in() -> None:
    def program(a: aws.ec2.SecurityGroup, b: aws.ec2.SecurityGroup) -> None:
        let_in(a, peer="203.0.113.0/24", first=22, last=22)
        let_in(b, peer="0.0.0.0/0", first=51820, last=51820, protocol="udp")

    assert found(program) == [("203.0.113.0/24", "a", "22"), (INTERNET, "b", "51820/udp")]


def test_a_public_address_of_the_programs_own_is_whose_it_is() -> None:
    def program(a: aws.ec2.SecurityGroup, _b: aws.ec2.SecurityGroup) -> None:
        gateway = aws.ec2.NatGateway("way-out", subnet_id="subnet-1")
        aws.vpc.SecurityGroupIngressRule(
            "in", security_group_id=a.id, ip_protocol=TCP, from_port=8443, to_port=8443,
            cidr_ipv4=gateway.public_ip.apply(lambda address: f"{address}/32"),
        )  # fmt: skip

    assert found(program) == [("way-out", "a", "8443")]


def test_prefix_list_of_the_program_stands_outside_under_its_name_and_awss_own_nowhere() -> None:
    def program() -> None:
        a = aws.ec2.SecurityGroup("a-sg")
        edge = aws.ec2.ManagedPrefixList("edge", address_family="IPv4", max_entries=3)
        aws.vpc.SecurityGroupIngressRule(
            "in", security_group_id=a.id, ip_protocol=TCP, from_port=443, to_port=443, prefix_list_id=edge.id
        )
        aws.vpc.SecurityGroupEgressRule(
            "out", security_group_id=a.id, ip_protocol=TCP, from_port=443, to_port=443, prefix_list_id="pl-6ea54007"
        )
        rule = aws.ec2.SecurityGroupIngressArgs(
            protocol=TCP, from_port=80, to_port=80, prefix_list_ids=[edge.id, "pl-6ea54007"]
        )
        aws.ec2.SecurityGroup("c-sg", ingress=[rule])

    made = connections(evaluate(program), {"a-sg": "a", "c-sg": "c"})
    assert [(each.source, each.target, each.ports_text) for each in made] == [
        ("edge", "a", ("443",)),
        ("edge", "c", ("80",)),
    ]


def test_any_protocol_covers_all() -> None:
    everything = Ports(protocol="-1", first=0, last=65535)
    assert everything.text == "any"
    assert Ports(protocol="udp", first=53, last=53).within(everything)
    assert not everything.within(Ports(protocol="tcp", first=0, last=65535))


def test_all_of_a_stack_talk_as_their_groups_let_them() -> None:
    drawn = architecture(sample.evaluation_of(sample.OWNER), sample.REGIONS[sample.OWNER])
    assert {(talk.source, talk.target): " ".join(talk.ports_text) for talk in drawn.connections} == {
        (INTERNET, "alb-web"): "80 443",
        ("alb-web", "web"): "8080",
        ("web", "aurora"): "3306",
        ("worker", "redis"): "6379",
        ("worker", "clickhouse"): "8123 9000",
        ("tools", "redis"): "6379",
        **{(source, INTERNET): "443" for source in ("web", "worker", "tools", "clickhouse")},
    }


def test_connections_sort_by_where_they_come_from() -> None:
    ports = (Ports(protocol=TCP, first=1, last=1),)
    first, second = (Connection(source=source, target="z", ports=ports) for source in ("a", "b"))
    assert sorted([second, first]) == [first, second]
