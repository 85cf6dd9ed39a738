"""Who may talk to whom, as whole lists of rules: what is not here is closed."""

import re

EVERYWHERE = "0.0.0.0/0"

_INGRESS = frozenset(
    {
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
)

INGRESS = {
    "production": _INGRESS,
    "staging": _INGRESS | {"aurora <- 203.0.113.0/24 tcp 3306"},
}
"""What each stack lets in: staging also the listed ranges to Aurora."""

_INTERNET_EGRESS = frozenset(
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
)

EGRESS = _INTERNET_EGRESS | {
    re.sub(r"^(\S+) <- (\S+)", r"\2 -> \1", line)
    for line in _INGRESS
    # What comes from a range of addresses leaves no group.
    if "/" not in line
}
"""What both stacks let out: every way in from a group is that group's way out, and HTTPS for who needs it."""

GROUPS = {line.split(" ")[0] for line in _INGRESS} | {"events-consumer"}
"""The parts that have a security group; the queue's worker is the one that nobody talks to."""
