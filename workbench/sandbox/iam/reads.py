"""The readings of roles, their policies, instance profiles and the OpenID Connect provider."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.answers import document, name_prefix, or_empty
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _attachment(existing: Existing) -> Any:
    wanted = existing.outputs["policyArn"]
    return next((one for one in existing.result["AttachedPolicies"] if one["PolicyArn"] == wanted), None)


def _role(existing: Existing) -> str:
    return existing.outputs["role"]


READS: Mapping[str, Read] = {
    "aws:iam/role:Role": Read(
        operation="get_role",
        parameters={"RoleName": "id"},
        result="Role",
        named={
            "assumeRolePolicy": document("AssumeRolePolicyDocument"),
            "description": or_empty("Description"),
            "namePrefix": name_prefix("RoleName"),
            "permissionsBoundary": or_empty("PermissionsBoundary.PermissionsBoundaryArn"),
        },
        defaults={"maxSessionDuration": 3600, "path": "/"},
    ),
    "aws:iam/rolePolicy:RolePolicy": Read(
        operation="get_role_policy",
        parameters={"RoleName": "role", "PolicyName": "name"},
        result="@",
        id=lambda existing: f"{existing.result['RoleName']}:{existing.result['PolicyName']}",
        named={
            "role": "RoleName",
            "name": "PolicyName",
            "namePrefix": name_prefix("PolicyName"),
            "policy": document("PolicyDocument"),
        },
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Read(
        operation="list_attached_role_policies",
        parameters={"RoleName": "role"},
        result=_attachment,
        id=lambda existing: f"{_role(existing)}/{existing.result['PolicyArn']}",
        named={"role": _role},
    ),
    "aws:iam/instanceProfile:InstanceProfile": Read(
        operation="get_instance_profile",
        parameters={"InstanceProfileName": "id"},
        result="InstanceProfile",
        named={"role": or_empty("Roles[0].RoleName"), "namePrefix": name_prefix("InstanceProfileName")},
        defaults={"path": "/"},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Read(
        operation="get_open_id_connect_provider",
        parameters={"OpenIDConnectProviderArn": "id"},
        result="@",
        # IAM leaves out how it is called.
        named={"url": lambda existing: f"https://{existing.result['Url'].removeprefix('https://')}"},
        outputs={"arn": lambda existing: existing.id},
    ),
}
