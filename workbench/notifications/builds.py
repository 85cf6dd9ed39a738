"""Builds of a pipeline, as notifications tell of them."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

SHORT_COMMIT_CHARACTERS = 12


class Event(StrEnum):
    """The events of a build that Slack is told of."""

    STARTED = "started"
    FAILED = "failed"
    ABORTED = "aborted"
    WAITING = "waiting"
    """For an approval."""
    DEPLOYED = "deployed"


@dataclass(frozen=True, kw_only=True)
class Build:
    """One build."""

    program: str
    commit: str
    url: str

    @property
    def name(self) -> str:
        """What the build's release is called: the program, and the commit's beginning."""
        return f"{self.program} {self.commit[:SHORT_COMMIT_CHARACTERS]}"

    def key(self, *what: str) -> str:
        """Return the key of one notification of this build: the same whenever it is sent again."""
        return hashlib.sha256("\n".join((self.program, self.commit, self.url, *what)).encode()).hexdigest()[:32]
