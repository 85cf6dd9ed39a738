"""Tags of what is copied: those that somebody gave, without those that AWS gives by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

_RESERVED = "aws:"
"""Nobody but AWS may set tags that begin like that."""


def own_tags(tags: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return the tags of an answer, by key, but for AWS's own."""
    return {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith(_RESERVED)}


def tag_list(tags: Mapping[str, str]) -> list[Any]:
    """Return tags in the form that most operations take."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
