"""Roles, their policies, instance profiles, the OpenID Connect provider; and who is calling."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.errors import SandboxError
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


def _provider_url(_: Made) -> Any:
    return _.inputs["url"].removeprefix("https://")


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


RESOURCES: Mapping[str, ResourceRow] = {}
FUNCTIONS: Mapping[str, Function] = {}
