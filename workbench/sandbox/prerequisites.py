"""Stand-ins for the resources that another stack owns and this one looks up, when that stack is not up."""

import json
from collections.abc import Sequence

from botocore.exceptions import ClientError

from workbench.sandbox.clients import Clients

_AUDIENCE = "sts.amazonaws.com"


def prerequisites(
    clients: Clients, *, repository_names: Sequence[str], registry_region: str, provider_url: str, role_name: str
) -> tuple[str, ...]:
    """Make the repositories, the OpenID Connect provider and its role where they are missing.

    Returns a line about each that was made; an empty tuple says that the owning stack is there already. The role may be
    assumed by nobody in particular: whom it trusts is the owning stack's business. Without a name there is none, and
    without a URL no provider.
    """
    made = [
        f"repository {name} in {registry_region}"
        for name in repository_names
        if _make_repository(clients, name, registry_region)
    ]
    if provider_url and _make_provider(clients, provider_url, registry_region):
        made.append(f"OpenID Connect provider {provider_url}")
    if role_name and _make_role(clients, role_name, provider_url, registry_region):
        made.append(f"role {role_name}")
    return tuple(made)


def _make_repository(clients: Clients, name: str, region: str) -> bool:
    try:
        clients.get("ecr", region).create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    except ClientError as error:
        return _is_there_already(error, "RepositoryAlreadyExistsException")
    return True


def _make_provider(clients: Clients, url: str, region: str) -> bool:
    try:
        clients.get("iam", region).create_open_id_connect_provider(Url=url, ClientIDList=[_AUDIENCE])
    except ClientError as error:
        return _is_there_already(error, "EntityAlreadyExists")
    return True


def _make_role(clients: Clients, name: str, provider_url: str, region: str) -> bool:
    account_id = clients.get("sts", region).get_caller_identity()["Account"]
    host = provider_url.removeprefix("https://")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": f"arn:aws:iam::{account_id}:oidc-provider/{host}"},
                "Condition": {"StringEquals": {f"{host}:aud": _AUDIENCE, f"{host}:sub": "nobody"}},
            }
        ],
    }
    try:
        clients.get("iam", region).create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    except ClientError as error:
        return _is_there_already(error, "EntityAlreadyExists")
    return True


def _is_there_already(error: ClientError, code: str) -> bool:
    """Return False, for "not made", when the error says that it exists; raise any other error."""
    if error.response.get("Error", {}).get("Code") != code:
        raise error
    return False
