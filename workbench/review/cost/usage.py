"""Assumptions about use, which the bill depends on: ``usage/STACK.yaml``, one typed file per stack."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from workbench.errors import OperatorError
from workbench.review.cost.quantity import HOURS_PER_MONTH, Quantity

FOLDER = "usage"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Number = Annotated[Decimal, Field(ge=0)]


class Assumption(_Section):
    """An assumed quantity; the unit is in the name of the field that holds it."""

    low: _Number
    expected: _Number
    high: _Number

    @model_validator(mode="after")
    def _rises(self) -> "Assumption":
        _ = self.quantity
        return self

    @property
    def quantity(self) -> Quantity:
        """The assumption as a quantity."""
        return Quantity(low=self.low, expected=self.expected, high=self.high)


class Hours(Assumption):
    """Hours in a month, of which there are 730."""

    @model_validator(mode="after")
    def _fits(self) -> "Hours":
        if self.high > HOURS_PER_MONTH:
            raise ValueError(f"high {self.high}; at most {HOURS_PER_MONTH} hours are in a month")
        return self


class ServicesUsage(_Section):
    """Fargate."""

    average_tasks: Mapping[str, Assumption]
    """By service, over the hours in which it runs; counted within the service's minimum and maximum. One that does not
    scale always has its desired count."""
    task_hours_per_month: Hours


class AuroraUsage(_Section):
    """Aurora Serverless v2."""

    average_acu: Assumption
    """While it runs; counted within the cluster's minimum and maximum."""
    running_hours_per_month: Hours
    active_hours_per_month: Hours
    """Of the running hours, those in which it is not paused. Counted only where the minimum is 0 ACU."""
    storage_gb: Assumption
    io_million_per_month: Assumption
    backup_gb_charged: Assumption
    """Beyond the free backup storage, which is as large as the database."""


class StorageUsage(_Section):
    """The amounts of data on disks."""

    host_volume_used_gb: Assumption
    """Of the volumes that are snapshotted, together."""
    host_volume_changed_gb_per_day: Assumption
    redis_snapshot_gb: Assumption
    """The size of one snapshot. One is free."""
    efs_stored_gb: Assumption
    efs_read_gb_per_month: Assumption
    efs_written_gb_per_month: Assumption
    efs_backup_gb: Assumption
    ecr_stored_gb: Assumption
    """Of all repositories that the stack makes."""
    s3_stored_gb: Assumption
    """Access logs of the load balancers."""


class TrafficUsage(_Section):
    """The traffic of all balancers and gateways together."""

    alb_lcu_average: Assumption
    nlb_nlcu_average: Assumption
    nat_gb_per_month: Assumption
    internet_out_gb_per_month: Assumption
    between_zones_gb_per_month: Assumption
    images_from_region: str
    """Where the image repositories lie."""
    images_from_other_region_gb_per_month: Assumption
    """Layers that tasks pull. Counted only where the repositories lie in another region."""


class LogsUsage(_Section):
    """CloudWatch Logs and metrics."""

    ingested_gb_per_month: Assumption
    """Of services, hosts, Aurora and Container Insights."""
    stored_gb: Assumption
    """Compressed."""
    flow_logs_gb_per_month: Assumption


class RequestsUsage(_Section):
    """Calls, and what grows with time."""

    secret_calls_per_month: Assumption
    kms_key_rotations: Assumption
    """Each of the first two yearly rotations of a key adds the price of a key (AWS KMS pricing)."""


class Allowances(_Section):
    """The free allowances of an AWS account each month. An account has them once: one of its stacks may count them."""

    alarm_metrics: _Number
    dashboards: _Number
    custom_metrics: _Number
    internet_out_gb: _Number


class Usage(_Section):
    """The assumptions about one stack in a month."""

    documented_usd_per_month: _Number | None = None
    """What documents say that it costs. Left out: they say nothing."""
    services: ServicesUsage
    aurora: AuroraUsage
    host_hours_per_month: Hours
    host_surplus_vcpu_hours_per_month: Assumption
    """Of each burstable host with unlimited CPU credits: the hours of a vCPU beyond what it earns in a day."""
    storage: StorageUsage
    traffic: TrafficUsage
    logs: LogsUsage
    requests: RequestsUsage
    free_per_month: Allowances


def read_usage(path: Path) -> Usage:
    """Return the assumptions in a file.

    Raises:
        OperatorError: when it is not there, or with one line for each value that is wrong.
    """
    try:
        content: Any = YAML(typ="safe", pure=True).load(path)  # pyright: ignore[reportUnknownMemberType]
    except OSError as error:
        raise OperatorError(f"usage file {path}: {error.strerror}; --usage FILE names another one") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise OperatorError(f"usage file {path}: not YAML: {' '.join(str(error).split())}") from None
    return parse_usage(content, source=path.name)


def parse_usage(content: object, *, source: str) -> Usage:
    """Return the assumptions in what a usage file holds.

    Raises:
        OperatorError: with one line for each value that is wrong.
    """
    try:
        return Usage.model_validate(content)
    except ValidationError as error:
        raise OperatorError(*(_line(source, cast("Mapping[str, Any]", found)) for found in error.errors())) from None


_LONGEST_VALUE = 60


def _line(source: str, found: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in found["loc"]) or "the whole file"
    if found["type"] == "missing":
        return f"{source}: {where}: missing; required"
    if found["type"] == "extra_forbidden":
        return f"{source}: {where}: unknown key"
    came = f"{found['input']!r}"[:_LONGEST_VALUE]
    message = str(found["msg"]).removeprefix("Value error, ")
    return (
        f"{source}: {where}: {message}"
        if found["type"] == "value_error"
        else f"{source}: {where}: came {came}; {message}"
    )
