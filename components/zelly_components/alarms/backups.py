"""Alarms and widgets of backups: no verified one, no drill, one that failed, a job of AWS Backup that failed."""

from dataclasses import dataclass

import pulumi

from zelly_components.alarms.alarm import Alarm, Metric, MetricMath
from zelly_components.alarms.backup_metrics import (
    DRILL_AGE,
    DRILL_FAILED,
    DRILL_SECONDS,
    DUMP_BYTES,
    DUMP_SECONDS,
    NAMESPACE,
    VERIFIED_AGE,
)
from zelly_components.alarms.dashboard import Line, Widget

_HOUR = 3600
_DAY = 24 * _HOUR

VERIFIED_AGE_HOURS = 26
"""A night's dump is due 24 hours after the last one; two more are for its work, and for a host that was down."""
DRILL_AGE_DAYS = 8
"""A drill is due every week."""

_JOBS = ("Failed", "Aborted", "Expired")


@dataclass(frozen=True, kw_only=True)
class BackupTarget:
    """The backups to watch: a database's own, and those of a vault of AWS Backup."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands on the dashboard."""
    database: str
    """The value of the metrics' dimension ``Database``."""
    vault_name: pulumi.Input[str] | None
    """The vault of AWS Backup whose jobs are watched. None: AWS Backup backs nothing up, and no alarm is on its
    jobs."""


def backup_alarms(target: BackupTarget) -> list[Alarm]:
    """Return the alarms of backups.

    The host reports ages every hour, as the bucket has them. A host that is down, a report that fails and a bucket
    without backups are silent; silence rings as age does. It is the age that is compared, since an alarm on the event
    of a drill could look back seven days at most ("PutMetricAlarm", CloudWatch API reference).
    """
    return [
        _old(
            target,
            name="no-verified-backup",
            metric=VERIFIED_AGE,
            seconds=VERIFIED_AGE_HOURS * _HOUR,
            description=(
                f"{target.label} has had no backup that was restored for {VERIFIED_AGE_HOURS} hours, or reports none. "
                "First: on the host, read 'journalctl --unit database-backup' for the stage and the reason of the "
                "last run; then start it again with 'systemctl start database-backup'."
            ),
        ),
        _old(
            target,
            name="no-restore-drill",
            metric=DRILL_AGE,
            seconds=DRILL_AGE_DAYS * _DAY,
            description=(
                f"{target.label} has had no restore drill for {DRILL_AGE_DAYS} days, or does not report any. First: on "
                "the host, read 'journalctl --unit database-backup-drill', then start it again with 'systemctl start "
                "database-backup-drill'. In a new environment the first drill is yours to start."
            ),
        ),
        _drill_failed(target),
        *([] if target.vault_name is None else [_jobs(target.label, target.vault_name)]),
    ]


def backup_widgets(target: BackupTarget) -> list[Widget]:
    """Return graphs of the ages, and of the size and duration of dumps and drills."""
    dimensions = {"Database": target.database}

    def line(metric: str, label: str) -> Line:
        return Line(namespace=NAMESPACE, metric=metric, dimensions=dimensions, statistic="Maximum", label=label)

    return [
        Widget(
            title=f"{target.label}: age in seconds",
            lines=[line(VERIFIED_AGE, "newest verified backup"), line(DRILL_AGE, "newest drill")],
        ),
        Widget(title=f"{target.label}: seconds", lines=[line(DUMP_SECONDS, "dump"), line(DRILL_SECONDS, "drill")]),
        Widget(title=f"{target.label}: bytes", lines=[line(DUMP_BYTES, "dump")]),
    ]


def _old(target: BackupTarget, *, name: str, metric: str, seconds: int, description: str) -> Alarm:
    return Alarm(
        name=f"{target.label}-{name}",
        description=description,
        metric=Metric(namespace=NAMESPACE, name=metric, statistic="Maximum", dimensions={"Database": target.database}),
        threshold=seconds,
        period_seconds=_HOUR,
        # One report may be lost, or come late in its hour.
        periods=2,
        breaching_periods=2,
        missing_data="breaching",
    )


def _drill_failed(target: BackupTarget) -> Alarm:
    return Alarm(
        name=f"{target.label}-restore-drill-failed",
        description=(
            f"The last restore drill of {target.label} failed: a backup that is kept could not be restored, or is not "
            "what its manifest says. First: on the host, read 'journalctl --unit database-backup-drill' for the "
            "reason, then drill the backup before it."
        ),
        metric=Metric(
            namespace=NAMESPACE, name=DRILL_FAILED, statistic="Maximum", dimensions={"Database": target.database}
        ),
        threshold=1,
        period_seconds=_HOUR,
        periods=1,
        breaching_periods=1,
        # The alarm on its age rings for a drill that is not reported.
        missing_data="notBreaching",
    )


def _jobs(label: str, vault_name: pulumi.Input[str]) -> Alarm:
    return Alarm(
        name=f"{label}-vault-jobs",
        description=(
            f"A job of AWS Backup into the vault of {label} failed, was aborted, or did not begin in time. First: "
            "'aws backup list-backup-jobs --by-state FAILED' has the resource and the reason; then start the job again."
        ),
        # The metrics of AWS Backup say what its events say, and reach the alarms' topic without a rule of EventBridge,
        # a target and a wider policy of the topic ("AWS Backup metrics with CloudWatch", AWS Backup Developer Guide).
        math=MetricMath(
            metrics={
                f"jobs{state}": Metric(
                    namespace="AWS/Backup",
                    name=f"NumberOfBackupJobs{state}",
                    statistic="Sum",
                    dimensions={"BackupVaultName": vault_name},
                )
                for state in _JOBS
            },
            expressions={"unfinished": " + ".join(f"FILL(jobs{state}, 0)" for state in _JOBS)},
        ),
        threshold=1,
        period_seconds=_HOUR,
        periods=1,
        breaching_periods=1,
        # Sent only when there was a job.
        missing_data="notBreaching",
    )
