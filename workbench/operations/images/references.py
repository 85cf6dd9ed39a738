"""The names of images, as task definitions and the image parameter hold them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import OperatorError
from workbench.names import deployed_tag_prefix

SHORT_DIGEST_CHARACTERS = 12
"""As Docker shortens digests where people read them."""

_REFERENCE = re.compile(r"(?P<name>[^@\s]+?)(:(?P<tag>[\w][\w.-]{0,127}))?(@(?P<digest>sha256:[0-9a-f]{64}))?")


@dataclass(frozen=True, kw_only=True)
class ImageReference:
    """The parts of an image's name."""

    name: str
    """Registry and repository: ``<account>.dkr.ecr.<region>.amazonaws.com/<repository>``."""
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        """Return the name as ECS takes it."""
        tag = "" if self.tag is None else f":{self.tag}"
        return f"{self.name}{tag}" if self.digest is None else f"{self.name}{tag}@{self.digest}"

    def pinned(self, digest: str) -> str:
        """Return the name by digest, without the tag: ECS documents one of the two, not both."""
        return f"{self.name}@{digest}"


def parsed(reference: str) -> ImageReference:
    """Parse an image's name.

    Raises:
        OperatorError: when it is none.
    """
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise OperatorError(
            f"image: came {reference}; allowed: REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:…"
        )
    return ImageReference(name=found["name"], tag=found["tag"], digest=found["digest"])


def built_tags(tags: Sequence[str]) -> Sequence[str]:
    """Return the tags that an image was pushed with, without those of deployed images."""
    return [tag for tag in tags if not tag.startswith(deployed_tag_prefix(""))]


def label(digest: str | None, tags: Sequence[str], prefix: str) -> str:
    """Return the label of an image: its tags of this environment, else all tags, and its short digest."""
    own = [tag for tag in tags if tag.startswith(f"{prefix}-")] or built_tags(tags)
    short = "" if digest is None else digest[: len("sha256:") + SHORT_DIGEST_CHARACTERS]
    if not own:
        return short or "no image"
    return f"{', '.join(own)} ({short})" if short else ", ".join(own)
