import json
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError, FunctionError, NameTooLongError

ROLE = "aws:iam/role:Role"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
ISSUER = "https://token.actions.githubusercontent.com"


def trust(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def make_role(sandbox: Sandbox, name: str) -> str:
    return sandbox.create(ROLE, name, name=name, assumeRolePolicy=json.dumps(trust("ec2.amazonaws.com"))).id


def test_role_has_its_trust_policy_and_tags(sandbox: Sandbox) -> None:
    created = sandbox.create(
        ROLE,
        "pipeline",
        name="shop-pipeline",
        description="Deploys",
        assumeRolePolicy=json.dumps(trust("ec2.amazonaws.com")),
        maxSessionDuration=7200,
        forceDetachPolicies=True,
        tags={"Name": "pipeline"},
    )
    role = sandbox.client("iam").get_role(RoleName="shop-pipeline")["Role"]
    assert (role["AssumeRolePolicyDocument"], role["Description"], role["MaxSessionDuration"]) == (
        trust("ec2.amazonaws.com"),
        "Deploys",
        7200,
    )
    assert tags_of(role["Tags"]) == {"Project": "shop", "Name": "pipeline"}
    assert (created.id, created.outputs["name"], created.outputs["arn"]) == (
        "shop-pipeline",
        "shop-pipeline",
        "arn:aws:iam::123456789012:role/shop-pipeline",
    )
    assert created.outputs["uniqueId"] == role["RoleId"]


def test_role_is_named_after_the_resource_with_seven_random_digits(sandbox: Sandbox) -> None:
    created = sandbox.create(ROLE, "api-task", assumeRolePolicy=json.dumps(trust("ecs-tasks.amazonaws.com")))
    stem, _, suffix = created.id.rpartition("-")
    assert (stem, len(suffix), set(suffix) <= set("0123456789abcdef")) == ("api-task", 7, True)


def test_role_whose_name_has_no_room_for_the_suffix_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(
        NameTooLongError, match="plus 8 characters for the random suffix is longer than maximum length 64"
    ):
        sandbox.create(ROLE, "r" * 57, assumeRolePolicy=json.dumps(trust("ec2.amazonaws.com")))


def test_role_name_that_is_taken_is_refused_with_its_likely_cause(sandbox: Sandbox) -> None:
    make_role(sandbox, "taken")
    with pytest.raises(AwsRefusalError) as refusal:
        make_role(sandbox, "taken")
    assert (refusal.value.operation, refusal.value.code, refusal.value.likely_cause) == (
        "CreateRole",
        "EntityAlreadyExists",
        "something of that name is already there, perhaps from an earlier run",
    )


def test_inline_policy_is_put_into_the_role(sandbox: Sandbox) -> None:
    role = make_role(sandbox, "with-inline-policy")
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
    created = sandbox.create(
        "aws:iam/rolePolicy:RolePolicy", "read", name="read", role=role, policy=json.dumps(document)
    )
    iam = sandbox.client("iam")
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["read"]
    assert iam.get_role_policy(RoleName=role, PolicyName="read")["PolicyDocument"] == document
    assert created.id == "with-inline-policy:read"


def test_managed_policy_is_attached_and_has_to_exist(sandbox: Sandbox) -> None:
    role = make_role(sandbox, "with-managed-policy")
    attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    sandbox.create(attachment, "session-manager", role=role, policyArn=policy_arn)
    attached = sandbox.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [policy_arn]
    with pytest.raises(AwsRefusalError, match="AttachRolePolicy failed with NoSuchEntity"):
        sandbox.create(attachment, "wrong", role=role, policyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstance")


def test_instance_profile_holds_its_role(sandbox: Sandbox) -> None:
    role = make_role(sandbox, "of-a-host")
    created = sandbox.create("aws:iam/instanceProfile:InstanceProfile", "host", role=role)
    profile = sandbox.client("iam").get_instance_profile(InstanceProfileName=created.id)["InstanceProfile"]
    assert [held["RoleName"] for held in profile["Roles"]] == ["of-a-host"]
    assert created.outputs["name"] == created.id


def test_provider_and_role_are_found_by_the_lookups(sandbox: Sandbox) -> None:
    created = sandbox.create(PROVIDER, "github", url=ISSUER, clientIdLists=["sts.amazonaws.com"])
    make_role(sandbox, "looked-up")
    provider = sandbox.invoke("aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider", url=ISSUER)
    role = sandbox.invoke("aws:iam/getRole:getRole", name="looked-up")
    assert created.id == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    assert (provider["arn"], provider["clientIdLists"]) == (created.id, ["sts.amazonaws.com"])
    assert role["arn"] == "arn:aws:iam::123456789012:role/looked-up"


def test_lookup_of_what_is_not_there_fails(sandbox: Sandbox) -> None:
    with pytest.raises(FunctionError, match="aws:iam/getRole:getRole: GetRole failed with NoSuchEntity"):
        sandbox.invoke("aws:iam/getRole:getRole", name="nobody")


def test_caller_is_in_the_sandbox_account(sandbox: Sandbox) -> None:
    assert sandbox.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "123456789012"
