"""Alarms of an Aurora cluster, and the events of RDS that are worth a mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from zelly_components.alarms.alarm import Alarm, Metric

AURORA_EVENTS: Mapping[str, Sequence[str]] = {
    "db-cluster": ("failover", "failure", "maintenance"),
    "db-instance": ("failure", "low storage", "maintenance"),
}
"""The categories of RDS's events worth telling, by the type of their source (Aurora User Guide, "Amazon RDS event
categories and event messages for Aurora"). Not ``availability`` and ``notification``: a database that pauses, or is
stopped for the night, would write every day."""


@dataclass(frozen=True, kw_only=True)
class AuroraTarget:
    """An Aurora Serverless v2 cluster to watch."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands in their descriptions."""
    cluster_identifier: pulumi.Input[str]
    """The cluster's name in RDS: CloudWatch's dimension ``DBClusterIdentifier``."""
    maximum_capacity_acu: float
    """The most it may scale to, in Aurora capacity units of 2 GiB of memory each."""


def aurora_alarms(target: AuroraTarget, *, capacity_percent: int) -> list[Alarm]:
    """Return a cluster's alarm: it has scaled close to its maximum capacity.

    ``capacity_percent`` is a share of the cluster's maximum capacity.
    """
    return [_capacity(target, target.maximum_capacity_acu * capacity_percent / 100)]


def _capacity(target: AuroraTarget, threshold_acu: float) -> Alarm:
    return Alarm(
        name=f"{target.label}-capacity",
        description=(
            f"{target.label} has stood at {threshold_acu:g} of its {target.maximum_capacity_acu:g} ACU or more for "
            "fifteen minutes. First: look for a new query in the slow query log; if the load is genuine, raise "
            "the maximum, which changes in place."
        ),
        metric=Metric(
            namespace="AWS/RDS",
            name="ServerlessDatabaseCapacity",
            # The fullest instance: across a cluster the average hides a writer at its limit beside an idle reader.
            statistic="Maximum",
            dimensions={"DBClusterIdentifier": target.cluster_identifier},
        ),
        threshold=threshold_acu,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        # A stopped cluster sends nothing and uses no capacity.
        missing_data="notBreaching",
    )
