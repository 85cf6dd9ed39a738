"""What a task needs before its containers start, and ECS's words for what is missing: images and secrets."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.ecr.images import PLATFORM_ARCHITECTURES, WORKING, Behaviour, behaviour_of, platforms_of
from workbench.sandbox.ecs.simulation.life import Refusal

_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_NO_IMAGE = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref"
_NO_PLATFORM = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain"
)
_NO_VALUE = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
    "unable to retrieve"
)
_RETRIED = "service call has been retried 1 time(s)"


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """What came of pulling an image."""

    behaviour: Behaviour = WORKING
    digest: str | None = None
    """None for an image of another registry, which nobody asks."""
    refusal: str | None = None


def pull(image: str, *, account_id: str, architecture: str) -> Pulled:
    """Look an image up in the account's registry; one of any other registry is there and works."""
    found = _ECR_IMAGE.fullmatch(image)
    if found is None or found["account"] != account_id:
        return Pulled()
    stored = _stored(found, account_id)
    if stored is None:
        return Pulled(refusal=f"{_NO_IMAGE} {image}: {image}: not found")
    manifest = json.loads(stored.image_manifest)
    platforms = platforms_of(manifest)
    wanted = PLATFORM_ARCHITECTURES["ARM64" if architecture == "ARM64" else "X86_64"]
    if platforms and wanted not in platforms:
        return Pulled(refusal=f"{_NO_PLATFORM} descriptor matching platform 'linux/{wanted}'")
    return Pulled(behaviour=behaviour_of(manifest), digest=stored.get_image_digest())


def _stored(image: "re.Match[str]", account_id: str) -> Any:
    repository = get_backend("ecr")[account_id][image["region"]].repositories.get(image["repository"])
    if repository is None:
        return None
    tag = image["tag"] or (None if image["digest"] else "latest")
    for stored in repository.images:
        if image["digest"] == stored.get_image_digest() if image["digest"] else tag in stored.image_tags:
            return stored
    return None


def missing_secret(containers: Iterable[Mapping[str, Any]], *, account_id: str, region: str) -> Refusal | None:
    """Return why a task cannot start for the first secret that is not there; an empty value is one."""
    references = [(secret["valueFrom"], each["name"]) for each in containers for secret in each.get("secrets") or ()]
    for reference, container in references:
        parts = reference.split(":")
        if parts[:1] == ["arn"] and parts[2] == "secretsmanager":
            fault = _fault_of_secret(parts, account_id)
        else:
            fault = _fault_of_parameter(parts, account_id, region)
        if fault is not None:
            return Refusal(reason=f"{_NO_VALUE} {fault}", container=container)
    return None


def _fault_of_secret(parts: Sequence[str], account_id: str) -> str | None:
    """Return what is wrong with ``arn:aws:secretsmanager:region:account:secret:name[:key:stage:version]``."""
    arn = ":".join(parts[:7])
    key, stage, version = (*parts[7:], "", "", "")[:3]
    failed = (
        f"secret from asm: {_RETRIED}: failed to fetch secret {arn} from secrets manager: ResourceNotFoundException:"
    )
    secrets = get_backend("secretsmanager")[account_id][parts[3]].secrets
    secret: Any = secrets.get(arn) if arn in secrets else None
    if secret is None or secret.is_deleted():
        return f"{failed} Secrets Manager can't find the specified secret."
    found = _version(secret, stage or "AWSCURRENT", version)
    if found is None:
        label = f"VersionId: {version}" if version else f"staging label: {stage or 'AWSCURRENT'}"
        return f"{failed} Secrets Manager can't find the specified secret value for {label}"
    return _fault_of_value(found.get("secret_string", ""), key) if key else None


def _version(secret: Any, stage: str, version: str) -> Mapping[str, Any] | None:
    if version:
        return secret.versions.get(version)
    labelled = (each for each in secret.versions.values() if stage in each["version_stages"])
    found: Mapping[str, Any] | None = next(labelled, None)
    # moto keeps a version without a value for a secret that has none.
    return found if found and ("secret_string" in found or "secret_binary" in found) else None


def _fault_of_value(text: str, key: str) -> str | None:
    try:
        document = json.loads(text)
    except ValueError:
        # Go's words, in which no more of the value is told than its first character; here not even that.
        return f"secret from asm: {_RETRIED}: invalid character looking for beginning of value"
    if not isinstance(document, dict) or key not in document:
        return f"secret from asm: {_RETRIED}: retrieved secret from Secrets Manager did not contain json key {key}"
    return None


def _fault_of_parameter(parts: Sequence[str], account_id: str, region: str) -> str | None:
    """Return what is wrong with a parameter's ARN, or with its name alone."""
    reference = ":".join(parts)
    backend = get_backend("ssm")[account_id][parts[3] if parts[0] == "arn" else region]
    if backend.get_parameters([reference]):
        return None
    return f"secrets from ssm: {_RETRIED}: invalid parameters: {reference}"
