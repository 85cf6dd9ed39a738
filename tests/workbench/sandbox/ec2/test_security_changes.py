"""Security groups and their rules, changed in place and deleted."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.evaluate import Created
from workbench.sandbox.errors import AwsRefusalError

GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


@pytest.fixture(scope="module")
def vpc_id(sandbox: Sandbox) -> str:
    return sandbox.create("aws:ec2/vpc:Vpc", "shop", cidrBlock="10.0.0.0/16").id


def make_group(sandbox: Sandbox, vpc_id: str, name: str) -> Created:
    return sandbox.create(GROUP, name, vpcId=vpc_id, description="Shop")


def rules_of(sandbox: Sandbox, group_id: str) -> list[dict[str, Any]]:
    """Return a group's rules, each without what is the same for all of them."""
    filters = [{"Name": "group-id", "Values": [group_id]}]
    rules = sandbox.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    common = {"GroupId", "GroupOwnerId", "SecurityGroupRuleArn", "Tags"}
    return [{key: value for key, value in rule.items() if key not in common} for rule in rules]


@pytest.mark.parametrize(("token", "is_egress"), [(INGRESS_RULE, False), (EGRESS_RULE, True)])
def test_rule_changes_ports_range_and_description_under_the_same_id_and_goes(
    sandbox: Sandbox, vpc_id: str, token: str, is_egress: bool
) -> None:
    group_id = make_group(sandbox, vpc_id, "changes").id
    rule = {"securityGroupId": group_id, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    made = sandbox.create(token, "rule", **rule, cidrIpv4="0.0.0.0/0", description="Anybody")
    new = {**rule, "fromPort": 8443, "toPort": 8444}
    sandbox.update(token, "rule", **new, cidrIpv4="192.0.2.0/24", description="Office", tags={"a": "b"})
    assert rules_of(sandbox, group_id) == [
        {
            "SecurityGroupRuleId": made.id,
            "IsEgress": is_egress,
            "IpProtocol": "tcp",
            "FromPort": 8443,
            "ToPort": 8444,
            "CidrIpv4": "192.0.2.0/24",
            "Description": "Office",
        }
    ]
    described = sandbox.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[made.id])
    assert tags_of(described["SecurityGroupRules"][0]["Tags"]) == {"Project": "shop", "a": "b"}
    sandbox.delete(token, "rule")
    assert rules_of(sandbox, group_id) == []


def test_rule_between_groups_changes_its_peer_and_loses_its_description(sandbox: Sandbox, vpc_id: str) -> None:
    database, api, worker = (make_group(sandbox, vpc_id, name).id for name in ("database", "api", "worker"))
    rule = {"securityGroupId": database, "ipProtocol": "tcp", "fromPort": 3306, "toPort": 3306}
    sandbox.create(INGRESS_RULE, "rule", **rule, referencedSecurityGroupId=api, description="API")
    sandbox.update(INGRESS_RULE, "rule", **rule, referencedSecurityGroupId=worker)
    (found,) = rules_of(sandbox, database)
    assert (found["ReferencedGroupInfo"]["GroupId"], found.get("Description"), found["FromPort"]) == (
        worker,
        None,
        3306,
    )


def test_rule_opens_for_every_protocol(sandbox: Sandbox, vpc_id: str) -> None:
    group_id = make_group(sandbox, vpc_id, "open").id
    rule = {"securityGroupId": group_id, "cidrIpv4": "10.0.0.0/16"}
    sandbox.create(EGRESS_RULE, "rule", **rule, ipProtocol="tcp", fromPort=443, toPort=443)
    sandbox.update(EGRESS_RULE, "rule", **rule, ipProtocol="-1")
    (found,) = rules_of(sandbox, group_id)
    assert (found["IpProtocol"], found["CidrIpv4"], found.get("FromPort", -1)) == ("-1", "10.0.0.0/16", -1)


def test_rule_keeps_the_kind_of_its_peer(sandbox: Sandbox, vpc_id: str) -> None:
    group_id = make_group(sandbox, vpc_id, "kind").id
    rule = {"securityGroupId": group_id, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    sandbox.create(INGRESS_RULE, "rule", **rule, cidrIpv4="0.0.0.0/0")
    with pytest.raises(AwsRefusalError, match="You may not specify CidrIpv6 for an existing CidrIpv4 rule"):
        sandbox.update(INGRESS_RULE, "rule", **rule, cidrIpv6="::/0")


def test_group_goes(sandbox: Sandbox, vpc_id: str) -> None:
    made = make_group(sandbox, vpc_id, "gone")
    sandbox.delete(GROUP, "gone")
    filters = [{"Name": "group-id", "Values": [made.id]}]
    assert sandbox.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"GroupId": "sg-0123456789abcdef0"}, "InvalidGroup.NotFound"),
        ({"SecurityGroupRuleId": "sgr-0123456789abcdef0"}, "InvalidSecurityGroupRuleId.NotFound"),
        ({"ReferencedGroupId": "sg-0123456789abcdef0"}, "InvalidGroup.NotFound"),
    ],
)
def test_change_of_a_rule_that_names_what_is_not_there_is_refused(
    sandbox: Sandbox, vpc_id: str, change: dict[str, str], code: str
) -> None:
    group_id = make_group(sandbox, vpc_id, f"refusing-{next(iter(change))}").id
    rule = {"securityGroupId": group_id, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    made = sandbox.create(INGRESS_RULE, "rule", **rule, referencedSecurityGroupId=group_id)
    asked = {"GroupId": group_id, "SecurityGroupRuleId": made.id, "ReferencedGroupId": group_id, **change}
    new = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "ReferencedGroupId": asked["ReferencedGroupId"]}
    with pytest.raises(ClientError, match=rf"\({code}\)"):
        sandbox.client("ec2").modify_security_group_rules(
            GroupId=asked["GroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": asked["SecurityGroupRuleId"], "SecurityGroupRule": new}],
        )
    assert [found["FromPort"] for found in rules_of(sandbox, group_id)] == [443]
