"""Who may talk to whom, from the recorded security groups.

A connection needs two rules: the one that lets it out of its source and the one that lets it into its target. What
only one side allows does not exist here, as on AWS. Address ranges outside the VPC need the target's rule alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.evaluate import Evaluation, RecordedResource
from workbench.placeholders import reference

INTERNET = "Internet"
_EVERYWHERE = ("0.0.0.0/0", "::/0")
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


@dataclass(frozen=True, kw_only=True, order=True)
class Ports:
    """A range of ports of one protocol; ``-1`` as protocol means any, and then no port is named."""

    protocol: str
    first: int
    last: int

    @property
    def text(self) -> str:
        """As an operator writes it: ``3306``, ``8000-8100``, ``51820/udp``, ``any``."""
        if self.protocol == "-1":
            return "any"
        span = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return span if self.protocol == "tcp" else f"{span}/{self.protocol}"

    def within(self, other: "Ports") -> bool:
        """Tell whether ``other`` allows all of these."""
        return other.protocol == "-1" or (
            self.protocol == other.protocol and other.first <= self.first and self.last <= other.last
        )


@dataclass(frozen=True, kw_only=True, order=True)
class Connection:
    """One direction of talk. TCP's answers come back by themselves."""

    source: str
    """A node's name, an address range, or :data:`INTERNET`."""
    target: str
    ports: tuple[Ports, ...]
    """Sorted."""

    @property
    def ports_text(self) -> tuple[str, ...]:
        """The ports as an operator writes them."""
        return tuple(ports.text for ports in self.ports)


def connections(evaluation: Evaluation, node_of: Mapping[str, str]) -> list[Connection]:
    """Return the connections between nodes, and those with the world outside.

    ``node_of`` names the node that has a security group, by the group's logical name. Peers that are prefix lists or
    groups of nobody are left out: neither is a place of the picture.
    """
    rules = [*_rules(evaluation, _INGRESS), *_rules(evaluation, _EGRESS)]
    let_out = [(rule.group, rule.peer, rule.ports) for rule in rules if not rule.ingress]
    found: dict[tuple[str, str], set[Ports]] = {}

    def add(source: str, target: str, ports: Ports) -> None:
        found.setdefault((source, target), set()).add(ports)

    for rule in rules:
        own = node_of.get(rule.group)
        peer = node_of.get(rule.peer, rule.peer if rule.outside else None)
        if own is None or peer is None:
            continue
        if not rule.ingress and rule.outside:
            add(own, peer, rule.ports)
        elif rule.ingress and (rule.outside or _lets_out(let_out, rule)):
            add(peer, own, rule.ports)
    return sorted(Connection(source=s, target=t, ports=tuple(sorted(ports))) for (s, t), ports in found.items())


@dataclass(frozen=True, kw_only=True)
class _Rule:
    ingress: bool
    group: str
    peer: str
    """The logical name of a group, an address range, or the internet."""
    outside: bool
    ports: Ports


def _rules(evaluation: Evaluation, type_token: str) -> Iterator[_Rule]:
    for resource in evaluation.of_type(type_token):
        inputs = resource.inputs
        group = reference(inputs.get("referencedSecurityGroupId"))
        cidr = inputs.get("cidrIpv4") or inputs.get("cidrIpv6")
        peer = group.name if group else INTERNET if cidr in _EVERYWHERE else cidr
        if peer is not None:
            yield _Rule(
                ingress=type_token == _INGRESS,
                group=_own_group(resource),
                peer=peer,
                outside=group is None,
                ports=_ports(inputs),
            )


def _own_group(resource: RecordedResource) -> str:
    group = reference(resource.inputs["securityGroupId"])
    return group.name if group else resource.inputs["securityGroupId"]


def _ports(inputs: Mapping[str, Any]) -> Ports:
    protocol = str(inputs["ipProtocol"])
    if protocol == "-1":
        return Ports(protocol=protocol, first=0, last=65535)
    return Ports(protocol=protocol, first=int(inputs["fromPort"]), last=int(inputs["toPort"]))


def _lets_out(let_out: Iterable[tuple[str, str, Ports]], rule: _Rule) -> bool:
    return any(
        group == rule.peer and peer in (rule.group, INTERNET) and rule.ports.within(ports)
        for group, peer, ports in let_out
    )
