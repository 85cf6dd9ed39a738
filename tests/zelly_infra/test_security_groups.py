"""Who may talk to whom, as whole lists: what is not here is closed."""

import re

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of

EVERYWHERE = "0.0.0.0/0"

INGRESS = {
    # Aurora: the three services that keep data in it, and the VPN.
    "aurora <- customer-panel tcp 3306",
    "aurora <- fastify-nova tcp 3306",
    "aurora <- orion-backend tcp 3306",
    "aurora <- bastion tcp 3306",
    # Redis: the queues' producers and worker, the tools, the VPN.
    "redis <- customer-panel tcp 6379",
    "redis <- events-consumer tcp 6379",
    "redis <- fastify-nova tcp 6379",
    "redis <- internal-tools tcp 6379",
    "redis <- bastion tcp 6379",
    # ClickHouse: one writer, one reader, the VPN.
    "clickhouse <- events-consumer tcp 8123",
    "clickhouse <- events-consumer tcp 9000",
    "clickhouse <- orion-backend tcp 8123",
    "clickhouse <- orion-backend tcp 9000",
    "clickhouse <- bastion tcp 8123",
    "clickhouse <- bastion tcp 9000",
    # The certificates: Caddy alone.
    "caddy <- storefront tcp 2049",
    # The balancers: the internet.
    f"alb-nova <- {EVERYWHERE} tcp 80",
    f"alb-nova <- {EVERYWHERE} tcp 443",
    f"alb-customer <- {EVERYWHERE} tcp 80",
    f"alb-customer <- {EVERYWHERE} tcp 443",
    f"alb-orion <- {EVERYWHERE} tcp 80",
    f"alb-orion <- {EVERYWHERE} tcp 443",
    f"nlb-storefront <- {EVERYWHERE} tcp 80",
    f"nlb-storefront <- {EVERYWHERE} tcp 443",
    # The services: their balancer, and the VPN.
    "fastify-nova <- alb-nova tcp 3000",
    "fastify-nova <- bastion tcp 3000",
    "customer-panel <- alb-customer tcp 5174",
    "customer-panel <- bastion tcp 5174",
    "orion-backend <- alb-orion tcp 3022",
    "orion-backend <- bastion tcp 3022",
    "storefront <- nlb-storefront tcp 80",
    "storefront <- nlb-storefront tcp 443",
    "storefront <- nlb-storefront tcp 8080",
    "storefront <- bastion tcp 80",
    "storefront <- bastion tcp 443",
    "storefront <- bastion tcp 4321",
    "storefront <- bastion tcp 8080",
    # The tools: the VPN alone.
    "internal-tools <- bastion tcp 3000",
    "internal-tools <- bastion tcp 5540",
    # The VPN itself.
    f"bastion <- {EVERYWHERE} udp 51820",
}

STAGING_INGRESS = INGRESS | {"aurora <- 203.0.113.0/24 tcp 3306"}

INTERNET_EGRESS = {
    f"{group} -> {EVERYWHERE} tcp 443"
    for group in (
        "fastify-nova",
        "customer-panel",
        "orion-backend",
        "events-consumer",
        "storefront",
        "internal-tools",
        "clickhouse",
        "bastion",
    )
}


def rules(stack: str, direction: str, arrow: str) -> list[str]:
    def short(reference: str) -> str:
        match = re.fullmatch(rf"\$\{{zelly-{stack}-(.*)-sg\.id\}}", reference)
        return match.group(1) if match else reference

    found = evaluation_of(stack).of_type(f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule")
    lines: list[str] = []
    for rule in found:
        inputs = rule.inputs
        peer = short(inputs.get("referencedSecurityGroupId") or inputs["cidrIpv4"])
        assert inputs["fromPort"] == inputs["toPort"]
        lines.append(f"{short(inputs['securityGroupId'])} {arrow} {peer} {inputs['ipProtocol']} {inputs['fromPort']}")
    return sorted(lines)


def test_production_lets_in_exactly_these() -> None:
    assert rules("production", "Ingress", "<-") == sorted(INGRESS)


def test_staging_lets_in_the_same_and_the_listed_ranges_to_aurora() -> None:
    assert rules("staging", "Ingress", "<-") == sorted(STAGING_INGRESS)


@pytest.mark.parametrize("stack", STACKS)
def test_every_way_in_from_a_group_is_that_groups_way_out(stack: str) -> None:
    between_groups = [line for line in INGRESS if "/" not in line]
    turned = {re.sub(r"^(\S+) <- (\S+)", r"\2 -> \1", line) for line in between_groups}
    assert rules(stack, "Egress", "->") == sorted(turned | INTERNET_EGRESS)


@pytest.mark.parametrize("stack", STACKS)
def test_every_security_group_belongs_to_one_of_the_parts(stack: str) -> None:
    groups = {group.name for group in evaluation_of(stack).of_type("aws:ec2/securityGroup:SecurityGroup")}
    parts = {line.split(" ")[0] for line in INGRESS} | {"events-consumer"}
    assert groups == {f"zelly-{stack}-{part}-sg" for part in parts}
