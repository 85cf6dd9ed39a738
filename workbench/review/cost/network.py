"""Load balancers, gateways, endpoints and public IPv4 addresses. What flows through them is in ``shared``."""

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.review.cost.plan import Charge, Finding, Plan, Resource, Unknown
from workbench.review.cost.quantity import HOURS, Quantity

_ADDRESS = "ipv4.public.hour"
_BALANCERS = {
    "application": ("Application Load Balancer", "alb.hour"),
    "network": ("Network Load Balancer", "nlb.hour"),
}


def load_balancer(balancer: Resource, plan: Plan) -> Iterator[Finding]:
    """Price a balancer's hours and the addresses that AWS gives it, one in each zone that it stands in.

    Elastic IPs that it was given are counted as what they are.
    """
    del plan
    kind = str(balancer.inputs.get("loadBalancerType", "application"))
    if kind not in _BALANCERS:
        yield Unknown(f"a {kind} load balancer")
        return
    label, item = _BALANCERS[kind]
    yield Charge(what=label, item=item, quantity=HOURS)
    mappings: list[Mapping[str, Any]] = balancer.inputs.get("subnetMappings", [])
    zones = len(mappings) or len(balancer.inputs.get("subnets", []))
    given = sum("allocationId" in mapping for mapping in mappings)
    if not balancer.inputs.get("internal") and zones > given:
        yield Charge(
            what=f"its public IPv4 addresses in {zones - given} zones",
            item=_ADDRESS,
            quantity=HOURS.times(zones - given),
        )


def elastic_ip(address: Resource, plan: Plan) -> Iterator[Finding]:
    """Price an Elastic IP; it costs the same whether something uses it or not ("Amazon VPC pricing")."""
    del address, plan
    yield Charge(what="public IPv4 address (Elastic IP)", item=_ADDRESS, quantity=HOURS)


def nat_gateway(gateway: Resource, plan: Plan) -> Iterator[Finding]:
    """Price a NAT gateway's hours; its address is an Elastic IP of its own."""
    del gateway, plan
    yield Charge(what="NAT gateway", item="nat.hour", quantity=HOURS)


def vpc_endpoint(endpoint: Resource, plan: Plan) -> Iterator[Finding]:
    """Price an interface endpoint in each of its zones; one for S3 or DynamoDB (``Gateway``) is free."""
    del plan
    kind = str(endpoint.inputs.get("vpcEndpointType", "Gateway"))
    if kind == "Interface":
        zones = len(endpoint.inputs.get("subnetIds", []))
        hours = HOURS.times(zones)
        yield Charge(what=f"interface endpoint in {zones} zones", item="vpc_endpoint.interface.hour", quantity=hours)
    elif kind != "Gateway":
        yield Unknown(f"a VPC endpoint of type {kind}")


_BASIC_INTERVAL_SECONDS = 30


def health_check(check: Resource, plan: Plan) -> Iterator[Finding]:
    """Price a health check of Route 53, as one of an endpoint outside of AWS, and its features ("Route 53 pricing")."""
    del plan
    kind, inputs = str(check.inputs.get("type", "")), check.inputs
    if kind not in ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"):
        yield Unknown(f"a health check of type {kind}")
        return
    yield Charge(what="health check", item="route53.health_check.other_endpoint_month", quantity=Quantity.fixed(1))
    features = [
        kind.startswith("HTTPS"),
        kind.endswith("STR_MATCH"),
        int(inputs.get("requestInterval", _BASIC_INTERVAL_SECONDS)) < _BASIC_INTERVAL_SECONDS,
        bool(inputs.get("measureLatency")),
    ]
    if any(features):
        yield Charge(
            what="its features",
            item="route53.health_check.other_feature_month",
            quantity=Quantity.fixed(sum(features)),
        )


def worker(script: Resource, plan: Plan) -> Iterator[Finding]:
    """Say that a Cloudflare Worker is paid by its requests, at a price that the table does not have."""
    del script, plan
    yield Unknown("a Cloudflare Worker: Cloudflare's price by the request")
