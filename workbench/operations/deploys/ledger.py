"""The ledger of a service's healthy deploys: the versions of its image parameter.

A deploy writes its images into the parameter when its rollout is complete, never before. So every version ran, except
the first: that is the program's own, with images that nobody deployed. Parameter Store keeps the last hundred versions,
each with its author.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from workbench.aws.ssm import ParameterVersion
from workbench.errors import OperatorError

_MADE_BY_THE_PROGRAM = 1


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One deploy that became healthy."""

    images: Mapping[str, str]
    """By container."""
    at: datetime
    by: str
    """The ARN of whoever deployed."""


def image_document(images: Mapping[str, str]) -> str:
    """Return the parameter's value for some images, in the program's own spelling."""
    return json.dumps(dict(images), sort_keys=True, separators=(",", ":"))


def recorded_images(name: str, versions: Sequence[ParameterVersion]) -> Mapping[str, str]:
    """Return the images that a parameter holds now.

    Raises:
        OperatorError: when its value is not a JSON object of images by container.
    """
    value = versions[-1].value
    images = _images(value)
    if images is None:
        raise OperatorError(f"parameter {name}: came {value!r}; allowed: a JSON object of images by container")
    return images


def entries(versions: Sequence[ParameterVersion]) -> list[Entry]:
    """Return the deploys, the oldest first. The same images twice in a row count as one deploy, the first.

    A version that is no JSON object of images was written by hand, and does not count.
    """
    found: list[Entry] = []
    for version in versions:
        images = _images(version.value)
        if images is None or version.version == _MADE_BY_THE_PROGRAM or (found and found[-1].images == images):
            continue
        found.append(Entry(images=images, at=version.written_at, by=version.written_by))
    return found


def way_back(deploys: Sequence[Entry]) -> list[Entry]:
    """Return the deploys that rollbacks go through, the oldest first; the last one is deployed now.

    A rollback leaves the later deploys behind. So two rollbacks in a row go back two steps, and only a deploy reaches
    again what was rolled back.
    """
    steps: list[Entry] = []
    for entry in deploys:
        earlier = next((position for position, step in enumerate(steps) if step.images == entry.images), len(steps))
        steps = [*steps[:earlier], entry]
    return steps


def _images(value: str) -> Mapping[str, str] | None:
    try:
        document = json.loads(value)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    images = cast(Mapping[str, Any], document)
    return images if all(isinstance(image, str) and image for image in images.values()) else None
