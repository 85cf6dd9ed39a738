"""The sections of the environment config: frozen models that refuse unknown keys, with the checks inside a section."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from workbench.config import types
from workbench.config.containers import ServiceSize
from workbench.config.section import Section
from workbench.names import deployed_tag_prefix
from zelly_components.limits.running_hours import MARGIN_MINUTES, check_hours
from zelly_components.network.subnets import MAXIMUM_ZONES


class RunningHours(Section):
    """The running hours of an environment, in one time zone."""

    weekdays: Annotated[
        tuple[types.Weekday, ...],
        Field(min_length=1, description="a list of mon, tue, wed, thu, fri, sat, sun"),
        AfterValidator(types.unique),
    ]
    start: types.TimeOfDay
    """The time at which tasks are started; hosts and Aurora are a quarter of an hour earlier."""
    stop: types.TimeOfDay
    """The time at which tasks are stopped, on the same day; hosts and Aurora are a quarter of an hour later."""
    time_zone: types.TimeZone

    @property
    def starting(self) -> timedelta:
        """The time that starting takes, during which the alarms stay mute."""
        return timedelta(minutes=MARGIN_MINUTES)

    @model_validator(mode="after")
    def _hours_agree(self) -> Self:
        check_hours([day.upper() for day in self.weekdays], self.start, self.stop)
        return self


class Service(ServiceSize):
    """The size of one service, and its images."""

    initial_image_tag: types.ImageTag | None
    """The tag in the first task definition; every deploy after it decides for itself. Null: only third-party images."""
    images: Mapping[str, types.ImageReference]
    """The third-party images, by container."""
    hostname: types.Hostname | None
    """The name that clients use; null: not reachable from the internet."""


class LoadBalancing(Section):
    """The settings that the load balancers share."""

    shared: bool
    """Whether one application load balancer serves all HTTPS services, told apart by host name, instead of one each."""
    tls_policy: types.TlsPolicy
    access_log_retention_days: Annotated[int, Field(ge=1, le=3650, description="1 to 3650 days")]


class Storefront(Section):
    """On-demand TLS for merchants' own domains."""

    load_balancer_zones: Annotated[
        int, Field(ge=1, le=MAXIMUM_ZONES, description=f"1 to {MAXIMUM_ZONES} of the network's zones")
    ]
    """The number of the network's zones, from the first on, with the network load balancer and the tasks behind it.
    Each is an Elastic IP. With one the storefront is down when that zone is; fewer than before replaces the balancer
    and releases the addresses of the zones that go."""
    ask_url: types.HttpsUrl
    """Caddy asks here whether a host name is a merchant's before it requests a certificate for it."""
    acme_email: types.EmailAddress
    """The address to which the certificate authority writes."""
    efs_directory: Annotated[
        str, Field(pattern=r"^/[a-z0-9-]+$", description="a directory below the root, e.g. /caddy")
    ]
    user_id: Annotated[int, Field(ge=1, le=65535, description="a uid that is not root's")]
    group_id: Annotated[int, Field(ge=1, le=65535, description="a gid that is not root's")]


class Registry(Section):
    """The ECR repositories."""

    create: bool
    """Whether this stack makes them; else it reads the existing ones."""
    region: types.Region
    """Their region, whatever the stack's own."""
    tag_prefix: Annotated[str, Field(pattern=r"^[a-z]+$", description="the start of this stack's tags, e.g. prod")]
    kept_tag_prefixes: types.TagPrefixes
    images_kept_per_prefix: Annotated[int, Field(ge=1, le=1000, description="1 to 1000 images")]
    deployed_images_kept_per_prefix: Annotated[int, Field(ge=1, le=1000, description="1 to 1000 images")]
    """The number of images kept of those that were ever deployed: what runs, and what rollbacks need."""
    untagged_retention_days: Annotated[int, Field(ge=1, le=365, description="1 to 365 days")]

    @model_validator(mode="after")
    def _no_prefix_is_deployed(self) -> Self:
        for prefix in self.kept_tag_prefixes:
            taken = next(
                (other for other in self.kept_tag_prefixes if deployed_tag_prefix(other).startswith(prefix)), None
            )
            if taken is not None:
                raise ValueError(
                    f"kept_tag_prefixes: {prefix} begins {deployed_tag_prefix(taken)}, the tags of what was deployed; "
                    "another one is allowed"
                )
        return self

    @model_validator(mode="after")
    def _what_was_deployed_stays_longest(self) -> Self:
        if self.deployed_images_kept_per_prefix < self.images_kept_per_prefix:
            raise ValueError(
                f"deployed_images_kept_per_prefix: {self.deployed_images_kept_per_prefix}; at least "
                f"images_kept_per_prefix ({self.images_kept_per_prefix}) is allowed: an image that was deployed would "
                "go before one that never was"
            )
        return self


class Alarms(Section):
    """The recipients and the thresholds of the alarms."""

    emails: Annotated[
        tuple[types.EmailAddress, ...],
        Field(min_length=1, description="at least one e-mail address"),
        AfterValidator(types.unique),
    ]
    http_5xx_percent: Annotated[float, Field(gt=0, le=100, description="a percentage above 0")]
    minimum_requests: Annotated[int, Field(ge=1, description="requests in a minute, at least 1")]
    cpu_percent: types.Percent
    memory_percent: types.Percent
    aurora_capacity_percent: types.Percent
    redis_memory_percent: types.Percent
    host_memory_percent: types.Percent
    disk_percent: types.Percent
