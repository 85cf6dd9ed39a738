"""Security groups and their rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.sandbox.ec2.network import ec2_arn, specification
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.table import AutoName, Delete, Irregular, Outputs, ResourceRow, Row

_ALLOW_ALL: Sequence[Mapping[str, Any]] = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
"""The egress rule that AWS puts into every new security group of a VPC."""

_INLINE_RULES = "inline rules fight with rules of their own (aws.vpc.SecurityGroupIngressRule): only [] is taken"


def _closed(made: Made) -> Outputs:
    # The provider removes the rule as well: a group lets out only what its rules say.
    made.call("revoke_security_group_egress", GroupId=made.id, IpPermissions=_ALLOW_ALL)
    return {"ownerId": made.account_id, "ingress": [], "egress": []}


def _no_inline_rules(_: Made, rules: Any) -> None:
    if rules:
        raise SandboxError(_INLINE_RULES)


def _default_security_group(making: Making) -> tuple[str, Outputs]:
    """Take over the group that came with the VPC and leave it without rules."""
    inputs = making.inputs
    if inputs.get("ingress") or inputs.get("egress"):
        raise SandboxError(_INLINE_RULES)
    filters = [{"Name": "vpc-id", "Values": [inputs["vpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    group = making.call("describe_security_groups", Filters=filters)["SecurityGroups"][0]
    group_id = group["GroupId"]
    if group["IpPermissions"]:
        making.call("revoke_security_group_ingress", GroupId=group_id, IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        making.call("revoke_security_group_egress", GroupId=group_id, IpPermissions=group["IpPermissionsEgress"])
    if making.tags:
        tags = [{"Key": key, "Value": value} for key, value in making.tags.items()]
        making.call("create_tags", Resources=[group_id], Tags=tags)
    return group_id, {
        "arn": making.arn("ec2", f"security-group/{group_id}"),
        "name": group["GroupName"],
        "description": group["Description"],
        "ownerId": making.account_id,
    }


def _ip_permission(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule in EC2's form, where the peer's kind decides the member that carries the description."""
    description = {"Description": inputs["description"]} if "description" in inputs else {}
    peers = {
        "cidrIpv4": ("IpRanges", "CidrIp"),
        "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
        "prefixListId": ("PrefixListIds", "PrefixListId"),
        "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    }
    permission: dict[str, Any] = {"IpProtocol": inputs["ipProtocol"]}
    permission |= {
        member: int(inputs[key]) for key, member in (("fromPort", "FromPort"), ("toPort", "ToPort")) if key in inputs
    }
    for key, (member, peer) in peers.items():
        if key in inputs:
            permission[member] = [{peer: inputs[key], **description}]
    return permission


_RULE_MEMBERS: Mapping[str, str] = {
    "ipProtocol": "IpProtocol",
    "fromPort": "FromPort",
    "toPort": "ToPort",
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupId",
    "description": "Description",
}
"""A rule's input -> its member in ModifySecurityGroupRules."""


def _change_rule(existing: Existing, _: Any) -> None:
    # The API takes a rule as a whole.
    rule = {member: existing.inputs[key] for key, member in _RULE_MEMBERS.items() if key in existing.inputs}
    rule |= {port: int(rule[port]) for port in ("FromPort", "ToPort") if port in rule}
    existing.call(
        "modify_security_group_rules",
        GroupId=existing.inputs["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": existing.id, "SecurityGroupRule": rule}],
    )


def _rule(direction: str) -> Irregular:
    def make(making: Making) -> tuple[str, Outputs]:
        tags = [{"Key": key, "Value": value} for key, value in making.tags.items()]
        rules = making.call(
            f"authorize_security_group_{direction}",
            GroupId=making.inputs["securityGroupId"],
            IpPermissions=[_ip_permission(making.inputs)],
            TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": tags}] if tags else [],
        )["SecurityGroupRules"]
        rule_id = rules[0]["SecurityGroupRuleId"]
        return rule_id, {
            "securityGroupRuleId": rule_id,
            "arn": making.arn("ec2", f"security-group-rule/{rule_id}"),
        }

    return Irregular(
        make=make,
        service="ec2",
        handles=frozenset({"securityGroupId", *_RULE_MEMBERS}),
        taggable=True,
        delete=Delete(
            operation=f"revoke_security_group_{direction}",
            parameters={"GroupId": "securityGroupId", "SecurityGroupRuleIds": "id"},
        ),
        update=dict.fromkeys(_RULE_MEMBERS, _change_rule),
    )


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ec2/securityGroup:SecurityGroup": Row(
        service="ec2",
        operation="create_security_group",
        id="GroupId",
        renames={"name": "GroupName"},
        # What the provider sends when the program gives no description.
        parameters={"Description": "Managed by Pulumi"},
        then={"ingress": _no_inline_rules, "egress": _no_inline_rules},
        finish=_closed,
        dropped={"revokeRulesOnDelete": "only says what a deletion does first"},
        name=AutoName(limit=255),
        tags=specification("security-group"),
        outputs={"arn": ec2_arn("security-group")},
        delete=Delete(operation="delete_security_group", parameters={"GroupId": "id"}),
        not_emulated=("No traffic passes, so that no rule is ever tried; they are kept as they were written.",),
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Irregular(
        make=_default_security_group,
        service="ec2",
        handles=frozenset({"vpcId", "ingress", "egress"}),
        dropped={"revokeRulesOnDelete": "only says what a deletion does first"},
        taggable=True,
        deleted_with="the VPC",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("egress"),
}
