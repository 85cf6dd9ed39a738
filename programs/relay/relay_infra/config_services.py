"""The sections of the environment config on services, and on the balancer before them."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from workbench.config import types
from workbench.config.containers import ServiceSize
from workbench.config.deployments import Deployment
from workbench.config.section import Section


class Service(ServiceSize):
    """The size of one service, the name that clients use, and how ECS deploys it."""

    hostname: types.Hostname | None
    """Null: not reachable from the internet."""
    deployment: Deployment


class TestTraffic(Section):
    """The reach of the test listener, port 8443: there the host names lead to the new tasks of a deployment."""

    __test__ = False  # Not a class of tests.

    networks: Mapping[types.Slug, types.AllowedNetwork]
    """By a short name of each, e.g. the office."""
    own_nat: bool
    """Whether it is reached from this environment's private subnets, through their NAT addresses."""


class Deployments(Section):
    """The settings that all deployments behind the balancer share."""

    http_5xx_percent: Annotated[float, Field(gt=0, le=100, description="a percentage above 0")]
    """Of a minute's requests to the old tasks or to the new ones: so many errors roll a deployment back."""
    minimum_requests: Annotated[int, Field(ge=1, description="requests in a minute, at least 1")]
    """Below so many requests to the old or the new tasks no percentage of them is computed."""
    test_traffic: TestTraffic


class LoadBalancing(Section):
    """The one balancer."""

    tls_policy: types.TlsPolicy
    access_log_retention_days: Annotated[int, Field(ge=1, le=3650, description="1 to 3650 days")]
