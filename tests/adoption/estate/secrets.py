"""Secrets, and the one version of those whose values Terraform knows."""

import json
from collections.abc import Mapping, Sequence

from tests.adoption.estate.making import Estate
from tests.adoption.estate.state_file import Written


def make_secret(estate: Estate, module: str, address: str, name: str, description: str) -> Written:
    """Make a secret without a value."""
    made = estate.client("secretsmanager").create_secret(Name=name, Description=description, Tags=estate.tag_list())
    return estate.add(
        module,
        address,
        {
            "id": made["ARN"],
            "arn": made["ARN"],
            "description": description,
            "name": name,
            "recovery_window_in_days": 30 if estate.facts.deletion_protection else 0,
            **estate.tags(),
        },
    )


def write_version(
    estate: Estate, module: str, secret: Written, value: Mapping[str, str], *, after: Sequence[Written]
) -> None:
    """Put a value into a secret of Terraform's."""
    # As jsonencode() writes it: keys in order, no spaces.
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    made = estate.client("secretsmanager").put_secret_value(SecretId=secret["id"], SecretString=text)
    estate.add(
        module,
        "aws_secretsmanager_secret_version.this",
        {
            "id": f"{secret['id']}|{made['VersionId']}",
            "arn": secret["id"],
            "has_secret_string_wo": None,
            "secret_id": secret["id"],
            "secret_string": text,
            "version_id": made["VersionId"],
            "version_stages": ["AWSCURRENT"],
        },
        after=[secret, *after],
        sensitive=("secret_binary", "secret_string"),
    )
