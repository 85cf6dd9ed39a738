"""Connections that the recorded security groups allow.

A connection needs two rules: the one that lets it out of its source and the one that lets it into its target. What
only one side allows does not exist here, as on AWS. Address ranges outside the VPC need the target's rule alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.evaluate import Evaluation
from workbench.placeholders import reference, references
from workbench.review.architecture.places import plain_name, short_name

INTERNET = "Internet"
_EVERYWHERE = ("0.0.0.0/0", "::/0")
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_ADDRESS = "aws:ec2/eip:Eip"
_NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
_PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
_DIRECTIONS = ("ingress", "egress")
_ANY = ("-1", "all")
"""The names of every protocol in a rule."""


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

    ``node_of`` names the node that has a security group, by the group's logical name. Prefix lists of the program's
    own are outside, by their components' names. Peers that are AWS's lists or groups of nobody are left out: neither is
    a place of the picture.
    """
    addresses = {
        **{one.name: short_name(evaluation, one) for one in evaluation.of_type(_ADDRESS)},
        **{one.name: plain_name(evaluation, one.name) for one in evaluation.of_type(_NAT_GATEWAY)},
    }
    rules = [_with_named_address(rule, addresses) for rule in _rules(evaluation)]
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


def _rules(evaluation: Evaluation) -> Iterator[_Rule]:
    """Yield every rule: as a resource with one peer, as one with several, and as a part of its group."""
    lists = {one.name: short_name(evaluation, one) for one in evaluation.of_type(_PREFIX_LIST)}
    for type_token in (_INGRESS, _EGRESS):
        for resource in evaluation.of_type(type_token):
            inputs = resource.inputs
            peers = [inputs.get(name) for name in ("referencedSecurityGroupId", "cidrIpv4", "cidrIpv6")]
            peers += _of_lists(lists, [inputs.get("prefixListId")])
            ports = _ports(inputs, f"{inputs.get('ipProtocol')}")
            yield from _to_peers(type_token == _INGRESS, _name(inputs.get("securityGroupId")), peers, ports)
    for resource in evaluation.of_type(_RULE):
        inputs = resource.inputs
        several: list[str | None] = [inputs.get("sourceSecurityGroupId"), *_peers(inputs, lists)]
        ports = _ports(inputs, f"{inputs.get('protocol')}")
        yield from _to_peers(inputs.get("type") == "ingress", _name(inputs.get("securityGroupId")), several, ports)
    for resource in evaluation.of_type(_GROUP):
        for direction in _DIRECTIONS:
            rules: list[Mapping[str, Any]] = resource.inputs.get(direction) or []
            for rule in rules:
                named: list[str | None] = [*(rule.get("securityGroups") or []), *_peers(rule, lists)]
                ports = _ports(rule, f"{rule.get('protocol')}")
                yield from _to_peers(direction == "ingress", resource.name, named, ports)


def _with_named_address(rule: _Rule, addresses: Mapping[str, str]) -> _Rule:
    """Return a rule for one of the program's own public addresses with the name of whose it is.

    AWS alone knows the number.
    """
    named = next((addresses[one.name] for one in references(rule.peer) if one.name in addresses), None)
    return rule if named is None else replace(rule, peer=named)


def _to_peers(ingress: bool, group: str, peers: Iterable[str | None], ports: Ports) -> Iterator[_Rule]:
    for peer in peers:
        if peer is not None:
            other = reference(peer)
            name = other.name if other else INTERNET if peer in _EVERYWHERE else peer
            yield _Rule(ingress=ingress, group=group, peer=name, outside=other is None, ports=ports)


def _peers(inputs: Mapping[str, Any], lists: Mapping[str, str]) -> list[str]:
    """Return the address ranges and the lists of them in a rule that may have several."""
    ranges: list[str] = [*(inputs.get("cidrBlocks") or []), *(inputs.get("ipv6CidrBlocks") or [])]
    return [*ranges, *_of_lists(lists, inputs.get("prefixListIds") or [])]


def _of_lists(lists: Mapping[str, str], ids: Iterable[object]) -> list[str]:
    """Return the names of the program's own prefix lists among ids."""
    found = [reference(one) for one in ids]
    return [lists[one.name] for one in found if one is not None and one.name in lists]


def _name(group: object) -> str:
    """Return the logical name of a group, or the id of one that the program does not make."""
    found = reference(group)
    return found.name if found else f"{group}"


def _ports(inputs: Mapping[str, Any], protocol: str) -> Ports:
    if protocol in _ANY:
        return Ports(protocol="-1", first=0, last=65535)
    ports = [port for port in (inputs.get("fromPort"), inputs.get("toPort")) if isinstance(port, int)]
    # A port that only AWS knows, or none, as of ICMP: nothing narrower than all of them is known.
    first, last = ports if len(ports) == 2 else (0, 65535)
    return Ports(protocol=protocol, first=first, last=last)


def _lets_out(let_out: Iterable[tuple[str, str, Ports]], rule: _Rule) -> bool:
    return any(
        group == rule.peer and peer in (rule.group, INTERNET) and rule.ports.within(ports)
        for group, peer, ports in let_out
    )
