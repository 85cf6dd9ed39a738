"""Elastic Load Balancing: the Elastic IPs of a network load balancer."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from zelly_infra.sandbox.supplement.table import Call, Forgotten, Missing, RefusalError


def _addresses(call: Call) -> Mapping[str, Any]:
    """Return the addresses by subnet: what CreateLoadBalancer's ``SubnetMappings`` asked for."""
    return {
        mapping["SubnetId"]: {
            "AllocationId": mapping["AllocationId"],
            "IpAddress": _public_ip(call, mapping["AllocationId"]),
        }
        for mapping in call.parameters.get("SubnetMappings", [])
        if "AllocationId" in mapping
    }


def _public_ip(call: Call, allocation_id: str) -> str:
    backend: Any = get_backend("ec2")[call.account_id][call.region]
    for address in backend.addresses:
        if address.allocation_id == allocation_id:
            return address.public_ip
    raise RefusalError("AllocationIdNotFound", f"The allocation ID '{allocation_id}' does not exist")


def _merge(load_balancer: dict[str, Any], addresses: Mapping[str, Any]) -> None:
    for zone in load_balancer.get("AvailabilityZones", []):
        if zone["SubnetId"] in addresses:
            zone["LoadBalancerAddresses"] = [addresses[zone["SubnetId"]]]


MISSING: tuple[Missing, ...] = ()

FORGOTTEN: tuple[Forgotten, ...] = (
    Forgotten(
        service="elbv2",
        writes={"CreateLoadBalancer": "LoadBalancers"},
        reads={"DescribeLoadBalancers": "LoadBalancers"},
        key="LoadBalancerArn",
        remember=_addresses,
        merge=_merge,
    ),
)
