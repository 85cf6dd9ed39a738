"""Alarms of a host: it is down, a systemd unit has failed, or disk or memory runs out.

A host's alarms cost 0.10 USD a month each. Those on disk and memory read metrics that its agent publishes in any case
(0.30 USD a month each).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from zelly_components.alarms.alarm import Alarm, Metric, Severity
from zelly_components.alarms.host_metrics import AGENT_NAMESPACE, FAILED_UNITS_NAMESPACE, FILE_SYSTEM
from zelly_components.base import Known

_AGENT_PERIOD_SECONDS = 300
"""The agent's own: a shorter period would find gaps."""


@dataclass(frozen=True, kw_only=True)
class HostTarget:
    """An EC2 instance to watch, made by ``Host``."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands in their descriptions."""
    instance_id: pulumi.Input[str]
    """The instance's id, e.g. ``i-0123456789abcdef0``: CloudWatch's dimension ``InstanceId``."""
    failed_units_metric: Known[str]
    """The metric that counts its failed systemd units."""
    mount_points: Known[Mapping[str, str]]
    """The file systems whose use its agent publishes, each path by a short name: the host component's output of the
    same name."""
    when_down: str | None = None
    """Consequences of its being down and what to do about them, in whole sentences; left out, nothing is added to
    what the alarm says of every host."""
    down_severity: Severity = "page"
    """Whether its being down pages: not where nobody but operators notices, or where something else pages for it. Left
    out, it pages."""


def host_alarms(target: HostTarget, *, memory_percent: int, disk_percent: int) -> list[Alarm]:
    """Return a host's alarms: status checks, failed systemd units, memory, and each of its file systems.

    ``memory_percent`` is a share of the instance's memory without what the kernel caches, ``disk_percent`` one of each
    of its file systems.

    A boot that fails ends in one of them: a unit that failed is counted from the log group, and a host whose logging
    itself did not come up publishes no disk metrics, whose silence rings.
    """
    return [
        _down(target),
        _failed_units(target),
        _memory(target, memory_percent),
        *(_disk(target, name, path, disk_percent) for name, path in sorted(target.mount_points.items())),
    ]


def _down(target: HostTarget) -> Alarm:
    return Alarm(
        name=f"{target.label}-down",
        description=(
            f"{target.label} has failed its status checks for three minutes, or reports none. First: read the "
            "instance's status checks and system log; stopping and starting it moves it to other hardware."
            f"{f' {target.when_down}' if target.when_down else ''}"
        ),
        metric=Metric(
            namespace="AWS/EC2",
            name="StatusCheckFailed",
            statistic="Maximum",
            dimensions={"InstanceId": target.instance_id},
        ),
        threshold=1,
        period_seconds=60,
        # A reboot is over within two minutes.
        periods=3,
        breaching_periods=3,
        # A stopped or terminated instance sends nothing.
        missing_data="breaching",
        severity=target.down_severity,
    )


def _failed_units(target: HostTarget) -> Alarm:
    return Alarm(
        name=f"{target.label}-failed-units",
        description=(
            f"A systemd unit of {target.label} has failed within the last half hour: the host may be half configured. "
            "First: look for 'Failed with result' in its log group; it names the unit, and the unit's own lines above "
            "it the reason. What its timer starts is tried again by itself; for anything else open a session and read "
            "'systemctl --failed'."
        ),
        metric=Metric(
            namespace=FAILED_UNITS_NAMESPACE, name=target.failed_units_metric, statistic="Sum", dimensions={}
        ),
        threshold=1,
        period_seconds=300,
        # The first failure rings. A unit that fails on every run of its timer goes on ringing, in one alarm and not one
        # for each run: the longest such run waits ten minutes for a volume, and the timer pauses for five.
        periods=6,
        breaching_periods=1,
        # Sent only when a unit failed.
        missing_data="notBreaching",
    )


def _memory(target: HostTarget, percent: int) -> Alarm:
    return Alarm(
        name=f"{target.label}-memory",
        description=(
            f"{target.label} has used {percent} percent or more of its memory for fifteen minutes; when it runs out, "
            "the kernel kills what uses most. First: open a session and see with 'ps --sort=-rss' whose it is; if the "
            "load is genuine, a larger instance type stops and starts the host."
        ),
        metric=Metric(
            namespace=AGENT_NAMESPACE,
            name="mem_used_percent",
            statistic="Maximum",
            dimensions={"InstanceId": target.instance_id},
        ),
        threshold=percent,
        period_seconds=_AGENT_PERIOD_SECONDS,
        periods=3,
        breaching_periods=3,
        # The alarms on its disks ring for a silent agent.
        missing_data="notBreaching",
    )


def _disk(target: HostTarget, name: str, path: str, percent: int) -> Alarm:
    return Alarm(
        name=f"{target.label}-{name}-disk",
        description=(
            f"{target.label} has used {percent} percent or more of {path} for fifteen minutes, or does not say how "
            f"much. First: open a session. If 'df {path}' shows it full, find what grows and raise the volume's size. "
            "If it is not mounted, or 'systemctl status host-logging amazon-cloudwatch-agent' shows a failure, the "
            "boot went wrong: read the console output of the instance."
        ),
        # Exactly the dimensions that the agent sends, or the alarm reads nothing: the instance, which it is told to
        # append, in place of the host's name; of a disk's own three, all but the device, which it is told to drop.
        # (CloudWatch User Guide, "Manually create or edit the CloudWatch agent configuration file".)
        metric=Metric(
            namespace=AGENT_NAMESPACE,
            name="disk_used_percent",
            statistic="Maximum",
            dimensions={"InstanceId": target.instance_id, "path": path, "fstype": FILE_SYSTEM},
        ),
        threshold=percent,
        period_seconds=_AGENT_PERIOD_SECONDS,
        periods=3,
        breaching_periods=3,
        # Silence means a volume that is not mounted, or an agent that never started or died. Such a host writes no log
        # either, so that no failed unit is counted: nothing else would ring.
        missing_data="breaching",
    )
