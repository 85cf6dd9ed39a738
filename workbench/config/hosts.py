"""The sections of the environment config on hosts."""

from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from workbench.config import types
from workbench.config.section import Section
from zelly_components.limits.instance_type import CpuCredits, check_cpu_credits


class BurstableHost(Section):
    """A host whose instance type may be burstable."""

    instance_type: types.InstanceType
    cpu_credits: CpuCredits | None
    """The behaviour of a T type without CPU credits: ``standard`` slows it down to its baseline (a tenth or a
    fifth of a vCPU for each), ``unlimited`` goes on, for 0.04 or 0.05 USD the hour of a vCPU. Null for other types."""

    @model_validator(mode="after")
    def _credits_are_for_burstable_types(self) -> Self:
        check_cpu_credits(self.instance_type, self.cpu_credits)
        return self


class NatInstance(BurstableHost):
    """A small host that does the NAT gateway's work for some 35 USD a month less."""

    instance_type: Annotated[types.InstanceType, AfterValidator(types.not_nano)]
    """One with 1 GiB of memory or more, e.g. t4g.micro. A change stops and starts it, and with it what private subnets
    reach on the internet."""
    ami_id: types.AmiId
    """Amazon Linux 2023, arm64 for t4g. Only read when the instance is made."""
    log_retention_days: types.LogRetentionDays
