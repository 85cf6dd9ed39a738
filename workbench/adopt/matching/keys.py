"""Keys: what there can be only once, and what is derived for them from other resources."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workbench.adopt.matching.estate import Estate
from workbench.adopt.matching.pairs import Pairs
from workbench.adopt.matching.values import member, scalar, scalars_at
from workbench.adopt.types import Key
from workbench.placeholders import holds_placeholder
from workbench.review.plan_document import PlannedResource

_PEERS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
_ROUTE = "aws:ec2/route:Route"
_TABLE = "aws:ec2/routeTable:RouteTable"
_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
_ALL_PROTOCOLS = "-1"


def key_of_resource(pairs: Pairs, resource: PlannedResource, key: Key) -> tuple[str, ...] | None:
    """Return the values of a resource's key; None where the program leaves a part out or it is not known."""
    return _key(key, resource.type, resource.inputs, lambda path: _of_resource(pairs, resource, path))


def key_of_item(estate: Estate, item: int, key: Key) -> tuple[str, ...] | None:
    """Return the values of an instance's key; None where the state leaves a part out."""
    found = estate.items[item]
    return _key(key, found.type, found.properties, lambda path: _of_item(estate, item, path))


def is_written_out(resource: PlannedResource, key: Key) -> bool:
    """Tell whether the program gives every part of a key without referring to another resource."""
    return all(
        scalar(value) is not None and not holds_placeholder(value)
        for value in (member(resource.inputs, path) for path in key)
    )


def _key(
    key: Key, token: str, properties: Mapping[str, Any], value: Callable[[str], str | None]
) -> tuple[str, ...] | None:
    parts: list[str] = []
    # Where a rule is for all protocols, ports mean nothing: some say 0, some -1, some nothing.
    without_ports = str(properties.get("ipProtocol")) == _ALL_PROTOCOLS
    for path in key:
        part = "" if without_ports and path in ("fromPort", "toPort") else value(path)
        if part is None:
            return None
        parts.append(_same_text(token, path, part))
    return tuple(parts)


def _same_text(token: str, path: str, text: str) -> str:
    if token.startswith("cloudflare:"):
        return text.removesuffix(".").lower()
    if path == "publicKey":
        # What follows the key is a comment, which EC2 does not keep.
        return " ".join(text.split()[:2])
    if path == "url":
        return text.removeprefix("https://")
    return text


def _of_resource(pairs: Pairs, resource: PlannedResource, path: str) -> str | None:
    if path == "peer":
        return next((pairs.value(resource, resource.inputs[name]) for name in _PEERS if name in resource.inputs), None)
    if path == "kind":
        return _kind_in_program(pairs, resource)
    return pairs.value(resource, member(resource.inputs, path))


def _of_item(estate: Estate, item: int, path: str) -> str | None:
    properties = estate.items[item].properties
    if path == "peer":
        return next((value for name in _PEERS if (value := scalar(properties.get(name))) is not None), None)
    if path == "kind":
        return _kind_in_state(estate, item)
    return scalar(member(properties, path))


def _kind_in_program(pairs: Pairs, subnet: PlannedResource) -> str | None:
    """Return whether a subnet's routes lead to an internet gateway; None where it has none."""
    tables = _pointing(pairs, _ASSOCIATION, "subnetId", subnet.urn, "routeTableId")
    routes = [route for table in tables for route in _routes_in_program(pairs, table)]
    if not routes:
        return None
    gateways = (target for route in routes for path, target in pairs.program.targets(route) if path == "gatewayId")
    return "public" if any(pairs.program.by_urn[each.urn].type == _GATEWAY for each in gateways) else "private"


def _pointing(pairs: Pairs, token: str, path: str, urn: str, other: str) -> Iterator[str]:
    """Yield the URNs at one path of the resources that refer to ``urn`` at another."""
    for each in pairs.program.by_type.get(token, ()):
        targets = list(pairs.program.targets(each))
        if any(at == path and target.urn == urn for at, target in targets):
            yield from (target.urn for at, target in targets if at == other)


def _routes_in_program(pairs: Pairs, table: str) -> Iterator[PlannedResource]:
    for each in pairs.program.by_type.get(_ROUTE, ()):
        if any(at == "routeTableId" and target.urn == table for at, target in pairs.program.targets(each)):
            yield each


def _kind_in_state(estate: Estate, subnet: int) -> str | None:
    own = estate.value(subnet, "id")
    associations = estate.having(_ASSOCIATION, "subnetId", own or "")
    tables = {estate.value(each, "routeTableId") or "" for each in associations}
    routes = [
        estate.items[each].properties for table in tables for each in estate.having(_ROUTE, "routeTableId", table)
    ]
    inline = [estate.items[each].properties for table in tables for each in estate.having(_TABLE, "id", table)]
    gateways = [*_at(routes, "gatewayId"), *_at(inline, "routes.gatewayId")]
    others = [*_at(routes, "natGatewayId"), *_at(inline, "routes.natGatewayId")]
    others += [*_at(routes, "networkInterfaceId"), *_at(inline, "routes.networkInterfaceId")]
    if any(gateway.startswith("igw-") for gateway in gateways):
        return "public"
    return "private" if others else None


def _at(structures: list[Mapping[str, Any]], path: str) -> Iterator[str]:
    return (value for each in structures for value in scalars_at(each, path))
