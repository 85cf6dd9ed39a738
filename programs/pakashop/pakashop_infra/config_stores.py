"""The sections of the environment config on Redis and Meilisearch, with the checks inside each."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.config import types
from workbench.config.hosts import BurstableHost
from zelly_components.limits.errors import LimitError


class StoreHost(BurstableHost):
    """A host with a data volume."""

    instance_memory_mib: Annotated[int, Field(ge=1024, description="the instance type's memory, at least 1024 MiB")]
    ami_id: types.AmiId
    """Amazon Linux 2023 for the type's architecture. Only read when the instance is made."""
    availability_zone: types.AvailabilityZone
    """The zone of the volume, for good: EBS volumes do not move between zones."""
    volume_gib: Annotated[int, Field(ge=1, le=16384, description="1 to 16384 GiB")]
    snapshots_kept: Annotated[int, Field(ge=1, le=1000, description="1 to 1000 daily snapshots")]
    log_retention_days: types.LogRetentionDays


class Redis(StoreHost):
    """The Redis host. It may hold six tenths of the memory."""

    memory_alarm_percent: types.Percent
    """Of what it may hold."""

    @model_validator(mode="after")
    def _volume_holds_the_log_twice(self) -> Self:
        if self.volume_gib * 1024 < self.instance_memory_mib * 2:
            smallest = -(-self.instance_memory_mib * 2 // 1024)
            came = f"{self.volume_gib} with instance_memory_mib {self.instance_memory_mib}"
            raise LimitError("volume_gib", came, f"{smallest} or more, since its log is rewritten beside the old one")
        return self


class Search(StoreHost):
    """The Meilisearch host."""

    version: Annotated[
        str, Field(pattern=r"^\d{1,3}\.\d{1,3}\.\d{1,3}$", description='a full version in quotes, e.g. "1.13.0"')
    ]
    """A host that serves another one goes on with it until `pakashop search upgrade`."""
    binary_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="64 hexadecimal digits in quotes")]
    """Of the version's binary for the type's architecture, which lies in the release bucket as binaries/<hash>."""
    backup_alarm_hours: Annotated[int, Field(ge=2, le=168, description="2 to 168 hours")]
    """Without a successful dump, which is made every night."""
