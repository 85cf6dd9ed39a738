"""The names that an environment's parts have in AWS: chosen by a program, found again by the tools."""

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
