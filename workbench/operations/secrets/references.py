"""References of task definitions to keys of secrets, and whether those keys have values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.operations.secrets.values import fault

_SECRET_ARN = re.compile(
    r"(?P<arn>arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:(?P<name>[^:]+)-[^:-]{6})(:(?P<key>[^:]*):[^:]*:[^:]*)?"
)
"""``arn:json-key:version-stage:version-id`` (ECS Developer Guide, "Pass Secrets Manager secrets through Amazon ECS
environment variables"); Secrets Manager ends the ARN of a secret with six characters of its own."""


@dataclass(frozen=True, kw_only=True, order=True)
class SecretReference:
    """One environment variable of a container whose value is one key of a secret."""

    secret: str
    """Its name."""
    key: str
    """Empty: the whole secret, whatever it is."""
    container: str
    variable: str
    secret_arn: str


def secret_references(containers: Sequence[Mapping[str, Any]]) -> list[SecretReference]:
    """Return what container definitions (ECS's own form) refer to in Secrets Manager, sorted.

    References to other things (SSM parameters) are left out.
    """
    found = [
        (container["name"], variable["name"], _SECRET_ARN.fullmatch(variable["valueFrom"]))
        for container in containers
        for variable in container.get("secrets", [])
    ]
    return sorted(
        SecretReference(
            secret=match["name"],
            key=match["key"] or "",
            container=container,
            variable=variable,
            secret_arn=match["arn"],
        )
        for container, variable, match in found
        if match is not None
    )


def missing_values(
    references: Sequence[SecretReference], values_of: Callable[[str], Mapping[str, Any] | None]
) -> list[str]:
    """Return a line per secret whose keys cannot be given, naming secret, keys and the containers that need them.

    ``values_of`` returns what a secret holds by its ARN, None for nothing; it is asked once per secret.
    """
    held = {arn: values_of(arn) for arn in dict.fromkeys(reference.secret_arn for reference in references)}
    faults: dict[tuple[str, str, str], list[str]] = {}
    for reference in references:
        found = _fault(held[reference.secret_arn], reference.key)
        if found is not None:
            faults.setdefault((reference.secret, reference.container, found), []).append(reference.key)
    return [
        f"secret {secret}, needed by {container}: {', '.join(dict.fromkeys(keys)) or 'it'} {found}"
        for (secret, container, found), keys in faults.items()
    ]


def _fault(values: Mapping[str, Any] | None, key: str) -> str | None:
    """Return what is wrong with a key, in words; None when it has a value."""
    if values is None:
        return "cannot be found: there is no such secret, or it holds no JSON object"
    return fault(values, key) if key else None
