"""Security groups, with their rules in one of the three ways that Terraform has for the same thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tests.adoption.estate.making import Estate
from tests.adoption.estate.state_file import Written

ANYWHERE = "0.0.0.0/0"
_ALL = "-1"

Style = Literal["inline", "single", "vpc"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What may pass: ranges, or what has another group."""

    direction: Literal["ingress", "egress"]
    protocol: str = "tcp"
    port: int
    to_port: int | None = None
    cidrs: tuple[str, ...] = ()
    group: Written | None = None
    description: str = ""

    @property
    def last_port(self) -> int:
        """Where the ports end."""
        return self.port if self.to_port is None else self.to_port

    @property
    def permission(self) -> dict[str, Any]:
        """The rule as boto3 takes it."""
        description = {"Description": self.description} if self.description else {}
        ports = {} if self.protocol == _ALL else {"FromPort": self.port, "ToPort": self.last_port}
        peers: dict[str, Any] = {"IpRanges": [{"CidrIp": cidr, **description} for cidr in self.cidrs]}
        if self.group is not None:
            peers = {"UserIdGroupPairs": [{"GroupId": self.group["id"], **description}]}
        return {"IpProtocol": self.protocol, **ports, **peers}


EVERYTHING_OUT = Rule(direction="egress", protocol=_ALL, port=0, cidrs=(ANYWHERE,))


def make_group(
    estate: Estate,
    module: str,
    address: str,
    name: str,
    rules: Iterable[Rule],
    *,
    vpc: Written,
    key: str | int | None = None,
    style: Style | None = None,
) -> Written:
    """Make a security group and its rules; ``style`` where the module does not go by the options."""
    name = estate.name(name)
    rules = list(rules)
    if estate.options.egress_all:
        rules = [*(rule for rule in rules if rule.direction == "ingress"), EVERYTHING_OUT]
    group_id = _create(estate, name, vpc)
    rule_ids = [_authorize(estate, group_id, rule) for rule in rules]
    style = style or estate.options.rules
    peers = [rule.group for rule in rules if rule.group is not None]
    group = estate.add(
        module,
        address,
        {
            "id": group_id,
            "arn": estate.arn("ec2", f"security-group/{group_id}"),
            "description": "Managed by Terraform",
            # Whatever made them, the provider reads a group's rules into it.
            "ingress": [_block(rule) for rule in rules if rule.direction == "ingress"],
            "egress": [_block(rule) for rule in rules if rule.direction == "egress"],
            "name": name,
            "name_prefix": estate.name_prefix(name) or "",
            "owner_id": estate.account_id,
            "vpc_id": vpc["id"],
            **estate.tags(name),
        },
        key=key,
        after=[vpc, *(peers if style == "inline" else [])],
    )
    if style != "inline":
        base = address.split(".", 1)[1]
        for position, (rule, ids) in enumerate(zip(rules, rule_ids, strict=True)):
            own = position if key is None else f"{key}-{position}"
            _write_rules(estate, (module, base), group, rule=rule, ids=ids, style=style, key=own)
    return group


def _create(estate: Estate, name: str, vpc: Written) -> str:
    ec2 = estate.client("ec2")
    group_id = ec2.create_security_group(
        GroupName=name,
        Description="Managed by Terraform",
        VpcId=vpc["id"],
        TagSpecifications=estate.tag_specification("security-group", name),
    )["GroupId"]
    # Terraform takes away what AWS lets out of a new group.
    ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=[EVERYTHING_OUT.permission])
    return group_id


def _authorize(estate: Estate, group_id: str, rule: Rule) -> Sequence[str]:
    """Let it pass, and return the ids of the rules, one for each range or group."""
    ec2 = estate.client("ec2")
    operation = getattr(ec2, f"authorize_security_group_{rule.direction}")
    made = operation(GroupId=group_id, IpPermissions=[rule.permission])
    return [each["SecurityGroupRuleId"] for each in made["SecurityGroupRules"]]


def _block(rule: Rule) -> Mapping[str, Any]:
    return {
        "cidr_blocks": list(rule.cidrs),
        "description": rule.description,
        "from_port": rule.port,
        "ipv6_cidr_blocks": [],
        "prefix_list_ids": [],
        "protocol": rule.protocol,
        "security_groups": [] if rule.group is None else [rule.group["id"]],
        "self": False,
        "to_port": rule.last_port,
    }


def _write_rules(
    estate: Estate,
    where: tuple[str, str],
    group: Written,
    *,
    rule: Rule,
    ids: Sequence[str],
    style: Style,
    key: str | int,
) -> None:
    module, base = where
    after = [group, *([] if rule.group is None else [rule.group])]
    if style == "single":
        attributes = _single(estate, group, rule, ids)
        estate.add(module, f"aws_security_group_rule.{base}_{rule.direction}", attributes, key=key, after=after)
        return
    each = [replace(rule, cidrs=(cidr,)) for cidr in rule.cidrs] or [rule]
    for part, rule_id in zip(each, ids, strict=True):
        own = f"{key}" if len(each) == 1 else f"{key}-{part.cidrs[0]}"
        kind = f"aws_vpc_security_group_{rule.direction}_rule"
        estate.add(module, f"{kind}.{base}", _of_vpc(estate, group, part, rule_id), key=own, after=after)


def _single(estate: Estate, group: Written, rule: Rule, ids: Sequence[str]) -> Mapping[str, Any]:
    return {
        "id": f"sgrule-{estate.number()}",
        "cidr_blocks": list(rule.cidrs) or None,
        "description": rule.description,
        "from_port": rule.port,
        "ipv6_cidr_blocks": [],
        "prefix_list_ids": [],
        "protocol": rule.protocol,
        "security_group_id": group["id"],
        # Only where one rule of Terraform's is one of AWS's.
        "security_group_rule_id": ids[0] if len(ids) == 1 else "",
        "self": False,
        "source_security_group_id": None if rule.group is None else rule.group["id"],
        "to_port": rule.last_port,
        "type": rule.direction,
    }


def _of_vpc(estate: Estate, group: Written, rule: Rule, rule_id: str) -> Mapping[str, Any]:
    everything = rule.protocol == _ALL
    return {
        "id": rule_id,
        "arn": estate.arn("ec2", f"security-group-rule/{rule_id}"),
        "cidr_ipv4": rule.cidrs[0] if rule.cidrs else None,
        "description": rule.description or None,
        "from_port": None if everything else rule.port,
        "ip_protocol": rule.protocol,
        "referenced_security_group_id": None if rule.group is None else rule.group["id"],
        "security_group_id": group["id"],
        "security_group_rule_id": rule_id,
        "tags": None,
        "tags_all": {},
        "to_port": None if everything else rule.last_port,
    }
