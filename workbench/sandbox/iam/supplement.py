"""IAM: the audiences of an OpenID Connect provider, and a second service-linked role of one service."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.server.table import Call, Forgotten, Missing, Preparation, RefusalError


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


MISSING: tuple[Missing, ...] = (
    Missing(service="iam", operation="AddClientIDToOpenIDConnectProvider", answer=_add_client_id),
    Missing(service="iam", operation="RemoveClientIDFromOpenIDConnectProvider", answer=_remove_client_id),
)

FORGOTTEN: tuple[Forgotten, ...] = ()

PREPARATIONS: tuple[Preparation, ...] = (
    Preparation(service="iam", operation="CreateServiceLinkedRole", prepare=_check_service_linked_role),
)
