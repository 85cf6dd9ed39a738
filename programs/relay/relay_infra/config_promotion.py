"""The section of the environment config on promotions."""

from typing import Annotated

from pydantic import Field

from workbench.config.section import Section


class Promotion(Section):
    """A promotion to this stack, which waits for an approval."""

    approval_minutes: Annotated[int, Field(ge=1, le=10_080, description="1 to 10080 minutes, a week")]
    """How long an approval is waited for, and is good for. At its end the answer is no."""
