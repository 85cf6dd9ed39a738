"""Secrets Manager: which version is current after its label has moved, which moto's GetSecretValue does not notice."""

from typing import Any

from moto.backends import get_backend

from workbench.sandbox.server.table import Call, Consequence, Forgotten, Missing


def _follow_current(call: Call) -> None:
    secret: Any = get_backend("secretsmanager")[call.account_id][call.region].secrets[call.parameters["SecretId"]]
    for version, details in secret.versions.items():
        if "AWSCURRENT" in details["version_stages"]:
            secret.set_default_version_id(version)


MISSING: tuple[Missing, ...] = ()
FORGOTTEN: tuple[Forgotten, ...] = ()
CONSEQUENCES: tuple[Consequence, ...] = (
    Consequence(service="secretsmanager", operation="UpdateSecretVersionStage", finish=_follow_current),
)
