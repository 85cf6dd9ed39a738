"""Which keys of which secrets a task definition refers to, and whether they have values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    """Return a line per key that has no value, naming the secret, the key and the containers that need it.

    ``values_of`` returns what a secret holds by its ARN, None for nothing; it is asked once per secret.
    """
    containers: dict[tuple[str, str, str], list[str]] = {}
    for reference in references:
        needing = containers.setdefault((reference.secret, reference.secret_arn, reference.key), [])
        if reference.container not in needing:
            needing.append(reference.container)
    held = {arn: values_of(arn) for arn in dict.fromkeys(arn for _, arn, _ in containers)}
    return [
        f"secret {secret}: {what}; needed by {', '.join(needing)}"
        for (secret, arn, key), needing in containers.items()
        if (what := _missing(held[arn], key)) is not None
    ]


def _missing(values: Mapping[str, Any] | None, key: str) -> str | None:
    """Return what is missing, in words; None when nothing is."""
    if values is None:
        return f"no such secret, or it holds no JSON object with {key}" if key else "no such secret, or it is empty"
    if not key:
        return None
    if key not in values:
        return f"{key} is missing"
    return f"{key} is empty" if values[key] in ("", None) else None
