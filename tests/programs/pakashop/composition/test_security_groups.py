"""Who may talk to whom, as whole lists of rules: what is not here is closed (P6 to P10)."""

import re

import pytest

from tests.programs.pakashop import facts
from tests.programs.pakashop.evaluations import STACKS, config_of, evaluation_of

EVERYWHERE = "0.0.0.0/0"
STORES = {"postgresql": "postgresql", "redis": "redis", "search": "meilisearch"}
"""The stores, by what the document calls them."""


def rules(stack: str, direction: str, arrow: str) -> list[str]:
    def short(reference: str) -> str:
        match = re.fullmatch(rf"\$\{{pakashop-{stack}-(.*?)(-sg)?\.id\}}", reference)
        return match.group(1) if match else reference

    lines: list[str] = []
    for rule in evaluation_of(stack).of_type(f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule"):
        inputs = rule.inputs
        peer = inputs.get("referencedSecurityGroupId") or inputs.get("prefixListId") or inputs["cidrIpv4"]
        assert inputs["fromPort"] == inputs["toPort"]
        own = short(inputs["securityGroupId"])
        lines.append(f"{own} {arrow} {short(peer)} {inputs['ipProtocol']} {inputs['fromPort']}")
    return sorted(lines)


def _nat(stack: str) -> bool:
    return config_of(stack).network.nat_instance is not None


@pytest.mark.parametrize("stack", STACKS)
def test_services_alone_reach_the_stores_and_cloudflare_alone_the_services(stack: str) -> None:
    nat = {f"network-nat <- {config_of(stack).network.cidr} tcp 443"} if _nat(stack) else set[str]()
    assert {*rules(stack, "Ingress", "<-")} == {
        *(f"{store} <- host tcp {facts.PORTS[named]}" for store, named in STORES.items()),
        "host <- cloudflare-ipv4 tcp 443",
        "host <- cloudflare-ipv6 tcp 443",
        *nat,
    }


@pytest.mark.parametrize("stack", STACKS)
def test_what_goes_out_is_what_a_store_lets_in_and_named_ports_of_the_internet(stack: str) -> None:
    hosts = {"redis": (443,), "search": (443,), "host": config_of(stack).host.internet_egress_ports}
    nat = {"network-nat": (443,)} if _nat(stack) else {}
    assert {*rules(stack, "Egress", "->")} == {
        *(f"host -> {store} tcp {facts.PORTS[named]}" for store, named in STORES.items()),
        *(f"{name} -> {EVERYWHERE} tcp {port}" for name, ports in {**hosts, **nat}.items() for port in ports),
    }
