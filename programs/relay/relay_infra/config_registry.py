"""The section of the environment config on the image repositories."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.config import types
from workbench.config.section import Section

_Images = Annotated[int, Field(ge=1, le=1000, description="1 to 1000 images")]
_Days = Annotated[int, Field(ge=1, le=365, description="1 to 365 days")]


class Registry(Section):
    """The ECR repositories, one for each service and for all environments: what is promoted is never copied."""

    create: bool
    """Whether this stack makes them; else it reads the existing ones."""
    region: types.Region
    """Their region, whatever the stack's own."""
    commits_kept: _Images
    """The number of images kept of those that carry a commit's tag."""
    environments: Annotated[tuple[types.Slug, ...], Field(min_length=1, description="at least one environment")]
    """The environments that run images of these repositories: each keeps what it ran, whatever another one deploys."""
    deployed_kept: _Images
    """The number of images kept of those that an environment ran: what runs, and what rollbacks need."""
    branch_days: _Days
    """After how many days an image goes that has the tag of a branch and none of a commit."""
    nightly_days: _Days
    untagged_days: _Days

    @model_validator(mode="after")
    def _what_was_deployed_stays_longest(self) -> Self:
        if self.deployed_kept < self.commits_kept:
            raise ValueError(
                f"deployed_kept: {self.deployed_kept}; at least commits_kept ({self.commits_kept}) is allowed: an "
                "image that was deployed would go before one that never was"
            )
        return self
