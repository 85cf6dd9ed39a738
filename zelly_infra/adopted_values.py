"""The settings that say how a live estate was laid out, where no resource's property is the setting's own value."""

from collections.abc import Mapping
from typing import Any

from workbench.program import LiveProperties
from zelly_components.network.subnets import plan_subnets
from zelly_infra.config import EnvironmentConfig
from zelly_infra.names import Names

_KINDS = ("public", "private")
_BALANCER = "nlb-storefront"


def adopted_values(config: EnvironmentConfig, live: LiveProperties) -> Mapping[str, Any]:
    """Return the settings that differ from the config's, by dotted path; none of what is not all there."""
    found: dict[str, Any] = {}
    cidrs = _subnet_cidrs(config, live)
    if cidrs is not None and cidrs != _present_cidrs(config):
        found["network.subnet_cidrs"] = cidrs
    mappings = live.get(Names(config.environment).name(_BALANCER), {}).get("subnetMappings", ())
    if mappings and len(mappings) != config.storefront.load_balancer_zones:
        found["storefront.load_balancer_zones"] = len(mappings)
    return found


def _subnet_cidrs(config: EnvironmentConfig, live: LiveProperties) -> Mapping[str, Any] | None:
    """Return the ranges of all subnets; None where one of them is missing."""
    names = Names(config.environment)
    cidrs = {
        kind: [
            live.get(names.name(f"network-{kind}-{zone[-1]}"), {}).get("cidrBlock")
            for zone in config.network.availability_zones
        ]
        for kind in _KINDS
    }
    return cidrs if all(all(ranges) for ranges in cidrs.values()) else None


def _present_cidrs(config: EnvironmentConfig) -> Mapping[str, Any]:
    network = config.network
    if network.subnet_cidrs is not None:
        return {kind: [str(cidr) for cidr in getattr(network.subnet_cidrs, kind)] for kind in _KINDS}
    plan = plan_subnets(str(network.cidr), network.availability_zones)
    return {kind: [getattr(pair, f"{kind}_cidr_block") for pair in plan] for kind in _KINDS}
