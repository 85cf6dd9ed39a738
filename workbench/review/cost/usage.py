"""Assumptions about use, which the bill depends on: ``usage/STACK.yaml``, one typed file per stack."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, cast, get_origin

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
        self._as_quantity()
        return self

    @property
    def quantity(self) -> Quantity:
        """The assumption as a quantity."""
        return self._as_quantity()

    def _as_quantity(self) -> Quantity:
        return Quantity(low=self.low, expected=self.expected, high=self.high)


class Hours(Assumption):
    """Hours in a month, of which there are 730."""

    @model_validator(mode="after")
    def _fits(self) -> "Hours":
        if self.high > HOURS_PER_MONTH:
            raise ValueError(f"high {self.high}; at most {HOURS_PER_MONTH} hours are in a month")
        return self


class NotAssumed(Exception):  # noqa: N818 (it is no fault of the file alone: another plan would not need it)
    """An assumption that a price depends on, and that a file leaves out."""


class _Missing(Assumption):
    """An assumption that is left out."""

    where: str
    """The file and the key."""

    @property
    def quantity(self) -> Quantity:
        raise NotAssumed(f"{self.where}: missing; required, since the stack has what costs by it")


class _MissingHours(_Missing, Hours):
    pass


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
    images_from_region: str | None = None
    """Where the image repositories lie. Left out: no images are pulled."""
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
    """The assumptions about one stack in a month.

    A file leaves out what its stack has not: an assumption is required once a price depends on it.
    """

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
        return Usage.model_validate(_completed(Usage, content, source, ()))
    except ValidationError as error:
        raise OperatorError(*(_line(source, cast("Mapping[str, Any]", found)) for found in error.errors())) from None


def _completed(section: type[BaseModel], content: object, source: str, path: tuple[str, ...]) -> object:
    """Return what a file holds, with a stand-in for each assumption that it leaves out."""
    if not isinstance(content, Mapping):
        return content
    found: dict[str, Any] = {**cast("Mapping[str, Any]", content)}
    for name, field in section.model_fields.items():
        kind, where = field.annotation, (*path, name)
        if get_origin(kind) is Mapping:
            found.setdefault(name, {})
        elif isinstance(kind, type) and issubclass(kind, Assumption):
            found.setdefault(name, _missing(kind, f"{source}: {'.'.join(where)}"))
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            found[name] = _completed(kind, found.get(name, {}), source, where)
    return found


def _missing(kind: type[Assumption], where: str) -> Assumption:
    missing = _MissingHours if issubclass(kind, Hours) else _Missing
    return missing.model_construct(low=Decimal(0), expected=Decimal(0), high=Decimal(0), where=where)


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
