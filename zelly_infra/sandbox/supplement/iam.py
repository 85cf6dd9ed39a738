"""IAM: the audiences of an OpenID Connect provider."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from zelly_infra.sandbox.supplement.table import Call, Forgotten, Missing, RefusalError


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


MISSING: tuple[Missing, ...] = (
    Missing(service="iam", operation="AddClientIDToOpenIDConnectProvider", answer=_add_client_id),
    Missing(service="iam", operation="RemoveClientIDFromOpenIDConnectProvider", answer=_remove_client_id),
)

FORGOTTEN: tuple[Forgotten, ...] = ()
