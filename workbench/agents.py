"""Build agents of a program, as it describes them to its tools: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class BuildAgents:
    """Instances that come for a build and go after it, in Auto Scaling groups."""

    groups: Mapping[str, str]
    """The groups' names, by the label that pipelines name."""
    longest_build: timedelta
    """What is older than the longest build has nothing to do any more."""
