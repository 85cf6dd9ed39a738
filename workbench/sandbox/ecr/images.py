"""Images of the sandbox: nothing is in them but word of how their containers behave.

The word stands in annotations of the image's index, which is what ``docker buildx`` pushes for one architecture too, so
that whoever looks for an image's architecture finds it where a real image has it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, cast

Architecture = Literal["X86_64", "ARM64"]

ANNOTATION_PREFIX = "workbench.sandbox."

TAG_ANNOTATION = f"{ANNOTATION_PREFIX}tag"
"""The tag that an image was made for, so that two of the same behaviour are two images, as two builds are."""

PLATFORM_ARCHITECTURES: Mapping[Architecture, str] = {"X86_64": "amd64", "ARM64": "arm64"}
"""What the registry calls ECS's architectures (OCI image index specification, ``platform.architecture``)."""

INDEX_MEDIA_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"
_CONFIG_MEDIA_TYPE = "application/vnd.oci.image.config.v1+json"
_LAYER_MEDIA_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"

DEFAULT_READY_AFTER_SECONDS = 2.0
DEFAULT_CRASH_AFTER_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a container of an image does. Seconds count from its start, and are the sandbox's: see its speed."""

    ready_after: float = DEFAULT_READY_AFTER_SECONDS
    """Until its health check, or its load balancer's, finds it healthy."""
    unhealthy: bool = False
    """It runs, and no health check ever finds it healthy."""
    crash: int | None = None
    """The exit code that it ends with; None: it runs on."""
    crash_after: float = DEFAULT_CRASH_AFTER_SECONDS
    log: tuple[str, ...] = ()
    """The lines that it writes when it starts."""
    run_exit_code: int = 0
    """What a command that is run in it, instead of its own, ends with."""
    run_log: tuple[str, ...] = ()
    """The lines that such a command writes."""


WORKING = Behaviour()
"""An image that says nothing of itself just works."""


def annotations(behaviour: Behaviour) -> dict[str, str]:
    """Return the annotations that tell of a behaviour: those that differ from :data:`WORKING`, as JSON values."""
    working = asdict(WORKING)
    return {
        f"{ANNOTATION_PREFIX}{name.replace('_', '-')}": json.dumps(value)
        for name, value in asdict(behaviour).items()
        if value != working[name]
    }


def behaviour_of(manifest: Mapping[str, Any]) -> Behaviour:
    """Return the behaviour that a manifest or an index tells of; an image of anybody else's just works."""
    told: Mapping[str, str] = manifest.get("annotations", {})
    return Behaviour(
        **{
            field.name: _read(told[annotation])
            for field in fields(Behaviour)
            if (annotation := f"{ANNOTATION_PREFIX}{field.name.replace('_', '-')}") in told
        }
    )


def _read(text: str) -> Any:
    value: Any = json.loads(text)
    return tuple(cast("list[str]", value)) if isinstance(value, list) else value


def platforms_of(manifest: Mapping[str, Any]) -> list[str]:
    """Return the architectures that an index offers, as the registry calls them; none for what is no index."""
    platforms: list[Mapping[str, str]] = [entry.get("platform", {}) for entry in manifest.get("manifests", [])]
    return [platform["architecture"] for platform in platforms if "architecture" in platform]


@dataclass(frozen=True, kw_only=True)
class SandboxImage:
    """An image as it lies in a registry."""

    index: str
    """The index's text, of which :attr:`digest` is the digest."""
    manifest: str
    """The text of the manifest that the index names."""

    @property
    def digest(self) -> str:
        """``sha256:…`` of the index."""
        return digest_of(self.index)


def sandbox_image(tag: str, behaviour: Behaviour, architecture: Architecture) -> SandboxImage:
    """Return an image that behaves like that. The same arguments make the same digests, another tag makes others."""
    platform = {"architecture": PLATFORM_ARCHITECTURES[architecture], "os": "linux"}
    config = json.dumps({**platform, "config": {"Labels": {TAG_ANNOTATION: tag}}}, sort_keys=True)
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_MEDIA_TYPE,
            "config": _descriptor(_CONFIG_MEDIA_TYPE, config),
            "layers": [_descriptor(_LAYER_MEDIA_TYPE, "")],
        }
    )
    index = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": INDEX_MEDIA_TYPE,
            "manifests": [{**_descriptor(MANIFEST_MEDIA_TYPE, manifest), "platform": platform}],
            "annotations": {TAG_ANNOTATION: tag, **annotations(behaviour)},
        }
    )
    return SandboxImage(index=index, manifest=manifest)


def digest_of(text: str) -> str:
    """Return a text's digest as registries write it."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _descriptor(media_type: str, content: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content.encode())}
