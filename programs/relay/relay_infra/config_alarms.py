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
    http_5xx_percent: Annotated[float, Field(gt=0, le=100, description="a percentage above 0")]
    minimum_requests: Annotated[int, Field(ge=1, description="requests in a minute, at least 1")]
    latency_seconds: Annotated[float, Field(gt=0, le=60, description="seconds, above 0 and up to 60")]
    """The slowest of twenty requests takes less."""
    cpu_percent: types.Percent
    memory_percent: types.Percent
    host_memory_percent: types.Percent
    disk_percent: types.Percent
    minimum_sends_per_minute: Annotated[int, Field(ge=0, description="messages in a minute, 0 or more")]
    """Fewer ring. 0: nothing does, where messages are sent now and then."""
