"""The section of the environment config on the image repositories."""

from typing import Annotated

from pydantic import Field

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
    deployed_kept: _Images
    """The number of images kept of those that an environment ran: what runs, and what rollbacks need."""
    branch_days: _Days
    nightly_days: _Days
    untagged_days: _Days
