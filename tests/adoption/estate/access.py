"""The security groups of ``module.ecs``: of the balancers and of the services."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.adoption.estate.groups import ANYWHERE, Rule, make_group
from tests.adoption.estate.making import Estate
from tests.adoption.estate.network import Network
from tests.adoption.estate.state_file import Written
from tests.zelly_infra.facts import CADDY_HEALTH_PORT, CLICKHOUSE_PORTS, SERVICES, VPN_CIDR

MODULE = "ecs"
NETWORK_BALANCER = "nlb-storefront"
_STORE_PORTS = {"aurora": (3306,), "redis": (6379,), "clickhouse": tuple(CLICKHOUSE_PORTS.values())}
_NFS_PORT = 2049


@dataclass(frozen=True, kw_only=True)
class Groups:
    """The groups by what has them."""

    balancers: Mapping[str, Written]
    """A network load balancer without a group is missing."""
    services: Mapping[str, Written]


def balancer_services() -> Mapping[str, str]:
    """Return the balancers of the documents, and the service behind each."""
    return {facts.ingress[0]: service for service, facts in SERVICES.items() if facts.ingress is not None}


def application_balancers() -> list[str]:
    """Return the names of the application load balancers."""
    return [name for name in balancer_services() if name != NETWORK_BALANCER]


def make_groups(estate: Estate, network: Network) -> Groups:
    """Make the groups of the balancers, then those of the services."""
    balancers = _balancer_groups(estate, network)
    if estate.options.balancer_group_of_network:
        rules = _from_anywhere(80, 443)
        name = f"{estate.prefix}-{NETWORK_BALANCER}-sg"
        balancers[NETWORK_BALANCER] = make_group(estate, MODULE, "aws_security_group.nlb", name, rules, vpc=network.vpc)
    services = {
        service: make_group(
            estate,
            MODULE,
            "aws_security_group.service",
            f"{estate.prefix}-{service}-sg",
            _service_rules(network, service, balancers),
            vpc=network.vpc,
            key=estate.key(position, service, mixed=str),
        )
        for position, service in enumerate(SERVICES)
    }
    return Groups(balancers=balancers, services=services)


def _balancer_groups(estate: Estate, network: Network) -> dict[str, Written]:
    names = application_balancers()
    to_tasks = Rule(direction="egress", port=0, to_port=65535, cidrs=(network.vpc["cidr_block"],))
    rules = [*_from_anywhere(80, 443), to_tasks]
    if estate.options.one_balancer_group:
        group = make_group(estate, MODULE, "aws_security_group.alb", f"{estate.prefix}-alb-sg", rules, vpc=network.vpc)
        return dict.fromkeys(names, group)
    return {
        name: make_group(
            estate,
            MODULE,
            "aws_security_group.alb",
            f"{estate.prefix}-{name}-sg",
            rules,
            vpc=network.vpc,
            key=estate.key(position, name, mixed=str),
        )
        for position, name in enumerate(names)
    }


def _from_anywhere(*ports: int) -> list[Rule]:
    return [Rule(direction="ingress", port=port, cidrs=(ANYWHERE,)) for port in ports]


def _service_rules(network: Network, service: str, balancers: Mapping[str, Written]) -> list[Rule]:
    facts, cidr = SERVICES[service], network.vpc["cidr_block"]
    balancer, ports = facts.ingress or ("", ())
    if balancer == NETWORK_BALANCER:
        ports = (*ports, CADDY_HEALTH_PORT)
    rules: list[Rule] = []
    for port in ports:
        group = balancers.get(balancer)
        if balancer == NETWORK_BALANCER:
            # The client's own address arrives.
            rules.append(Rule(direction="ingress", port=port, cidrs=(ANYWHERE,)))
        else:
            rules.append(Rule(direction="ingress", port=port, group=group, description=f"From {balancer}"))
    rules += [
        Rule(direction="ingress", port=port, cidrs=(VPN_CIDR, cidr), description="From the VPN")
        for port in facts.vpn_ports
    ]
    rules.append(Rule(direction="egress", port=443, cidrs=(ANYWHERE,)))
    # A group that names the stores' groups here, and is named by their rules, would be a cycle.
    wanted = [port for store in sorted(facts.stores) for port in _STORE_PORTS[store]]
    wanted += [_NFS_PORT] if balancer == NETWORK_BALANCER else []
    rules += [Rule(direction="egress", port=port, cidrs=(cidr,)) for port in wanted]
    return rules
