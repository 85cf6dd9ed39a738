"""Roles, and policies as Terraform writes them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.adoption.estate.making import Estate
from tests.adoption.estate.state_file import Written


def document(statements: Sequence[Mapping[str, Any]]) -> str:
    """Return a policy as jsonencode() writes it: keys in order, no spaces, <, > and & escaped."""
    text = json.dumps({"Statement": statements, "Version": "2012-10-17"}, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def make_role(
    estate: Estate, module: str, address: str, name: str, service: str, *, key: str | int | None = None
) -> Written:
    """Make a role that a service of AWS's may assume."""
    trust = document([{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": service}}])
    made = estate.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=estate.tag_list())[
        "Role"
    ]
    return estate.add(
        module,
        address,
        {
            "id": name,
            "arn": made["Arn"],
            "assume_role_policy": trust,
            "create_date": made["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "name": name,
            "name_prefix": estate.name_prefix(name) or "",
            "unique_id": made["RoleId"],
            **estate.tags(),
        },
        key=key,
    )
