from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError, SandboxError

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


@pytest.fixture(scope="module")
def vpc_id(sandbox: Sandbox) -> str:
    return sandbox.create("aws:ec2/vpc:Vpc", "shop", cidrBlock="10.0.0.0/16").id


def rules_of(sandbox: Sandbox, group_id: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-id", "Values": [group_id]}]
    return sandbox.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]


def test_new_group_has_no_rule_in_either_direction(sandbox: Sandbox, vpc_id: str) -> None:
    created = sandbox.create(
        GROUP, "closed", vpcId=vpc_id, description="MySQL", revokeRulesOnDelete=False, tags={"Name": "closed"}
    )
    group = sandbox.client("ec2").describe_security_groups(GroupIds=[created.id])["SecurityGroups"][0]
    assert (group["VpcId"], group["Description"], tags_of(group["Tags"])) == (
        vpc_id,
        "MySQL",
        {"Project": "shop", "Name": "closed"},
    )
    assert (group["IpPermissions"], group["IpPermissionsEgress"], rules_of(sandbox, created.id)) == ([], [], [])
    assert group["GroupName"] == created.outputs["name"]


def test_rules_are_kept_as_written(sandbox: Sandbox, vpc_id: str) -> None:
    database = sandbox.create(GROUP, "database", vpcId=vpc_id, description="MySQL").id
    api = sandbox.create(GROUP, "api", vpcId=vpc_id, description="API").id
    ingress = sandbox.create(
        INGRESS_RULE,
        "database-from-api",
        securityGroupId=database,
        referencedSecurityGroupId=api,
        ipProtocol="tcp",
        fromPort=3306,
        toPort=3306,
        description="api to database",
    )
    egress = sandbox.create(
        EGRESS_RULE,
        "api-to-internet",
        securityGroupId=api,
        cidrIpv4="0.0.0.0/0",
        ipProtocol="tcp",
        fromPort=443,
        toPort=443,
        description="api to internet",
        tags={"Name": "out"},
    )
    database_rule, api_rule = rules_of(sandbox, database), rules_of(sandbox, api)
    assert [
        (
            rule["SecurityGroupRuleId"],
            rule["IsEgress"],
            rule["ReferencedGroupInfo"]["GroupId"],
            rule["IpProtocol"],
            rule["FromPort"],
            rule["ToPort"],
            rule["Description"],
        )
        for rule in database_rule
    ] == [(ingress.id, False, api, "tcp", 3306, 3306, "api to database")]
    assert [
        (rule["SecurityGroupRuleId"], rule["IsEgress"], rule["CidrIpv4"], rule["FromPort"]) for rule in api_rule
    ] == [(egress.id, True, "0.0.0.0/0", 443)]
    assert tags_of(api_rule[0]["Tags"]) == {"Project": "shop", "Name": "out"}


def test_same_rule_twice_is_refused(sandbox: Sandbox, vpc_id: str) -> None:
    group_id = sandbox.create(GROUP, "twice", vpcId=vpc_id, description="twice").id
    rule = {
        "securityGroupId": group_id,
        "cidrIpv4": "10.0.0.0/16",
        "ipProtocol": "udp",
        "fromPort": 51820,
        "toPort": 51820,
    }
    sandbox.create(INGRESS_RULE, "one", **rule)
    with pytest.raises(AwsRefusalError, match=r"InvalidPermission\.Duplicate"):
        sandbox.create(INGRESS_RULE, "two", **rule)


def test_inline_rules_are_refused(sandbox: Sandbox, vpc_id: str) -> None:
    rule = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}
    with pytest.raises(SandboxError, match="inline rules"):
        sandbox.create(GROUP, "inline", vpcId=vpc_id, description="inline", ingress=[rule])


def test_default_group_of_the_vpc_is_taken_over_and_closed(sandbox: Sandbox) -> None:
    vpc = sandbox.create("aws:ec2/vpc:Vpc", "closed", cidrBlock="10.3.0.0/16")
    created = sandbox.create(
        DEFAULT_GROUP, "default", vpcId=vpc.id, ingress=[], egress=[], tags={"Name": "shop-default-closed"}
    )
    group = sandbox.client("ec2").describe_security_groups(GroupIds=[created.id])["SecurityGroups"][0]
    assert created.id == vpc.outputs["defaultSecurityGroupId"]
    assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])
    assert tags_of(group["Tags"]) == {"Project": "shop", "Name": "shop-default-closed"}
