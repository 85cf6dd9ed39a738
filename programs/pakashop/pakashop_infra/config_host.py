"""The section of the environment config on the host of the services."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from pakashop_infra import catalog
from workbench.config import types
from workbench.config.hosts import BurstableHost
from workbench.config.section import Section

_Mib = Annotated[int, Field(ge=64, le=65536, description="64 to 65536 MiB")]
_Seconds = Annotated[int, Field(ge=1, le=1800, description="1 to 1800 seconds, as long as a release may take")]


class Runtimes(Section):
    """The versions of the languages' runtimes; Go's programs bring theirs along."""

    node: Annotated[str, Field(pattern=r"^\d{2}$", description='Node.js\' major version in quotes, e.g. "20"')]
    python: Annotated[str, Field(pattern=r"^3\.\d{2}$", description='Python\'s version in quotes, e.g. "3.12"')]


class HostReleases(Section):
    """How releases come to the host."""

    snapshot_before: bool
    """Whether the database is snapshotted before each release."""
    ready_seconds: _Seconds
    """The time in which a service has to become ready."""
    settle_seconds: _Seconds
    """The time in which a service that is ready must not be restarted."""
    confirm_seconds: _Seconds
    """The time in which a release has to be confirmed; otherwise the host takes it back."""
    kept: Annotated[int, Field(ge=2, le=20, description="2 to 20: the present one and the one before at least")]
    minimum_free_mib: _Mib
    """The room on the disk that a release has to leave."""


class Host(BurstableHost):
    """The one host of an environment, with all of its services."""

    ami_id: types.AmiId
    """Amazon Linux 2023 for the type's architecture. Only read when the instance is made."""
    root_volume_gib: Annotated[int, Field(ge=16, le=1000, description="16 to 1000 GiB")]
    """The operating system, the releases that are kept, logs and the journal."""
    internet_egress_ports: Annotated[tuple[types.Port, ...], AfterValidator(types.unique)]
    """TCP ports of the internet that services may reach: 443, and 587 for e-mail."""
    runtimes: Runtimes
    memory_mib: Mapping[str, _Mib]
    """By service, the memory above which it is started anew."""
    releases: HostReleases
    log_retention_days: types.LogRetentionDays

    @model_validator(mode="after")
    def _services_match_the_catalog(self) -> Self:
        known = [service.name for service in catalog.SERVICES]
        if missing := [name for name in known if name not in self.memory_mib]:
            raise ValueError(f"memory_mib: {', '.join(missing)} missing; required are {', '.join(known)}")
        if unknown := [name for name in self.memory_mib if name not in known]:
            raise ValueError(f"memory_mib.{unknown[0]}: unknown service; allowed are {', '.join(known)}")
        return self
