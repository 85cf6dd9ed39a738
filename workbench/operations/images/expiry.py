"""The expiry of an image by the registry's lifecycle policy, as a pure function of policy and images.

ECR User Guide, "Automate the cleanup of images by using lifecycle policies": an image is expired by one rule at most;
one that matches the tags of a rule cannot be expired by a rule of a lower priority; images are ordered by their push,
and a tag that is added later makes none newer (aws/containers-roadmap#2746).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from workbench.aws.ecr.repositories import Image
from workbench.operations.times import utc

SOON_PUSHES = 30
"""An image that fewer pushes than these expire is worth a warning: a busy week's pushes, and as many images as each
prefix keeps."""


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """The rule that expires an image, and the time. Without a number and a time, the time is not known."""

    rule: str
    """What the rule selects, e.g. ``prod…``."""
    pushes: int | None = None
    """The number of further images of the rule with which this one is one too many; 0: it is already."""
    at: datetime | None = None

    @property
    def is_soon(self) -> bool:
        """True if the expiry is worth a warning."""
        return self.pushes is None or self.pushes < SOON_PUSHES

    def __str__(self) -> str:
        """Return the expiry in words."""
        if self.at is not None:
            return f"expires on {utc(self.at)} ({self.rule})"
        if self.pushes is None:
            return f"may expire by a rule whose kind is not known here ({self.rule})"
        if self.pushes == 0:
            return f"expires within 24 hours: enough newer images of {self.rule} are there"
        return f"expires within {self.pushes} {'push' if self.pushes == 1 else 'pushes'} of {self.rule}"

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {**asdict(self), "at": None if self.at is None else utc(self.at)}


def expiry(image: Image, images: Sequence[Image], policy: str | None) -> Expiry | None:
    """Return the expiry of an image among all images of its repository; None if it does not expire.

    An untagged image that an index names expires after the index, which is not considered here.
    """
    rules: list[dict[str, Any]] = sorted(json.loads(policy or '{"rules": []}')["rules"], key=_priority)
    for rule in rules:
        selection = rule["selection"]
        if rule["action"]["type"] != "expire" or not _selects(selection, image):
            continue
        said = _said(selection)
        match selection["countType"]:
            case "imageCountMoreThan":
                # Of two images of one second, which goes first is not known.
                newer = sum(
                    _selects(selection, other) and other.digest != image.digest and other.pushed_at >= image.pushed_at
                    for other in images
                )
                return Expiry(rule=said, pushes=max(selection["countNumber"] - newer, 0))
            case "sinceImagePushed":
                return Expiry(rule=said, at=image.pushed_at + timedelta(days=selection["countNumber"]))
            case _:
                return Expiry(rule=f"{said}, {selection['countType']}")
    return None


def _priority(rule: Mapping[str, Any]) -> int:
    return rule["rulePriority"]


def _selects(selection: Mapping[str, Any], image: Image) -> bool:
    match selection["tagStatus"]:
        case "any":
            return True
        case "untagged":
            return not image.tags
        case _:
            # Every entry of a list has to be matched, by any of the tags ("Lifecycle policy properties").
            prefixes = [f"{prefix}*" for prefix in selection.get("tagPrefixList", ())]
            patterns = [*prefixes, *selection.get("tagPatternList", ())]
            return bool(patterns) and all(any(fnmatchcase(tag, pattern) for tag in image.tags) for pattern in patterns)


def _said(selection: Mapping[str, Any]) -> str:
    if selection["tagStatus"] != "tagged":
        return "any image" if selection["tagStatus"] == "any" else "untagged images"
    return " and ".join(
        (*(f"{prefix}…" for prefix in selection.get("tagPrefixList", ())), *selection.get("tagPatternList", ()))
    )
