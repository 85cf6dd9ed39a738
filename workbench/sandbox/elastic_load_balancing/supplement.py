"""Elastic Load Balancing: the Elastic IPs of a network load balancer, what deletion protection does, matchers."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.server.table import (
    Call,
    Consequence,
    Forgotten,
    Preparation,
    RefusalError,
    Supplement,
    members,
)


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


_ADDRESSES = Forgotten(
    service="elbv2",
    creates={"CreateLoadBalancer": "LoadBalancers"},
    reads={"DescribeLoadBalancers": "LoadBalancers"},
    key="LoadBalancerArn",
    remember=_addresses,
    merge=_merge,
)


def _set_addresses(call: Call) -> None:
    call.kept(_ADDRESSES.kind)[call.parameters["LoadBalancerArn"]] = _addresses(call)


def _refuse_protected(call: Call) -> None:
    arn = call.parameters["LoadBalancerArn"]
    backend: Any = get_backend("elbv2")[call.account_id][call.region]
    balancer = backend.load_balancers.get(arn)
    if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
        message = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        raise RefusalError("OperationNotPermitted", message)


_FORGOTTEN = (
    _ADDRESSES,
    # moto drops a new matcher unless the targets themselves speak HTTP.
    Forgotten(
        service="elbv2",
        creates={"CreateTargetGroup": "TargetGroups"},
        changes={"ModifyTargetGroup": "TargetGroups"},
        reads={"DescribeTargetGroups": "TargetGroups"},
        key="TargetGroupArn",
        remember=members("Matcher"),
    ),
)

_PREPARATIONS = (Preparation(service="elbv2", operation="DeleteLoadBalancer", prepare=_refuse_protected),)

_CONSEQUENCES = (Consequence(service="elbv2", operation="SetSubnets", finish=_set_addresses),)

SUPPLEMENT = Supplement(forgotten=_FORGOTTEN, preparations=_PREPARATIONS, consequences=_CONSEQUENCES)
