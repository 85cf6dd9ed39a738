"""The sections of the environment config on services, and on the balancer before them."""

from typing import Annotated

from pydantic import Field

from workbench.config import types
from workbench.config.containers import ServiceSize
from workbench.config.section import Section


class Service(ServiceSize):
    """The size of one service, and the name that clients use."""

    hostname: types.Hostname | None
    """Null: not reachable from the internet."""


class LoadBalancing(Section):
    """The one balancer."""

    tls_policy: types.TlsPolicy
    access_log_retention_days: Annotated[int, Field(ge=1, le=3650, description="1 to 3650 days")]
