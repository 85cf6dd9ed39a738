"""Secrets Manager: which version is current after its label has moved, which moto's GetSecretValue does not notice."""

from typing import Any

from moto.backends import get_backend

from workbench.sandbox.server.limits import at_most, limited
from workbench.sandbox.server.table import Call, Consequence, Supplement
from zelly_components.limits import sizes as limits


def _follow_current(call: Call) -> None:
    secret: Any = get_backend("secretsmanager")[call.account_id][call.region].secrets[call.parameters["SecretId"]]
    for version, details in secret.versions.items():
        if "AWSCURRENT" in details["version_stages"]:
            secret.set_default_version_id(version)


_SECRET = at_most(limits.SECRET, "SecretString", "ValidationException")
_LIMITS = limited("secretsmanager", {"CreateSecret": _SECRET, "PutSecretValue": _SECRET})

_CONSEQUENCES = (Consequence(service="secretsmanager", operation="UpdateSecretVersionStage", finish=_follow_current),)

SUPPLEMENT = Supplement(limits=_LIMITS, consequences=_CONSEQUENCES)
