"""The section of the environment config on alarms."""

from typing import Annotated

from pydantic import AfterValidator, Field

from workbench.config import types
from workbench.config.section import Section


class Alarms(Section):
    """The recipients and the thresholds of the alarms."""

    emails: Annotated[
        tuple[types.EmailAddress, ...],
        Field(min_length=1, description="at least one e-mail address"),
        AfterValidator(types.unique),
    ]
    host_memory_percent: types.Percent
    disk_percent: types.Percent
