"""Images of a repository, and what a lifecycle policy leaves of them: as the embedded registry carries it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from workbench.sandbox.ecr.supplement import expired

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """An image as the embedded registry holds it."""

    name: str
    days: float
    """Since its push."""
    tags: tuple[str, ...]
    image_manifest: str = "{}"

    @property
    def image_tags(self) -> Sequence[str]:
        return self.tags

    @property
    def image_pushed_at(self) -> float:
        return (NOW - timedelta(days=self.days)).timestamp()

    def get_image_digest(self) -> str:
        return self.name


def left(policy: Mapping[str, Any], images: Sequence[Pushed]) -> list[str]:
    """Return the names of the images that a policy leaves."""
    gone = {image.name for image in expired(policy, images, at=NOW)}
    return [image.name for image in images if image.name not in gone]
