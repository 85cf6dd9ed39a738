"""Who may talk to whom, as whole lists of rules that follow from the catalog: what is not here is closed."""

import re

from tests.zelly_infra.evaluations import STACKS, config_of
from zelly_infra.catalog import SERVICES, HttpsIngress, Store

EVERYWHERE = "0.0.0.0/0"

STORE_PORTS = {Store.AURORA: (3306,), Store.REDIS: (6379,), Store.CLICKHOUSE: (8123, 9000)}


def _to_stores() -> set[str]:
    """Return the ways to the stores: of the services that use them, and of the VPN."""
    return {
        f"{store} <- {source} tcp {port}"
        for store, ports in STORE_PORTS.items()
        for source in (*(service.name for service in SERVICES if store in service.stores), "bastion")
        for port in ports
    }


def _to_services() -> set[str]:
    """Return the ways to the services: of everybody to their balancers, of those on to them, and of the VPN."""
    found = {f"{service.name} <- bastion tcp {port}" for service in SERVICES for port in service.ports}
    for service in SERVICES:
        ingress = service.ingress
        if ingress is None:
            continue
        outside = (80, 443) if isinstance(ingress, HttpsIngress) else ingress.ports
        inside = (ingress.port,) if isinstance(ingress, HttpsIngress) else (*ingress.ports, ingress.health_check_port)
        found |= {f"{ingress.load_balancer} <- {EVERYWHERE} tcp {port}" for port in outside}
        found |= {f"{service.name} <- {ingress.load_balancer} tcp {port}" for port in inside}
    return found


def _to_certificates() -> set[str]:
    return {
        f"caddy <- {service.name} tcp 2049"
        for service in SERVICES
        for container in service.containers
        if container.data_path
    }


def _ingress(stack: str) -> frozenset[str]:
    config = config_of(stack)
    return frozenset(
        {
            *_to_stores(),
            *_to_services(),
            *_to_certificates(),
            f"bastion <- {EVERYWHERE} udp {config.bastion.wireguard_port}",
            *(f"bastion <- {cidr} tcp 22" for cidr in config.bastion.ssh_allowed_cidrs.values()),
            *(f"aurora <- {cidr} tcp 3306" for cidr in config.aurora.allowed_cidrs.values()),
        }
    )


INGRESS = {stack: _ingress(stack) for stack in STACKS}
"""What each stack lets in."""


def _egress(stack: str) -> frozenset[str]:
    return frozenset(
        {
            *(f"{group} -> {EVERYWHERE} tcp 443" for group in (*(each.name for each in SERVICES), *HOSTS)),
            *(
                re.sub(r"^(\S+) <- (\S+)", r"\2 -> \1", line)
                for line in INGRESS[stack]
                # What comes from a range of addresses leaves no group.
                if "/" not in line
            ),
        }
    )


HOSTS = ("clickhouse", "bastion")

EGRESS = {stack: _egress(stack) for stack in STACKS}
"""What each stack lets out: every way in from a group is that group's way out, and HTTPS for who needs it."""

GROUPS = {line.split(" ")[0] for line in INGRESS["production"]} | {service.name for service in SERVICES}
"""The parts that have a security group; nobody talks to a queue's worker, which has one all the same."""
