"""Replacement rules of the providers: the inputs whose change replaces a resource, and the order of the replacement.

``replacement.json`` beside this module holds what was read in the providers' own source, with the source of each type;
its ``_meta`` says how. The conditions that it puts in words are functions here.
"""

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

from workbench.providers.changes import Change, Kind, changes, parsed

Inputs: TypeAlias = Mapping[str, Any]
Condition: TypeAlias = Callable[[Inputs, Inputs], bool]
"""Takes the inputs before and after; tells whether the change of one of them replaces."""

_TABLE = Path(__file__).with_name("replacement.json")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The rule of one resource type. Paths have dots for structures and ``[]`` for lists."""

    force_new: frozenset[str]
    """Whose change replaces."""
    kept_when_removed: frozenset[str]
    """Whose removal from the program changes nothing, because the provider then keeps the value it has."""
    autonamed_property: str | None
    """The property that Pulumi names by itself when the program does not; a name that the program gives is deleted
    before the replacement is made, which could not have it otherwise."""
    always_deletes_first: bool
    """Whether the provider marks the type so that the old one is always deleted first."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The provider's plan for the difference between two versions of a resource's inputs."""

    changes: tuple[Change, ...]
    """The differences, without those that the provider takes for no change."""
    replacing: tuple[Change, ...]
    """The part of ``changes`` that replaces the resource; empty when it is changed in place."""
    delete_before_replace: bool
    """Whether a replacement would delete the old one first. The resource option of that name can still ask for it."""


@functools.cache
def rules() -> Mapping[str, Rule]:
    """Return the table by type token. A type that is not in it is unknown, not free of replacement."""
    table: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {name: _rule(entry) for name, entry in table.items() if name != "_meta"}


def judge(type_token: str, *, old: Inputs, new: Inputs) -> Verdict | None:
    """Return what the provider plans, or None for a type that the table does not know.

    The inputs are plain values in the provider's own property names, secrets unwrapped. A value that is not known yet
    is any value that differs from the old one: the provider then plans a replacement too.
    """
    rule = rules().get(type_token)
    if rule is None:
        return None
    differing = tuple(change for change in changes(old, new) if not _plans_nothing(type_token, rule, change, old, new))
    return Verdict(
        changes=differing,
        replacing=tuple(change for change in differing if _replaces(type_token, rule, change, old, new)),
        delete_before_replace=rule.always_deletes_first or rule.autonamed_property in new,
    )


def can_replace(type_token: str, property_path: str) -> bool | None:
    """Tell whether a change at a path may replace a resource, under whatever condition; None for an unknown type."""
    rule = rules().get(type_token)
    if rule is None:
        return None
    top = f"{parsed(property_path)[0]}"
    return (type_token, top) in _CONDITIONS or any(
        path == top or path.startswith((f"{top}.", f"{top}[")) for path in rule.force_new
    )


def _rule(entry: Mapping[str, Any]) -> Rule:
    of_pulumi: Mapping[str, Any] = entry["pulumi"]
    return Rule(
        force_new=frozenset(entry["force_new"]) | frozenset(entry.get("force_new_via_customize_diff", ())),
        kept_when_removed=frozenset(entry["force_new_optional_computed"]),
        autonamed_property=of_pulumi["autonamed_property"],
        always_deletes_first=of_pulumi["delete_before_replace"].startswith("always"),
    )


def _plans_nothing(type_token: str, rule: Rule, change: Change, old: Inputs, new: Inputs) -> bool:
    if change.kind is Kind.REMOVED and change.top not in new and _covered(change, rule.kept_when_removed):
        return True
    suppressed = _SUPPRESSED.get((type_token, change.top))
    return suppressed is not None and suppressed(old, new)


def _replaces(type_token: str, rule: Rule, change: Change, old: Inputs, new: Inputs) -> bool:
    if type_token.startswith("aws:") and change.top == "region":
        return True
    condition = _CONDITIONS.get((type_token, change.top))
    if condition is not None:
        return condition(old, new)
    return _covered(change, rule.force_new)


def _covered(change: Change, paths: frozenset[str]) -> bool:
    """Tell whether the path, or a structure that it stands in, is among ``paths``."""
    parts = re.findall(r"\[\]|[^.\[\]]+", change.pattern)
    written = ""
    for part in parts:
        written += part if part == "[]" or not written else f".{part}"
        if written in paths:
            return True
    return False


def _is_network_balancer(inputs: Inputs) -> bool:
    return inputs.get("loadBalancerType", "application") == "network"


def _balancer_loses_subnets(old: Inputs, new: Inputs) -> bool:
    before, after = old.get("subnets", []), new.get("subnets", [])
    # An unknown list may be anything.
    return _is_network_balancer(new) and not (isinstance(after, list) and len(after) > len(before))  # pyright: ignore[reportUnknownArgumentType]


def _balancer_changes_mappings(old: Inputs, new: Inputs) -> bool:
    before, after = old.get("subnetMappings", []), new.get("subnetMappings", [])
    if not isinstance(after, list):
        return True
    gone = [mapping for mapping in before if mapping not in after]
    come = [mapping for mapping in cast("list[Any]", after) if mapping not in before]
    # One in the place of another is a change; one the less is a removal, which an application balancer takes.
    return bool(gone) and (bool(come) or _is_network_balancer(new))


def _balancer_loses_addresses(old: Inputs, new: Inputs) -> bool:
    name = "secondaryIpsAutoAssignedPerSubnet"
    return _is_network_balancer(new) and (new.get(name) or 0) < (old.get(name) or 0)


