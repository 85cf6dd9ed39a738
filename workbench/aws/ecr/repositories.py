"""Amazon ECR: the images in the repositories."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, Reason, calling

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecr.type_defs import ImageDetailTypeDef

_INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFEST_TYPES = (
    *_INDEX_TYPES,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_CONFIG_TIMEOUT_SECONDS = 10

DOCKER_ARCHITECTURES: Mapping[str, str] = {"X86_64": "amd64", "ARM64": "arm64"}
"""Docker's names of ECS's ``cpuArchitecture``."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image of a repository."""

    repository: str
    digest: str
    tags: tuple[str, ...]
    """In alphabetical order; none for an untagged one."""
    pushed_at: datetime
    size_bytes: int | None = None
    """Of the compressed layers; None where ECR does not say, of an index for example."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The manifest of an image, byte by byte as it was pushed."""

    text: str
    media_type: str

    @property
    def document(self) -> Mapping[str, Any]:
        """The JSON object."""
        return json.loads(self.text)


class Ecr:
    """The calls of Amazon ECR that are used. The connection is one to the registry's region."""

    def __init__(self, connection: Connection) -> None:
        self._client: ECRClient = connection.client("ecr")
        # What only makes an answer fuller is not waited for.
        self._impatient: ECRClient = connection.client("ecr", repeatable=False)

    def images(self, repository: str) -> list[Image]:
        """Return every image of a repository, the newest first; none when there is no such repository."""
        found: list[Image] = []
        try:
            with calling("ecr:DescribeImages", f"repository {repository}"):
                for page in self._client.get_paginator("describe_images").paginate(repositoryName=repository):
                    found += [_image(repository, described) for described in page["imageDetails"]]
        except AwsError as error:
            if error.code != "RepositoryNotFoundException":
                raise
        return sorted(found, key=lambda image: (image.pushed_at, image.digest), reverse=True)

    def lifecycle_policy(self, repository: str) -> str | None:
        """Return a repository's lifecycle policy, the JSON text; None when it has none, so that nothing expires."""
        try:
            with calling("ecr:GetLifecyclePolicy", f"repository {repository}"):
                return self._client.get_lifecycle_policy(repositoryName=repository)["lifecyclePolicyText"]
        except AwsError as error:
            if error.code in ("LifecyclePolicyNotFoundException", "RepositoryNotFoundException"):
                return None
            raise

    def manifest(self, image: Image) -> Manifest:
        """Return the manifest of an image, or its index when it was built for several architectures."""
        with calling("ecr:BatchGetImage", f"repository {image.repository}"):
            answer = self._client.batch_get_image(
                repositoryName=image.repository,
                imageIds=[{"imageDigest": image.digest}],
                acceptedMediaTypes=list(_MANIFEST_TYPES),
            )
        for found in answer["images"]:
            text = found["imageManifest"]
            return Manifest(text=text, media_type=found.get("imageManifestMediaType") or _media_type(text))
        failure = answer["failures"][0]
        raise AwsError(
            operation="ecr:BatchGetImage",
            target=f"repository {image.repository}",
            code=failure["failureCode"],
            message=failure["failureReason"],
            reason=Reason.REFUSED,
        )

    def architectures(self, image: Image, manifest: Manifest) -> frozenset[str] | None:
        """Return the architectures that an image runs on, as Docker calls them (``amd64``, ``arm64``).

        An index lists them; a single image says it in its config, which ECR hands out by a link of its own. None when
        nothing tells: the config cannot be read, or it does not say.
        """
        document = manifest.document
        if manifest.media_type in _INDEX_TYPES:
            # Attestations of a build are listed too, for the platform unknown/unknown.
            platforms = [entry.get("platform", {}) for entry in document["manifests"]]
            return frozenset(platform["architecture"] for platform in platforms if platform.get("os") == "linux")
        config = self._config(image, str(document.get("config", {}).get("digest", "")))
        architecture = config.get("architecture")
        return frozenset({architecture}) if isinstance(architecture, str) else None

    def add_tag(self, image: Image, manifest: Manifest, tag: str) -> None:
        """Give an image another tag. Nothing is built or copied: the same manifest is put under the tag.

        Raises:
            AwsError: with the code ``ImageTagAlreadyExistsException`` when the tag is another image's, and with
                ``ImageAlreadyExistsException`` when this image has it.
        """
        with calling("ecr:PutImage", f"repository {image.repository}, tag {tag}"):
            self._client.put_image(
                repositoryName=image.repository,
                imageManifest=manifest.text,
                imageManifestMediaType=manifest.media_type,
                imageTag=tag,
                imageDigest=image.digest,
            )

    def _config(self, image: Image, digest: str) -> Mapping[str, Any]:
        import requests  # noqa: PLC0415 (loads slowly)

        try:
            with calling("ecr:GetDownloadUrlForLayer", f"repository {image.repository}"):
                link = self._impatient.get_download_url_for_layer(repositoryName=image.repository, layerDigest=digest)
            answer = requests.get(link["downloadUrl"], timeout=_CONFIG_TIMEOUT_SECONDS)
            answer.raise_for_status()
            return cast(Mapping[str, Any], answer.json())
        except (AwsError, requests.RequestException):
            return {}


def _image(repository: str, described: "ImageDetailTypeDef") -> Image:
    return Image(
        repository=repository,
        digest=described["imageDigest"],
        tags=tuple(sorted(described.get("imageTags", []))),
        pushed_at=described["imagePushedAt"],
        size_bytes=described.get("imageSizeInBytes"),
    )


def _media_type(manifest: str) -> str:
    return json.loads(manifest).get("mediaType", _MANIFEST_TYPES[-1])
