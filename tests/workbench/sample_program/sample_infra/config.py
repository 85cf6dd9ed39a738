"""The environment config of the shop."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sample_infra.services import SERVICES
from workbench.config import types
from workbench.config.deployments import Deployment
from workbench.config.section import Section


class Network(Section):
    """The VPC."""

    cidr: types.VpcNetwork
    availability_zones: Annotated[tuple[types.AvailabilityZone, ...], Field(min_length=2)]


class Service(Section):
    """The size of one service, and what it runs."""

    architecture: Literal["X86_64", "ARM64"]
    cpu_units: int
    memory_mib: int
    minimum_tasks: int
    maximum_tasks: int
    initial_image_tag: types.ImageTag | None
    """Null: only third-party images."""
    images: Mapping[str, types.ImageReference]
    """The third-party images, by container."""


class Aurora(Section):
    """The Aurora MySQL cluster."""

    engine_version: str
    minimum_capacity_acu: types.CapacityAcu
    maximum_capacity_acu: types.CapacityAcu
    seconds_until_auto_pause: int | None


class Redis(Section):
    """The Redis node."""

    node_type: types.CacheNodeType
    engine: Literal["redis", "valkey"]
    engine_version: str


class ClickHouse(Section):
    """The ClickHouse host."""

    instance_type: types.InstanceType
    ami_id: types.AmiId
    availability_zone: types.AvailabilityZone
    volume_gib: Annotated[int, Field(ge=1)]
    image: types.ImageReference


class Registry(Section):
    """The image repositories, and the pipelines' role with them."""

    create: bool
    """Whether this stack makes them; else it reads the existing ones."""
    region: types.Region
    tag_prefix: Annotated[str, Field(pattern=r"^[a-z]+$", description="the start of this stack's tags, e.g. live")]


class Dns(Section):
    """The Cloudflare zone, and the shop's name in it."""

    cloudflare_zone_id: types.CloudflareZoneId
    hostname: types.Hostname


class EnvironmentConfig(Section):
    """One environment, whole."""

    environment: types.Slug
    region: types.Region
    aws_account_id: types.AccountId
    deletion_protection: bool
    """Whether what holds data resists deletion, in AWS and in Pulumi."""
    network: Network
    container_insights: Literal["enabled", "enhanced", "disabled"]
    services: Mapping[str, Service]
    web_deployment: Deployment
    """How ECS deploys the one service behind the balancer; the others are rolling."""
    aurora: Aurora
    redis: Redis
    clickhouse: ClickHouse
    registry: Registry
    approval_minutes: Annotated[int, Field(ge=1)] | None
    """How long an approval to promote to this stack may wait. Null: promotions need none."""
    dns: Dns
    secret_recovery_days: Annotated[int, Field(ge=0, le=30)]
    alarm_emails: tuple[types.EmailAddress, ...]

    @model_validator(mode="after")
    def _services_are_all_there(self) -> Self:
        known = sorted(service.name for service in SERVICES)
        if sorted(self.services) != known:
            raise ValueError(f"services: {', '.join(sorted(self.services)) or 'none'}; required are {', '.join(known)}")
        return self
