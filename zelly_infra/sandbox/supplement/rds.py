"""RDS: what moto forgets of an instance."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.supplement.table import Call, Forgotten, Missing


def _performance_insights(call: Call) -> Mapping[str, Any]:
    members = {
        "EnablePerformanceInsights": "PerformanceInsightsEnabled",
        "PerformanceInsightsKMSKeyId": "PerformanceInsightsKMSKeyId",
        "PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
    }
    return {answered: call.parameters[given] for given, answered in members.items() if given in call.parameters}


MISSING: tuple[Missing, ...] = ()
FORGOTTEN: tuple[Forgotten, ...] = (
    Forgotten(
        service="rds",
        writes={"CreateDBInstance": "DBInstance", "ModifyDBInstance": "DBInstance"},
        reads={"DescribeDBInstances": "DBInstances"},
        key="DBInstanceIdentifier",
        remember=_performance_insights,
    ),
)
