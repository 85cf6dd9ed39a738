"""The list of the images in a service's repositories, with the deployed ones marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.ecr.repositories import Ecr, Image
from workbench.operations.images.references import parsed
from workbench.operations.times import utc


@dataclass(frozen=True, kw_only=True)
class ListedImage:
    """An image, with the facts that operators choose by."""

    container: str
    image: Image
    architectures: tuple[str, ...] | None
    """As docker calls them; None: nothing tells."""
    is_deployed: bool
    """Whether the stack's image parameter names it: what was last deployed and healthy."""

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {
            "container": self.container,
            "repository": self.image.repository,
            "tags": list(self.image.tags),
            "digest": self.image.digest,
            "pushed_at": utc(self.image.pushed_at),
            "size_bytes": self.image.size_bytes,
            "architectures": None if self.architectures is None else list(self.architectures),
            "is_deployed": self.is_deployed,
        }


def list_images(
    repositories: Mapping[str, str], *, deployed: Mapping[str, str], ecr: Ecr, newest: int
) -> list[ListedImage]:
    """Return the tagged images of each container's repository, the newest first, and every deployed one.

    ``repositories`` and ``deployed`` are by container. Of each repository the ``newest`` images are listed, since the
    architecture of each takes two calls. Untagged images are parts of others, or superseded.
    """
    listed: list[ListedImage] = []
    for container, repository in repositories.items():
        running = deployed.get(container)
        tagged = 0
        for image in ecr.images(repository):
            is_deployed = running is not None and _names(running, image)
            tagged += bool(image.tags)
            if is_deployed or (image.tags and tagged <= newest):
                architectures = ecr.architectures(image, ecr.manifest(image))
                listed.append(
                    ListedImage(
                        container=container,
                        image=image,
                        architectures=None if architectures is None else tuple(sorted(architectures)),
                        is_deployed=is_deployed,
                    )
                )
    return listed


def size(image: Image) -> str:
    """Return an image's size in words, in MB as registries count."""
    return "-" if image.size_bytes is None else f"{image.size_bytes / 1_000_000:.0f} MB"


def comma_separated(words: Sequence[str] | None) -> str:
    """Return words for a column of a table; a dash for none."""
    return ", ".join(words or ()) or "-"


def _names(reference: str, image: Image) -> bool:
    named = parsed(reference)
    return named.digest == image.digest if named.digest is not None else named.tag in image.tags
