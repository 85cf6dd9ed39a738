"""Roles, their policies, instance profiles and the OpenID Connect provider, changed in place and deleted."""

import json
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
PROFILE = "aws:iam/instanceProfile:InstanceProfile"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
MANAGED_POLICY = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


def document(action: str, **principal: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, **({"Principal": principal} if principal else {"Resource": "*"})}
    return {"Version": "2012-10-17", "Statement": [statement]}


def trust(service: str) -> str:
    return json.dumps(document("sts:AssumeRole", Service=service))


def make_role(sandbox: Sandbox, name: str, **inputs: Any) -> str:
    return sandbox.create(ROLE, name, name=name, assumeRolePolicy=trust("ec2.amazonaws.com"), **inputs).id


def role_names(sandbox: Sandbox) -> set[str]:
    return {role["RoleName"] for role in sandbox.client("iam").list_roles()["Roles"]}


def roles_of_profile(sandbox: Sandbox, name: str) -> list[str]:
    profile = sandbox.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    return [role["RoleName"] for role in profile["Roles"]]


def test_role_changes_everything_that_it_can(sandbox: Sandbox) -> None:
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    make_role(sandbox, "changed", description="Old", maxSessionDuration=7200, tags={"Name": "changed"})
    sandbox.update(
        ROLE,
        "changed",
        name="changed",
        assumeRolePolicy=trust("ecs-tasks.amazonaws.com"),
        description="New",
        maxSessionDuration=7200,
        permissionsBoundary=boundary,
        tags={"Team": "data"},
    )
    role = sandbox.client("iam").get_role(RoleName="changed")["Role"]
    assert role["AssumeRolePolicyDocument"] == document("sts:AssumeRole", Service="ecs-tasks.amazonaws.com")
    assert (role["Description"], role["MaxSessionDuration"]) == ("New", 7200)
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert tags_of(role["Tags"]) == {"Project": "shop", "Team": "data"}


def test_role_falls_back_to_the_defaults_of_what_it_is_not_given_any_more(sandbox: Sandbox) -> None:
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    make_role(sandbox, "bare", description="Old", maxSessionDuration=7200, permissionsBoundary=boundary)
    sandbox.update(ROLE, "bare", name="bare", assumeRolePolicy=trust("ec2.amazonaws.com"))
    role = sandbox.client("iam").get_role(RoleName="bare")["Role"]
    assert (role.get("Description", ""), role["MaxSessionDuration"], role.get("PermissionsBoundary")) == (
        "",
        3600,
        None,
    )


def test_role_policy_changes_and_goes(sandbox: Sandbox) -> None:
    role = make_role(sandbox, "inline")
    sandbox.create(POLICY, "inline", name="inline", role=role, policy=json.dumps(document("s3:GetObject")))
    sandbox.update(POLICY, "inline", name="inline", role=role, policy=json.dumps(document("s3:PutObject")))
    iam = sandbox.client("iam")
    policy = iam.get_role_policy(RoleName=role, PolicyName="inline")["PolicyDocument"]
    assert policy == document("s3:PutObject")
    sandbox.delete(POLICY, "inline")
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []
    sandbox.delete(ROLE, "inline")
    assert "inline" not in role_names(sandbox)


def test_policy_attachment_goes_and_leaves_role_and_policy(sandbox: Sandbox) -> None:
    role = make_role(sandbox, "attached")
    sandbox.create(ATTACHMENT, "attached", role=role, policyArn=MANAGED_POLICY)
    with pytest.raises(AwsRefusalError, match="DeleteRole failed with DeleteConflict"):
        sandbox.delete(ROLE, "attached")
    sandbox.delete(ATTACHMENT, "attached")
    iam = sandbox.client("iam")
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    assert iam.get_policy(PolicyArn=MANAGED_POLICY)["Policy"]["Arn"] == MANAGED_POLICY
    sandbox.delete(ROLE, "attached")
    assert "attached" not in role_names(sandbox)


def test_role_with_force_goes_with_its_policies(sandbox: Sandbox) -> None:
    role = make_role(sandbox, "forced", forceDetachPolicies=True)
    iam = sandbox.client("iam")
    iam.attach_role_policy(RoleName=role, PolicyArn=MANAGED_POLICY)
    iam.put_role_policy(RoleName=role, PolicyName="by-hand", PolicyDocument=json.dumps(document("s3:GetObject")))
    sandbox.delete(ROLE, "forced")
    assert "forced" not in role_names(sandbox)


def test_instance_profile_changes_its_role_and_goes(sandbox: Sandbox) -> None:
    for name in ("profile-one", "profile-other"):
        make_role(sandbox, name)
    sandbox.create(PROFILE, "profile", name="profile", role="profile-one")
    sandbox.update(PROFILE, "profile", name="profile", role="profile-other")
    assert roles_of_profile(sandbox, "profile") == ["profile-other"]
    sandbox.delete(PROFILE, "profile")
    profiles = sandbox.client("iam").list_instance_profiles()["InstanceProfiles"]
    assert "profile" not in {found["InstanceProfileName"] for found in profiles}


def test_instance_profile_loses_its_role(sandbox: Sandbox) -> None:
    make_role(sandbox, "profile-former")
    sandbox.create(PROFILE, "emptied", name="emptied", role="profile-former")
    sandbox.update(PROFILE, "emptied", name="emptied")
    assert roles_of_profile(sandbox, "emptied") == []


def test_role_leaves_its_instance_profile_when_it_goes_first(sandbox: Sandbox) -> None:
    make_role(sandbox, "leaving")
    sandbox.create(PROFILE, "left", name="left", role="leaving")
    sandbox.delete(ROLE, "leaving")
    assert roles_of_profile(sandbox, "left") == []
    sandbox.delete(PROFILE, "left")
    profiles = sandbox.client("iam").list_instance_profiles()["InstanceProfiles"]
    assert "left" not in {found["InstanceProfileName"] for found in profiles}


def test_provider_changes_its_audiences_and_thumbprints_and_goes(sandbox: Sandbox) -> None:
    url = "https://issuer.example"
    made = sandbox.create(
        PROVIDER, "issuer", url=url, clientIdLists=["sts.amazonaws.com", "old"], thumbprintLists=["a" * 40]
    )
    sandbox.update(
        PROVIDER,
        "issuer",
        url=url,
        clientIdLists=["sts.amazonaws.com", "new"],
        thumbprintLists=["b" * 40],
        tags={"Name": "issuer"},
    )
    iam = sandbox.client("iam")
    provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made.id)
    assert (sorted(provider["ClientIDList"]), provider["ThumbprintList"]) == (["new", "sts.amazonaws.com"], ["b" * 40])
    assert tags_of(provider["Tags"]) == {"Project": "shop", "Name": "issuer"}
    sandbox.delete(PROVIDER, "issuer")
    assert made.id not in {found["Arn"] for found in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]}


def test_provider_keeps_the_thumbprints_that_it_is_not_given_any_more(sandbox: Sandbox) -> None:
    inputs: dict[str, Any] = {"url": "https://kept.example", "clientIdLists": ["sts.amazonaws.com"]}
    made = sandbox.create(PROVIDER, "kept", **inputs, thumbprintLists=["c" * 40])
    sandbox.update(PROVIDER, "kept", **inputs)
    provider = sandbox.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=made.id)
    assert provider["ThumbprintList"] == ["c" * 40]
