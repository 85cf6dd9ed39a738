"""Put images into the embedded registry, which Docker cannot push to."""

from typing import Any

from workbench.sandbox.ecr.images import INDEX_MEDIA_TYPE, MANIFEST_MEDIA_TYPE, SandboxImage, digest_of
from workbench.sandbox.errors import SandboxError


def put_image(ecr: Any, repository: str, tag: str, image: SandboxImage) -> bool:
    """Put an image into a repository under a tag; tell whether it was not there yet.

    ``ecr`` is a boto3 client of the embedded AWS, in the region of the registry.

    Raises:
        SandboxError: when there is no such repository, or another image has the tag and must keep it.
    """
    exceptions = ecr.exceptions
    try:
        found = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}])["images"]
    except exceptions.RepositoryNotFoundException:
        raise SandboxError(f"repository: {repository} does not exist; bring up the stack that owns it") from None
    if found and found[0]["imageId"]["imageDigest"] == image.digest:
        return False
    _put(ecr, repository, image.manifest, MANIFEST_MEDIA_TYPE)
    try:
        _put(ecr, repository, image.index, INDEX_MEDIA_TYPE, imageTag=tag)
    except exceptions.ImageTagAlreadyExistsException:
        digest = found[0]["imageId"]["imageDigest"]
        raise SandboxError(
            f"--tag: {tag} is {digest} in {repository} already, which behaves otherwise; allowed: a tag of no image yet"
        ) from None
    return True


def _put(ecr: Any, repository: str, manifest: str, media_type: str, **tag: str) -> None:
    digest = digest_of(manifest)
    known = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageDigest": digest}])["images"]
    if not known or tag:
        ecr.put_image(
            repositoryName=repository,
            imageManifest=manifest,
            imageManifestMediaType=media_type,
            # moto's own digests are not those of a registry.
            imageDigest=digest,
            **tag,
        )
