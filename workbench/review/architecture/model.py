"""The architecture of a stack, from its recorded resources: zones, subnets, what stands where, who may talk to whom.

Nothing here knows the platform: what is shown follows from types, references between resources and security groups.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from workbench.evaluate import Evaluation
from workbench.review.architecture.connections import INTERNET, Connection, connections
from workbench.review.architecture.places import Kind, Node, Subnet, places, subnets


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """All that a picture shows."""

    stack: str
    region: str
    vpc_cidr: str
    internet_gateway: bool
    gateway_endpoints: tuple[str, ...]
    """The services that are reached without NAT, e.g. ``s3``."""
    subnets: tuple[Subnet, ...]
    """By zone, the public ones first."""
    nodes: tuple[Node, ...]
    connections: tuple[Connection, ...]

    @property
    def drawn(self) -> tuple[Connection, ...]:
        """The connections between nodes: those that a picture has arrows for."""
        names = {node.name for node in self.nodes}
        return tuple(talk for talk in self.connections if {talk.source, talk.target} <= names | {INTERNET})

    @property
    def zones(self) -> tuple[str, ...]:
        """The availability zones in order."""
        return tuple(sorted({subnet.zone for subnet in self.subnets}))

    def is_public(self, node: Node) -> bool:
        """Tell whether a node stands in public subnets."""
        public = {subnet.name for subnet in self.subnets if subnet.public}
        return bool(node.subnets) and set(node.subnets) <= public

    def zones_of(self, node: Node) -> tuple[str, ...]:
        """Return the zones that a node stands in or may stand in."""
        return tuple(sorted({subnet.zone for subnet in self.subnets if subnet.name in node.subnets}))


def architecture(evaluation: Evaluation, region: str) -> Architecture:
    """Return what the recorded resources say of a stack's network and of what stands in it.

    Raises:
        LookupError: when the program makes no VPC, or more than one.
    """
    vpc = evaluation.one("aws:ec2/vpc:Vpc")
    found = places(evaluation)
    talks = connections(evaluation, {group: place.node.name for place in found for group in place.security_groups})
    # A range of the VPC itself stands for many nodes at once, which have their own places already.
    cidr = f"{vpc.inputs.get('cidrBlock', '')}"
    own = _network(cidr)
    sources = sorted(
        source
        for source in {talk.source for talk in talks} - {place.node.name for place in found}
        if source == INTERNET or own is None or not _within(source, own)
    )
    outside = [Node(name=name, kind=Kind.SOURCE, facts=("everybody",) if name == INTERNET else ()) for name in sources]
    return Architecture(
        stack=evaluation.stack,
        region=region,
        vpc_cidr=cidr,
        internet_gateway=bool(evaluation.of_type("aws:ec2/internetGateway:InternetGateway")),
        gateway_endpoints=tuple(
            endpoint.inputs["serviceName"].rpartition(".")[2]
            for endpoint in evaluation.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
            if endpoint.inputs.get("vpcEndpointType") == "Gateway"
        ),
        subnets=subnets(evaluation),
        nodes=(*outside, *(place.node for place in found)),
        connections=tuple(talks),
    )


def _network(text: str) -> IPv4Network | IPv6Network | None:
    """Return an address range; None where it is left out, or known by AWS alone."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _within(text: str, network: IPv4Network | IPv6Network) -> bool:
    inner = _network(text)
    if isinstance(inner, IPv4Network) and isinstance(network, IPv4Network):
        return inner.subnet_of(network)
    return False
