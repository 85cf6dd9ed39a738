"""Roles, their policies, instance profiles, the OpenID Connect provider; and who is calling."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.mapping import plain
from workbench.sandbox.making.table import AutoName, Delete, Function, Irregular, Outputs, ResourceRow, Row, Tags
from workbench.sandbox.making.tagging import TagOperations

_SESSION_SECONDS = 3600
"""The longest session of a role, in seconds, where the program says nothing else."""


def _change_trust_policy(existing: Existing, policy: Any) -> None:
    existing.call("update_assume_role_policy", RoleName=existing.id, PolicyDocument=policy)


def _change_role(existing: Existing, _: Any) -> None:
    # The operation takes both, and resets what is left out.
    existing.call(
        "update_role",
        RoleName=existing.id,
        Description=existing.inputs.get("description", ""),
        MaxSessionDuration=int(existing.inputs.get("maxSessionDuration", _SESSION_SECONDS)),
    )


def _change_permissions_boundary(existing: Existing, policy_arn: Any) -> None:
    if policy_arn is None:
        existing.call("delete_role_permissions_boundary", RoleName=existing.id)
    else:
        existing.call("put_role_permissions_boundary", RoleName=existing.id, PermissionsBoundary=policy_arn)


def _delete_role(existing: Existing) -> None:
    """Delete a role as the provider does: out of its instance profiles first, out of its policies only if forced."""
    name = existing.id
    for profile in existing.call("list_instance_profiles_for_role", RoleName=name)["InstanceProfiles"]:
        existing.call(
            "remove_role_from_instance_profile", InstanceProfileName=profile["InstanceProfileName"], RoleName=name
        )
    if existing.inputs.get("forceDetachPolicies"):
        for policy in existing.call("list_attached_role_policies", RoleName=name)["AttachedPolicies"]:
            existing.call("detach_role_policy", RoleName=name, PolicyArn=policy["PolicyArn"])
        for policy_name in existing.call("list_role_policies", RoleName=name)["PolicyNames"]:
            existing.call("delete_role_policy", RoleName=name, PolicyName=policy_name)
    existing.call("delete_role", RoleName=name)


def _change_role_policy(existing: Existing, policy: Any) -> None:
    inputs = existing.inputs
    existing.call("put_role_policy", RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=policy)


def _change_profile_role(existing: Existing, role: Any) -> None:
    _remove_role(existing, existing.old_inputs)
    if role is not None:
        _add_role(existing, role)


def _delete_instance_profile(existing: Existing) -> None:
    _remove_role(existing, existing.inputs)
    existing.call("delete_instance_profile", InstanceProfileName=existing.id)


def _remove_role(existing: Existing, inputs: Mapping[str, Any]) -> None:
    # A role that was deleted first has taken itself out of the profile.
    profile = existing.call("get_instance_profile", InstanceProfileName=existing.id)["InstanceProfile"]
    if inputs.get("role") in {role["RoleName"] for role in profile["Roles"]}:
        existing.call("remove_role_from_instance_profile", InstanceProfileName=existing.id, RoleName=inputs["role"])


def _change_client_ids(existing: Existing, client_ids: Any) -> None:
    old: list[str] = existing.old_inputs["clientIdLists"]
    for client_id in client_ids:
        if client_id not in old:
            existing.call(
                "add_client_id_to_open_id_connect_provider", OpenIDConnectProviderArn=existing.id, ClientID=client_id
            )
    for client_id in old:
        if client_id not in client_ids:
            existing.call(
                "remove_client_id_from_open_id_connect_provider",
                OpenIDConnectProviderArn=existing.id,
                ClientID=client_id,
            )


def _change_thumbprints(existing: Existing, thumbprints: Any) -> None:
    # Without the input the provider leaves those that are there.
    if thumbprints is not None:
        existing.call(
            "update_open_id_connect_provider_thumbprint",
            OpenIDConnectProviderArn=existing.id,
            ThumbprintList=thumbprints,
        )


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
        tag_change=TagOperations(put="tag_role", take_off="untag_role", member="RoleName"),
        outputs={"uniqueId": "RoleId"},
        delete=_delete_role,
        update={
            "assumeRolePolicy": _change_trust_policy,
            "description": _change_role,
            "maxSessionDuration": _change_role,
            "permissionsBoundary": _change_permissions_boundary,
        },
        not_emulated=("Policies are kept and not enforced: every call is allowed.",),
    ),
    "aws:iam/rolePolicy:RolePolicy": Irregular(
        make=_role_policy,
        service="iam",
        handles=frozenset({"role", "name", "policy"}),
        import_id="{role}:{name}",
        name=AutoName(limit=128),
        delete=Delete(operation="delete_role_policy", parameters={"RoleName": "role", "PolicyName": "name"}),
        update={"policy": _change_role_policy},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Irregular(
        make=_role_policy_attachment,
        service="iam",
        handles=frozenset({"role", "policyArn"}),
        import_id="{role}/{policyArn}",
        delete=Delete(operation="detach_role_policy", parameters={"RoleName": "role", "PolicyArn": "policyArn"}),
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
        tag_change=TagOperations(
            put="tag_instance_profile", take_off="untag_instance_profile", member="InstanceProfileName"
        ),
        outputs={"uniqueId": "InstanceProfileId"},
        delete=_delete_instance_profile,
        update={"role": _change_profile_role},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Row(
        service="iam",
        operation="create_open_id_connect_provider",
        id="OpenIDConnectProviderArn",
        renames={"clientIdLists": "ClientIDList", "thumbprintLists": "ThumbprintList"},
        tags=Tags(),
        tag_change=TagOperations(
            put="tag_open_id_connect_provider",
            take_off="untag_open_id_connect_provider",
            member="OpenIDConnectProviderArn",
        ),
        outputs={"arn": "OpenIDConnectProviderArn"},
        delete=Delete(operation="delete_open_id_connect_provider", parameters={"OpenIDConnectProviderArn": "id"}),
        update={"clientIdLists": _change_client_ids, "thumbprintLists": _change_thumbprints},
    ),
}

FUNCTIONS: Mapping[str, Function] = {
    "aws:iam/getRole:getRole": Function(service="iam", answer=_get_role, handles=frozenset({"name"})),
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": Function(
        service="iam", answer=_get_open_id_connect_provider, handles=frozenset({"url"})
    ),
    "aws:index/getCallerIdentity:getCallerIdentity": Function(service="sts", answer=_get_caller_identity),
}
