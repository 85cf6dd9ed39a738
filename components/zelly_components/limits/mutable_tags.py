"""The patterns of tags that may be moved to another image, as ECR takes them. Imports nothing of the SDK."""

import re
from collections.abc import Sequence

MOST_PATTERNS = 5
"""ECR API reference, "CreateRepository", ``imageTagMutabilityExclusionFilters``."""

MOST_WILDCARDS = 2
"""In one pattern (hashicorp/terraform-provider-aws#43642)."""

_PATTERN = re.compile(r"[0-9a-zA-Z._*-]{1,128}")
"""ECR API reference, "ImageTagMutabilityExclusionFilter"."""


def pattern_excess(patterns: Sequence[str], immutable_prefixes: Sequence[str]) -> str | None:
    """Return in words what came and what is allowed; None where ECR takes the patterns and no prefix suffers.

    A tag that begins with one of ``immutable_prefixes`` has to name one image for ever, so that no pattern may match
    one.
    """
    if len(patterns) > MOST_PATTERNS:
        return f"came {len(patterns)}; allowed: at most {MOST_PATTERNS}"
    for position, pattern in enumerate(patterns):
        if not _PATTERN.fullmatch(pattern):
            return f"came {pattern!r}; allowed: 1 to 128 letters, digits, dots, underscores, dashes and *"
        if pattern.count("*") > MOST_WILDCARDS:
            return f"came {pattern}; allowed: at most {MOST_WILDCARDS} times *"
        if pattern in patterns[:position]:
            return f"came {pattern} twice; allowed: once"
        taken = next((prefix for prefix in immutable_prefixes if _matches_some(pattern, prefix)), None)
        if taken is not None:
            return (
                f"came {pattern}, which matches tags of {taken}; allowed: none that does, they name one image for ever"
            )
    return None


def is_movable(tag: str, patterns: Sequence[str]) -> bool:
    """Tell whether one of the patterns matches a tag."""
    return any(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), tag) for pattern in patterns)


def _matches_some(pattern: str, prefix: str) -> bool:
    """Tell whether a pattern matches any tag that begins with a prefix."""
    fixed, wildcard, _ = pattern.partition("*")
    # Behind a wildcard anything may follow, so that only what stands before it can tell the two apart.
    return fixed.startswith(prefix) or (bool(wildcard) and prefix.startswith(fixed))
