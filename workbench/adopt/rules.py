"""Rules of security groups, each with its id, whichever way Terraform has written them.

In AWS they are always single: a block, or an ``aws_security_group_rule``, with three CIDRs is three rules. The state
has the ids of ``aws_vpc_security_group_ingress_rule`` and its like alone; those of the others stand in what
``aws ec2 describe-security-group-rules`` prints.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

from workbench.adopt.model import Instance, TerraformState
from workbench.errors import OperatorError

_GROUPS = ("aws_security_group", "aws_default_security_group")
_SINGLE = "aws_security_group_rule"
_ALL_PROTOCOLS = "-1"
HOW = "aws ec2 describe-security-group-rules > rules.json"
"""The command whose output is taken."""


class Rule(NamedTuple):
    """What makes a rule the one that it is."""

    group: str
    is_egress: bool
    protocol: str
    from_port: int
    to_port: int
    peer: str


def groups_to_list(state: TerraformState) -> Mapping[str, str]:
    """Return the groups that have rules whose ids the state does not hold, each with its address."""
    known = {_of_vpc_rule(each) for each in state.managed if _is_vpc_rule(each)}
    found: dict[str, str] = {}
    for instance in state.managed:
        unknown = [rule for rule in _written(instance) if rule not in known]
        for rule in unknown:
            found.setdefault(rule.group, instance.address)
    return found


def with_rules(state: TerraformState, listing: Iterable[Mapping[str, Any]]) -> TerraformState:
    """Return a state in which each rule that AWS lists is an instance of its own.

    Its address is that of the resource which Terraform has it in: a rule's, or its group's.
    """
    known = {each.attributes.get("id") for each in state.managed if _is_vpc_rule(each)}
    groups = {each.attributes.get("id"): each for each in state.managed if each.type in _GROUPS}
    singles = {rule: each for each in state.managed if each.type == _SINGLE for rule in _written(each)}
    rules: list[Instance] = []
    held: set[str] = set()
    for listed in listing:
        owner = singles.get(_listed(listed)) or groups.get(listed["GroupId"])
        if owner is not None and listed["SecurityGroupRuleId"] not in known:
            rules.append(_instance(listed, owner))
            held.add(owner.address)
    # What became its rules is not there a second time.
    kept = [each for each in state.managed if each.type != _SINGLE or each.address not in held]
    return replace(state, managed=[*kept, *rules])


def check_listing(groups: Mapping[str, str], listing: Iterable[Mapping[str, Any]], *, source: str) -> None:
    """Check that rules of every group are listed.

    Raises:
        OperatorError: with the address of the first of which there is none.
    """
    present = {listed["GroupId"] for listed in listing}
    for group, address in groups.items():
        if group not in present:
            raise OperatorError(f"{source}: no rule of {group}, and {address} has some; `{HOW}` lists them")


def read_rules(path: Path) -> Sequence[Mapping[str, Any]]:
    """Return the rules in a file.

    Raises:
        OperatorError: when it is not what the command prints.
    """
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OperatorError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise OperatorError(f"{path}: not JSON; `{HOW}` writes it") from None
    rules: Any = cast("Mapping[str, Any]", content).get("SecurityGroupRules") if isinstance(content, dict) else None
    if not isinstance(rules, list) or not all(_is_listed(rule) for rule in cast("list[Any]", rules)):
        raise OperatorError(f'{path}: no "SecurityGroupRules" with their ids and groups; `{HOW}` writes them')
    return cast("list[Mapping[str, Any]]", rules)


def _is_listed(rule: object) -> bool:
    return isinstance(rule, Mapping) and {"SecurityGroupRuleId", "GroupId", "IsEgress"} <= rule.keys()


def _is_vpc_rule(instance: Instance) -> bool:
    return instance.type in ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")


def _rule(group: str, *, is_egress: bool, protocol: object, ports: tuple[object, object], peer: str) -> Rule:
    name = str(protocol)
    first, last = (-1 if name == _ALL_PROTOCOLS or port is None else int(str(port)) for port in ports)
    return Rule(group, is_egress, name, first, last, peer)


def _of_vpc_rule(instance: Instance) -> Rule:
    at = instance.attributes
    peers = (at.get(name) for name in ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"))
    return _rule(
        str(at.get("security_group_id")),
        is_egress="egress" in instance.type,
        protocol=at.get("ip_protocol"),
        ports=(at.get("from_port"), at.get("to_port")),
        peer=next((str(peer) for peer in peers if peer), ""),
    )


def _listed(listed: Mapping[str, Any]) -> Rule:
    peers = (listed.get("CidrIpv4"), listed.get("CidrIpv6"), listed.get("PrefixListId"), _referenced(listed))
    return _rule(
        listed["GroupId"],
        is_egress=listed["IsEgress"],
        protocol=listed.get("IpProtocol"),
        ports=(listed.get("FromPort"), listed.get("ToPort")),
        peer=next((peer for peer in peers if peer), ""),
    )


def _referenced(listed: Mapping[str, Any]) -> str | None:
    referenced: Mapping[str, str] = listed.get("ReferencedGroupInfo") or {}
    return referenced.get("GroupId")


def _written(instance: Instance) -> Iterator[Rule]:
    """Yield the rules that are written in a group's blocks, or in a resource for some of them."""
    at = instance.attributes
    if instance.type == _SINGLE:
        yield from _of_block(str(at.get("security_group_id")), at, is_egress=at.get("type") == "egress")
    elif instance.type in _GROUPS:
        for direction in ("ingress", "egress"):
            for block in at.get(direction) or ():
                yield from _of_block(str(at.get("id")), block, is_egress=direction == "egress")


def _of_block(group: str, block: Mapping[str, Any], *, is_egress: bool) -> Iterator[Rule]:
    lists = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
    peers = [str(peer) for name in lists for peer in block.get(name) or ()]
    peers += [str(block["source_security_group_id"])] if block.get("source_security_group_id") else []
    peers += [group] if block.get("self") and group not in peers else []
    for peer in peers:
        yield _rule(
            group,
            is_egress=is_egress,
            protocol=block.get("protocol"),
            ports=(block.get("from_port"), block.get("to_port")),
            peer=peer,
        )


def _instance(listed: Mapping[str, Any], owner: Instance) -> Instance:
    direction = "egress" if listed["IsEgress"] else "ingress"
    own = listed["SecurityGroupRuleId"]
    return Instance(
        address=owner.address,
        type=f"aws_vpc_security_group_{direction}_rule",
        attributes={
            "id": own,
            "security_group_rule_id": own,
            "security_group_id": listed["GroupId"],
            "ip_protocol": listed.get("IpProtocol"),
            "from_port": listed.get("FromPort"),
            "to_port": listed.get("ToPort"),
            "cidr_ipv4": listed.get("CidrIpv4"),
            "cidr_ipv6": listed.get("CidrIpv6"),
            "prefix_list_id": listed.get("PrefixListId"),
            "referenced_security_group_id": _referenced(listed),
            "description": listed.get("Description"),
            "tags": {tag["Key"]: tag["Value"] for tag in listed.get("Tags") or ()},
        },
        dependencies=owner.dependencies,
        part=own,
    )
