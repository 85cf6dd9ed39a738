"""Two small architectures, and how they are drawn.

``python -m tests.workbench.review.picture.pictures`` writes it anew. The pixels are no law: after a change that is
meant, look at the new files in a browser, and keep them.
"""

from collections.abc import Mapping
from pathlib import Path

from workbench.review.architecture.connections import INTERNET, Connection, Ports
from workbench.review.architecture.model import Architecture
from workbench.review.architecture.places import Kind, Node, Subnet
from workbench.review.picture.mermaid import mermaid
from workbench.review.picture.svg import dark_style, svg

EXPECTED = Path(__file__).with_name("expected")

_SUBNETS = tuple(
    Subnet(name=f"{name}-{zone}", zone=f"eu-west-1{zone}", cidr=f"10.0.{third}.0/24", public=name == "public")
    for third, (name, zone) in enumerate(
        [("public", "a"), ("public", "b"), ("private", "a"), ("private", "b"), ("private", "c")]
    )
)
_PUBLIC = ("public-a", "public-b")
_PRIVATE = ("private-a", "private-b", "private-c")


def _talk(source: str, target: str, *numbers: int, protocol: str = "tcp") -> Connection:
    ports = tuple(Ports(protocol=protocol, first=number, last=number) for number in numbers)
    return Connection(source=source, target=target, ports=ports)


_CROSSING = (
    Node(name=INTERNET, kind=Kind.SOURCE, facts=("everybody",)),
    Node(name="192.0.2.0/24", kind=Kind.SOURCE, facts=()),
    Node(name="203.0.113.7/32", kind=Kind.SOURCE, facts=()),
    Node(name="alb", kind=Kind.LOAD_BALANCER, facts=("Application load balancer", "HTTPS 443"), subnets=_PUBLIC),
    Node(name="nlb", kind=Kind.LOAD_BALANCER, facts=("Network",), subnets=_PUBLIC, elastic_ips=2),
    Node(name="nat", kind=Kind.NAT, facts=("NAT gateway",), subnets=_PUBLIC[:1], elastic_ips=1),
    Node(name="bastion", kind=Kind.HOST, facts=("EC2 t3.micro",), subnets=_PUBLIC[1:], elastic_ips=1),
    Node(name="inner-host", kind=Kind.HOST, facts=(), subnets=_PRIVATE[:1]),
    Node(name="web", kind=Kind.SERVICE, facts=("ECS Fargate", "1 vCPU, 2 GiB"), subnets=_PRIVATE),
    Node(name="api", kind=Kind.SERVICE, facts=("ECS Fargate",), subnets=_PRIVATE),
    Node(name="exactly-seventeen", kind=Kind.SERVICE, facts=(), subnets=_PRIVATE[:2]),
    Node(name="one-over-seventeen", kind=Kind.SERVICE, facts=(), subnets=_PUBLIC),
    Node(name="cache", kind=Kind.STORE, facts=("Redis 7.1",), subnets=_PRIVATE),
    Node(name="database", kind=Kind.STORE, facts=("Aurora", "0.5 to 2 ACU", "1 instance"), subnets=_PRIVATE),
    Node(name="open-store", kind=Kind.STORE, facts=("Aurora",), subnets=_PUBLIC),
)


def crossing() -> Architecture:
    """Return every kind of node, with connections down, up, across and past a row, and from outside."""
    talks = (
        _talk(INTERNET, "alb", 80, 443),
        _talk(INTERNET, "nlb", 443),
        _talk(INTERNET, "bastion", 51820, protocol="udp"),
        _talk(INTERNET, "one-over-seventeen", 443),
        _talk("192.0.2.0/24", "bastion", 22),
        _talk("192.0.2.0/24", "open-store", 3306),
        _talk("203.0.113.7/32", "open-store", 3306),
        # In the order in which the services do not stand.
        _talk("alb", "api", 3000),
        _talk("alb", "exactly-seventeen", 3022, 3023, 3024),
        _talk("nlb", "web", 80, 443),
        _talk("bastion", "cache", 6379),
        _talk("bastion", "database", 3306),
        _talk("bastion", "web", 8080),
        _talk("web", "cache", 6379),
        _talk("web", "open-store", 3306),
        _talk("api", "database", 3306),
        _talk("api", "cache", 6379),
        _talk("exactly-seventeen", "database", 3306),
        _talk("exactly-seventeen", "cache", 6380),
        _talk("inner-host", "api", 3000),
        _talk("cache", "inner-host", 9000),
        _talk("web", INTERNET, 443),
        _talk("api", INTERNET, 443, 587),
        # Of a group that nothing stands in.
        _talk("10.0.0.0/16", "database", 3306),
    )
    return Architecture(
        stack="crossing", region="eu-west-1", vpc_cidr="10.0.0.0/16", internet_gateway=True,
        gateway_endpoints=("s3", "dynamodb"), subnets=_SUBNETS, nodes=_CROSSING, connections=tuple(sorted(talks)),
    )  # fmt: skip


def closed() -> Architecture:
    """Return what nobody reaches from outside: more stores than services, most of them talked to by nobody."""
    nodes = (
        Node(name="jobs", kind=Kind.SERVICE, facts=("ECS Fargate",), subnets=_PRIVATE[:1]),
        *(Node(name=name, kind=Kind.STORE, facts=(), subnets=_PRIVATE[1:]) for name in ("a", "b", "c")),
    )
    return Architecture(
        stack="closed", region="eu-west-1", vpc_cidr="10.0.0.0/16", internet_gateway=True, gateway_endpoints=(),
        subnets=_SUBNETS[2:], nodes=nodes, connections=(_talk("jobs", "c", 6379), _talk("jobs", INTERNET, 443)),
    )  # fmt: skip


def drawn() -> Mapping[str, str]:
    """Return the text of each expected file, an element of SVG a line."""
    pictures = {"crossing": crossing(), "closed": closed()}
    return {
        **{f"{name}.svg": svg(one).replace("><", ">\n<") for name, one in pictures.items()},
        **{f"{name}.mmd": mermaid(one) for name, one in pictures.items()},
        "dark.css": dark_style(),
    }


if __name__ == "__main__":
    EXPECTED.mkdir(exist_ok=True)
    for file, text in drawn().items():
        (EXPECTED / file).write_text(text, encoding="utf-8")
