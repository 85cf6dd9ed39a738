"""Roles, their policies, instance profiles, the OpenID Connect provider; and who is calling."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.making import Made, Making
from zelly_infra.sandbox.mapping import plain
from zelly_infra.sandbox.table import AutoName, Function, Irregular, Outputs, ResourceRow, Row, Tags


def _role_policy(making: Making) -> tuple[str, Outputs]:
    inputs = making.inputs
    making.call("put_role_policy", RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"])
    return f"{inputs['role']}:{inputs['name']}", {}


def _role_policy_attachment(making: Making) -> tuple[str, Outputs]:
    role, policy_arn = making.inputs["role"], making.inputs["policyArn"]
    making.call("attach_role_policy", RoleName=role, PolicyArn=policy_arn)
    return f"{role}/{policy_arn}", {}


def _add_role(made: Made, role: Any) -> None:
    made.call("add_role_to_instance_profile", InstanceProfileName=made.id, RoleName=role)


def _get_role(making: Making) -> Outputs:
    role = making.call("get_role", RoleName=making.inputs["name"])["Role"]
    return {
        "id": role["RoleName"],
        "name": role["RoleName"],
        "arn": role["Arn"],
        "uniqueId": role["RoleId"],
        "path": role["Path"],
        "description": role.get("Description", ""),
        "createDate": plain(role["CreateDate"]),
        "maxSessionDuration": role.get("MaxSessionDuration", 3600),
    }


def _get_open_id_connect_provider(making: Making) -> Outputs:
    host = making.inputs["url"].removeprefix("https://")
    arn = f"arn:aws:iam::{making.account_id}:oidc-provider/{host}"
    provider = making.call("get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
    return {
        "id": arn,
        "arn": arn,
        "url": provider["Url"],
        "clientIdLists": provider["ClientIDList"],
        "thumbprintLists": provider["ThumbprintList"],
    }


def _get_caller_identity(making: Making) -> Outputs:
    identity = making.call("get_caller_identity")
    return {
        "id": identity["Account"],
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "userId": identity["UserId"],
    }


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:iam/role:Role": Row(
        service="iam",
        operation="create_role",
        id="Role.RoleName",
        result="Role",
        renames={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
        dropped={"forceDetachPolicies": "only says what a deletion does first"},
        name=AutoName(limit=64),
        tags=Tags(),
        outputs={"uniqueId": "RoleId"},
        not_emulated=("Policies are kept and not enforced: every call is allowed.",),
    ),
    "aws:iam/rolePolicy:RolePolicy": Irregular(
        make=_role_policy,
        service="iam",
        handles=frozenset({"role", "name", "policy"}),
        name=AutoName(limit=128),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Irregular(
        make=_role_policy_attachment, service="iam", handles=frozenset({"role", "policyArn"})
    ),
    "aws:iam/instanceProfile:InstanceProfile": Row(
        service="iam",
        operation="create_instance_profile",
        id="InstanceProfile.InstanceProfileName",
        result="InstanceProfile",
        renames={"name": "InstanceProfileName"},
        then={"role": _add_role},
        name=AutoName(limit=128),
        tags=Tags(),
        outputs={"uniqueId": "InstanceProfileId"},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Row(
        service="iam",
        operation="create_open_id_connect_provider",
        id="OpenIDConnectProviderArn",
        renames={"clientIdLists": "ClientIDList", "thumbprintLists": "ThumbprintList"},
        tags=Tags(),
        outputs={"arn": "OpenIDConnectProviderArn"},
    ),
}

FUNCTIONS: Mapping[str, Function] = {
    "aws:iam/getRole:getRole": Function(service="iam", answer=_get_role, handles=frozenset({"name"})),
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": Function(
        service="iam", answer=_get_open_id_connect_provider, handles=frozenset({"url"})
    ),
    "aws:index/getCallerIdentity:getCallerIdentity": Function(service="sts", answer=_get_caller_identity),
}
