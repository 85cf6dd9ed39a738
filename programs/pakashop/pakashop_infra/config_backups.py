"""The section of the environment config on backups, with the checks inside it."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, PositiveInt, model_validator

from workbench.config import types
from workbench.config.section import Section

_Days = Annotated[int, Field(ge=1, le=3650, description="1 to 3650 days")]


class DumpRetention(Section):
    """For how many days dumps are kept, by why they were made."""

    daily: _Days
    production: _Days
    """Those that somebody asked for."""
    monthly: _Days
    """The first of each month."""


class BackupPlan(Section):
    """What AWS Backup does: a snapshot a day of the database and of the volumes, and a test each week."""

    retention_days: _Days
    """For how many days a recovery point is kept."""
    restore_tests: Annotated[tuple[Literal["EBS", "RDS"], ...], AfterValidator(types.unique)]
    """The types of which one recovery point is restored each week, and deleted again. RDS is restored into the
    account's default VPC."""


class Backups(Section):
    """The database's dumps and AWS Backup."""

    dump_name: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="1 to 40 lower-case letters, digits and hyphens")
    ]
    """The beginning of the names of dumps, before -YYYYmmdd-HHMMSS.dump."""
    dump_retention_days: DumpRetention
    lock_days: _Days
    """In which nobody deletes a dump without the right to bypass governance."""
    replaced_version_days: PositiveInt
    """After how many days a dump that expired, or that was overwritten, is gone."""
    plan: BackupPlan | None
    """null: AWS Backup backs nothing up."""

    @model_validator(mode="after")
    def _what_is_locked_does_not_expire(self) -> Self:
        for prefix, days in self.dump_retention_days:
            if days < self.lock_days:
                raise ValueError(
                    f"dump_retention_days.{prefix}: {days}; what is locked stays: {self.lock_days}, lock_days, or more "
                    "is allowed"
                )
        return self
