"""IAM: the audiences of an OpenID Connect provider, and a second service-linked role of one service."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend
from moto.iam import models

from workbench.sandbox.server.limits import Check, at_most, limited
from workbench.sandbox.server.table import Call, Missing, Preparation, RefusalError, Supplement
from zelly_components.limits import sizes as limits


def _add_client_id(call: Call) -> Mapping[str, Any]:
    client_ids = _client_ids(call)
    if call.parameters["ClientID"] not in client_ids:
        client_ids.append(call.parameters["ClientID"])
    return {}


def _remove_client_id(call: Call) -> Mapping[str, Any]:
    client_ids = _client_ids(call)
    if call.parameters["ClientID"] in client_ids:
        client_ids.remove(call.parameters["ClientID"])
    return {}


def _client_ids(call: Call) -> list[str]:
    arn = call.parameters["OpenIDConnectProviderArn"]
    providers: Any = get_backend("iam")[call.account_id]["aws"].open_id_providers
    if arn not in providers:
        raise RefusalError("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}")
    return providers[arn].client_id_list


def _check_service_linked_role(call: Call) -> None:
    """Refuse a second role as IAM does; moto names another code."""
    roles: Any = get_backend("iam")[call.account_id]["aws"].roles
    path = f"/aws-service-role/{call.parameters['AWSServiceName']}/"
    if taken := [role.name for role in roles.values() if role.path == path]:
        raise RefusalError(
            "InvalidInput",
            f"Service role name {taken[0]} has been taken in this account, please try a different suffix.",
        )


def _trust_policy(member: str) -> Check:
    def check(call: Call) -> None:
        excess = limits.TRUST_POLICY.excess(call.parameters.get(member, ""))
        if excess is not None:
            quota = limits.TRUST_POLICY.maximum
            raise RefusalError("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {quota} ({excess})")

    return check


def _check_inline_policies(call: Call) -> None:
    roles: Mapping[str, Any] = get_backend("iam")[call.account_id]["aws"].roles
    role = next((role for role in roles.values() if role.name == call.parameters["RoleName"]), None)
    if role is None:
        # moto refuses the request.
        return
    policies = {**role.policies, call.parameters["PolicyName"]: call.parameters["PolicyDocument"]}
    excess = limits.INLINE_POLICIES.excess(*policies.values())
    if excess is not None:
        quota = limits.INLINE_POLICIES.maximum
        raise RefusalError(
            "LimitExceeded", f"Maximum policy size of {quota} bytes exceeded for role {role.name} ({excess})"
        )


_LIMITS = limited(
    "iam",
    {
        "CreatePolicy": at_most(limits.MANAGED_POLICY, "PolicyDocument", "LimitExceeded"),
        "CreateRole": _trust_policy("AssumeRolePolicyDocument"),
        "PutRolePolicy": _check_inline_policies,
        "UpdateAssumeRolePolicy": _trust_policy("PolicyDocument"),
    },
)
"""In the words of IAM's public error messages."""

_MISSING = (
    Missing(service="iam", operation="AddClientIDToOpenIDConnectProvider", answer=_add_client_id),
    Missing(service="iam", operation="RemoveClientIDFromOpenIDConnectProvider", answer=_remove_client_id),
)

_PREPARATIONS = (Preparation(service="iam", operation="CreateServiceLinkedRole", prepare=_check_service_linked_role),)


def _look_for_keys_in_one_partition() -> None:
    """Have moto look for a request's access key in the partition ``aws`` alone.

    It looks in five, each of which it makes for that, with all of AWS's 1,600 managed policies: half a second.
    """
    models.PARTITION_NAMES = ["aws"]  # pyright: ignore[reportPrivateImportUsage]


SUPPLEMENT = Supplement(
    limits=_LIMITS, missing=_MISSING, preparations=_PREPARATIONS, start=_look_for_keys_in_one_partition
)
