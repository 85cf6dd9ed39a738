"""Amazon CloudWatch: alarms, and what was measured last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_LOOK_BACK = timedelta(minutes=15)
"""Metrics arrive up to some minutes late."""

_PERIOD_SECONDS = 60

_KINDS: "tuple[Literal['CompositeAlarms'], Literal['MetricAlarms']]" = ("CompositeAlarms", "MetricAlarms")


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm as it stands."""

    name: str
    state: str
    """``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``."""
    reason: str
    since: datetime | None
    """When it came into this state."""
    actions: tuple[str, ...]
    """The ARNs of whom it tells when it rings."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric and the statistic that is wanted of it."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: Literal["Average", "Maximum", "Sum"]


class CloudWatch:
    """The calls of Amazon CloudWatch that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: CloudWatchClient = connection.client("cloudwatch")

    def alarms(self, prefix: str) -> list[Alarm]:
        """Return the alarms whose names begin like that, composite ones too, by name."""
        with calling("cloudwatch:DescribeAlarms", f"{prefix}*"):
            pages = self._client.get_paginator("describe_alarms").paginate(
                AlarmNamePrefix=prefix, AlarmTypes=["CompositeAlarm", "MetricAlarm"]
            )
            alarms = [alarm for page in pages for kind in _KINDS for alarm in page.get(kind, ())]
        found = [
            Alarm(
                name=alarm["AlarmName"],
                state=alarm["StateValue"],
                reason=alarm.get("StateReason", ""),
                # The other time is also moved by a change of the reason alone.
                since=alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp"),
                actions=tuple(alarm.get("AlarmActions", [])),
            )
            for alarm in alarms
        ]
        return sorted(found, key=lambda alarm: alarm.name)

    def latest(self, metrics: Mapping[str, Metric]) -> Mapping[str, float]:
        """Return the newest value of each metric (by the caller's own name) of the last quarter of an hour.

        A metric without a value in that time is left out: nothing was measured.
        """
        if not metrics:
            return {}
        names = {f"m{number}": name for number, name in enumerate(metrics)}
        now = datetime.now(UTC)
        with calling("cloudwatch:GetMetricData", ", ".join(metric.name for metric in metrics.values())):
            answer = self._client.get_metric_data(
                MetricDataQueries=[
                    {
                        "Id": query_id,
                        "MetricStat": {
                            "Metric": {
                                "Namespace": metrics[name].namespace,
                                "MetricName": metrics[name].name,
                                "Dimensions": [
                                    {"Name": key, "Value": value} for key, value in metrics[name].dimensions.items()
                                ],
                            },
                            "Period": _PERIOD_SECONDS,
                            "Stat": metrics[name].statistic,
                        },
                    }
                    for query_id, name in names.items()
                ],
                StartTime=now - _LOOK_BACK,
                EndTime=now,
                ScanBy="TimestampDescending",
            )
        return {names[result["Id"]]: result["Values"][0] for result in answer["MetricDataResults"] if result["Values"]}
