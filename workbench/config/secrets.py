"""The section of the environment config on Secrets Manager."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.config.section import Section
from zelly_components.limits.secret_recovery import check_recovery_window


class Secrets(Section):
    """Secrets Manager."""

    recovery_window_days: Annotated[int, Field(ge=0, le=30, description="0, or 7 to 30 days")]
    """Days in which a deleted secret can be restored and its name stays reserved; 0 deletes at once."""

    @model_validator(mode="after")
    def _window_exists(self) -> Self:
        check_recovery_window(self.recovery_window_days)
        return self