def _balancer_gains_or_loses_groups(old: Inputs, new: Inputs) -> bool:
    return _is_network_balancer(new) and bool(old.get("securityGroups")) != bool(new.get("securityGroups"))


def version(text: object) -> tuple[int, ...]:
    """Return the numbers of a version, such as ``(8, 0, 3, 10, 5)`` of ``8.0.mysql_aurora.3.10.5``."""
    return tuple(int(part) for part in re.findall(r"\d+", f"{text}"))


def _is_downgrade(old: Inputs, new: Inputs) -> bool:
    before, after = version(old.get("engineVersion", "")), version(new.get("engineVersion", ""))
    shared = min(len(before), len(after))
    return after[:shared] < before[:shared]


def _is_arm(instance_type: object) -> bool:
    # The processor's letter stands behind the generation: t4g, c7gn, and a1, the first of them.
    return re.match(r"a1\.|[a-z]+\d+g[a-z]*\.", f"{instance_type}") is not None


def _changes_source_kind(old: Inputs, new: Inputs) -> bool:
    kinds = {"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"}
    return kinds & old.keys() != kinds & new.keys()


def _replaces_on_user_data(old: Inputs, new: Inputs) -> bool:
    del old
    return bool(new.get("userDataReplaceOnChange", False))


def _always(old: Inputs, new: Inputs) -> bool:
    del old, new
    return True


_INSTANCE = "aws:ec2/instance:Instance"
_REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
_LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_PARAMETER = "aws:ssm/parameter:Parameter"
_RULE_SOURCES = {
    (f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule", source): _changes_source_kind
    for direction in ("Ingress", "Egress")
    for source in ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
}

_CONDITIONS: Mapping[tuple[str, str], Condition] = {
    ("aws:rds/cluster:Cluster", "storageType"): lambda _, new: not f"{new.get('engine')}".startswith("aurora"),
    (_REPLICATION_GROUP, "engine"): lambda old, new: (
        (old.get("engine", "redis"), new.get("engine")) != ("redis", "valkey")
    ),
    (_REPLICATION_GROUP, "engineVersion"): _is_downgrade,
    (_REPLICATION_GROUP, "transitEncryptionEnabled"): lambda old, _: version(old.get("engineVersion", "")) < (7, 0, 5),
    (_INSTANCE, "userData"): _replaces_on_user_data,
    (_INSTANCE, "userDataBase64"): _replaces_on_user_data,
    (_INSTANCE, "instanceType"): lambda old, new: _is_arm(old.get("instanceType")) != _is_arm(new.get("instanceType")),
    (_INSTANCE, "ebsBlockDevices"): _always,
    ("aws:ec2/vpc:Vpc", "instanceTenancy"): lambda old, new: (
        (old.get("instanceTenancy", "default"), new.get("instanceTenancy", "default")) != ("dedicated", "default")
    ),
    ("aws:ec2/subnet:Subnet", "ipv6CidrBlock"): lambda old, _: bool(old.get("assignIpv6AddressOnCreation", False)),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "privateDnsEnabled"): lambda _, new: new.get("vpcEndpointType") != "Interface",
    (_LOAD_BALANCER, "subnets"): _balancer_loses_subnets,
    (_LOAD_BALANCER, "subnetMappings"): _balancer_changes_mappings,
    (_LOAD_BALANCER, "secondaryIpsAutoAssignedPerSubnet"): _balancer_loses_addresses,
    (_LOAD_BALANCER, "securityGroups"): _balancer_gains_or_loses_groups,
    (_PARAMETER, "tier"): lambda old, new: (old.get("tier"), new.get("tier")) == ("Advanced", "Standard"),
    ("random:index/randomPassword:RandomPassword", "keepers"): _always,
    ("random:index/randomPassword:RandomPassword", "overrideSpecial"): _always,
    **_RULE_SOURCES,
}
"""Type and input -> when its change replaces; these win over ``force_new``. Their words are in the table."""

_SUPPRESSED: Mapping[tuple[str, str], Condition] = {
    ("aws:rds/cluster:Cluster", "snapshotIdentifier"): lambda _, new: not new.get("snapshotIdentifier"),
    ("aws:rds/cluster:Cluster", "engineMode"): lambda old, new: (
        {old.get("engineMode") or "provisioned", new.get("engineMode") or "provisioned"} == {"provisioned"}
    ),
    ("aws:rds/cluster:Cluster", "serverlessv2ScalingConfiguration"): lambda _, new: (
        "serverlessv2ScalingConfiguration" not in new
    ),
    # Storage that grew by itself is no difference.
    ("aws:rds/instance:Instance", "allocatedStorage"): lambda old, new: (
        int(new.get("maxAllocatedStorage") or 0)
        > int(new.get("allocatedStorage") or 0)
        < int(old.get("allocatedStorage") or 0)
    ),
    (_REPLICATION_GROUP, "port"): lambda old, new: "port" not in new and old.get("port") == 6379,
    (_PARAMETER, "tier"): lambda old, new: bool(old.get("tier")) and new.get("tier") == "Intelligent-Tiering",
    ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "url"): lambda old, new: (
        f"{old.get('url')}".removeprefix("https://") == f"{new.get('url')}".removeprefix("https://")
    ),
    ("random:index/randomPassword:RandomPassword", "overrideSpecial"): lambda old, new: (
        not old.get("overrideSpecial") and not new.get("overrideSpecial")
    ),
}
"""Type and input -> when the provider takes its change for none."""
