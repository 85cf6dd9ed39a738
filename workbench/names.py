"""The names that an environment's parts have in AWS: chosen by a program, found again by the tools."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """The names of one environment of a platform."""

    platform: str
    """The program's own name, e.g. ``shop``."""
    environment: str

    @property
    def prefix(self) -> str:
        """``<platform>-<environment>``, e.g. the ECS cluster's name."""
        return f"{self.platform}-{self.environment}"

    def name(self, part: str) -> str:
        """Return the name of a part, ``<platform>-<environment>-<part>``: an ECS service's, a family's."""
        return f"{self.prefix}-{part}"

    def short(self, name: str) -> str:
        """Return the part that a name was made of; a name of another kind as it is."""
        return name.removeprefix(f"{self.prefix}-")

    def parameter(self, path: str) -> str:
        """Return the name of an SSM parameter, ``/<platform>/<environment>/<path>``."""
        return f"/{self.platform}/{self.environment}/{path}"

    def image_parameter(self, service: str) -> str:
        """Return the SSM parameter that holds a service's deployed images."""
        return self.parameter(f"images/{service}")

    def approval_parameter(self, service: str) -> str:
        """Return the SSM parameter whose history is the record of approvals to promote a service's images."""
        return self.parameter(f"approvals/{service}")


def config_key(project: str) -> str:
    """Return the structured key of a project's stack files, ``<project>:env``."""
    return f"{project}:env"


def deployed_tag_prefix(tag_prefix: str) -> str:
    """Return how the tags begin that say that an image was deployed: ``deployed-prod`` for a stack of ``prod-…`` tags.

    Several stacks share a registry, and each keeps what it deployed: another's deploys push nothing of it out.
    """
    return f"deployed-{tag_prefix}"


COMMIT_DIGITS = 40
"""Of Git's SHA-1."""


@dataclass(frozen=True, kw_only=True)
class BuiltTags:
    """The tags of a stack's images: those that may be deployed, each of which names one image for ever."""

    prefix: str
    """Without the hyphen."""
    commit_digits: int
    """How many digits of the commit they have. With all of them a tag is the prefix and the commit, nothing else."""

    @property
    def are_commits(self) -> bool:
        """True if a tag is the prefix and a whole commit."""
        return self.commit_digits >= COMMIT_DIGITS

    @property
    def allowed(self) -> str:
        """What may be deployed, in words."""
        return f"{self.prefix}- and a whole commit ({COMMIT_DIGITS} digits)" if self.are_commits else f"{self.prefix}-…"

    def match(self, tag: str) -> bool:
        """Tell whether a tag may be deployed."""
        if not self.are_commits:
            return tag.startswith(f"{self.prefix}-")
        return re.fullmatch(rf"{re.escape(self.prefix)}-[0-9a-f]{{{COMMIT_DIGITS}}}", tag) is not None

    def of_commit(self, commit: str) -> str:
        """Return the tag of a commit's image."""
        return f"{self.prefix}-{commit[: self.commit_digits]}"
