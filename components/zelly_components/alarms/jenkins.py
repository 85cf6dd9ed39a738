"""Alarms of a Jenkins controller's agents and of its home's backups; the controller itself is watched as a service."""

from dataclasses import dataclass

import pulumi

from zelly_components.alarms.alarm import Alarm, Metric, MetricMath
from zelly_components.alarms.host_metrics import FAILED_UNITS_NAMESPACE
from zelly_components.alarms.jenkins_metrics import AGE, AGENT_NAMESPACE
from zelly_components.base import Known

BACKUP_AGE_HOURS = 34
"""EFS's own plan backs up daily, and begins within the eight hours of its window ("Backup plan options", AWS Backup
Developer Guide); two more are for the work."""

_UNFINISHED = ("Failed", "Aborted", "Expired")

_AGE_PERIOD_SECONDS = 300
"""As often as an agent publishes its age."""

_LATE_MINUTES = 15
"""The time that an agent has to end itself: two looks at its age, and the tries of the second."""


@dataclass(frozen=True, kw_only=True)
class AgentsTarget:
    """A pool of build agents to watch, made by ``BuildAgents``."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands in their descriptions."""
    group_name: pulumi.Input[str]
    """The pool's Auto Scaling group, under whose name agents publish their age: the pool's output of the same name."""
    failed_units_metric: Known[str]
    """The metric that counts failed systemd units of the pool's agents: the pool's output of the same name."""
    longest_build_minutes: int
    """The minutes after which an agent should have ended itself, as the pool was told."""


@dataclass(frozen=True, kw_only=True)
class HomeTarget:
    """A Jenkins' home whose backups are watched."""

    label: str
    """Its short name, with which the names of its alarms begin."""
    vault_name: Known[str]
    """The vault of AWS Backup that EFS backs up into: the controller's output ``backup_vault_name``."""


def agent_alarms(target: AgentsTarget) -> list[Alarm]:
    """Return a pool's alarms: an agent older than the longest build, and one that did not come up."""
    return [
        Alarm(
            name=f"{target.label}-too-old",
            description=(
                f"An agent of {target.label} is older than the longest build ({target.longest_build_minutes} minutes) "
                "and has not ended itself. First: list the agents with the command 'agents list'; 'agents reap' ends "
                "those that no build can be on."
            ),
            metric=Metric(
                namespace=AGENT_NAMESPACE, name=AGE, statistic="Maximum", dimensions={"Group": target.group_name}
            ),
            threshold=(target.longest_build_minutes + _LATE_MINUTES) * 60,
            period_seconds=_AGE_PERIOD_SECONDS,
            periods=1,
            breaching_periods=1,
            # Without an agent nothing is sent.
            missing_data="notBreaching",
        ),
        Alarm(
            name=f"{target.label}-failed-units",
            description=(
                f"A systemd unit of an agent of {target.label} has failed within the last half hour: it may not have "
                "come up, and builds wait. First: look for 'Failed with result' in the pool's log group; it names the "
                "unit, and the unit's own lines above it the reason."
            ),
            metric=Metric(
                namespace=FAILED_UNITS_NAMESPACE, name=target.failed_units_metric, statistic="Sum", dimensions={}
            ),
            threshold=1,
            period_seconds=300,
            periods=6,
            breaching_periods=1,
            # Sent only when a unit failed.
            missing_data="notBreaching",
        ),
    ]


def home_alarms(label: str, *, vault_name: str) -> list[Alarm]:
    """Return the alarms of a home's backups: none for too long, and one that failed.

    AWS Backup counts by vault: other file systems of the region that EFS backs up are counted with it.
    """
    return [_no_backup(label, vault_name), _backup_failed(label, vault_name)]


def _jobs(vault_name: str, state: str) -> Metric:
    return Metric(
        namespace="AWS/Backup",
        name=f"NumberOfBackupJobs{state}",
        statistic="Sum",
        dimensions={"BackupVaultName": vault_name},
    )


def _no_backup(label: str, vault_name: str) -> Alarm:
    return Alarm(
        name=f"{label}-no-backup",
        description=(
            f"The home of {label} has had no backup for {BACKUP_AGE_HOURS} hours. First: 'aws backup list-backup-jobs "
            "--by-resource-type EFS' has the last ones with their reasons; in a new environment the first is made "
            "within a day and a half."
        ),
        math=MetricMath(
            metrics={"completed": _jobs(vault_name, "Completed")},
            expressions={"none": "IF(FILL(completed, 0) > 0, 0, 1)"},
        ),
        threshold=1,
        period_seconds=3600,
        periods=BACKUP_AGE_HOURS,
        breaching_periods=BACKUP_AGE_HOURS,
        missing_data="breaching",
    )


def _backup_failed(label: str, vault_name: str) -> Alarm:
    return Alarm(
        name=f"{label}-backup-failed",
        description=(
            f"A backup of the home of {label} failed. First: 'aws backup list-backup-jobs --by-state FAILED' has the "
            "reason; then start it again with 'aws backup start-backup-job'."
        ),
        math=MetricMath(
            metrics={f"jobs{state}": _jobs(vault_name, state) for state in _UNFINISHED},
            expressions={"unfinished": " + ".join(f"FILL(jobs{state}, 0)" for state in _UNFINISHED)},
        ),
        threshold=1,
        period_seconds=3600,
        periods=1,
        breaching_periods=1,
        # Sent only when there was a job.
        missing_data="notBreaching",
    )
