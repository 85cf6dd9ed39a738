"""The readings of schedules."""

from collections.abc import Mapping

from workbench.sandbox.making.answers import name_prefix
from workbench.sandbox.making.table import Read

READS: Mapping[str, Read] = {
    "aws:scheduler/schedule:Schedule": Read(
        operation="get_schedule",
        parameters={"Name": "name", "GroupName": "groupName"},
        result="@",
        id=lambda existing: f"{existing.result['GroupName']}/{existing.result['Name']}",
        named={"namePrefix": name_prefix("Name")},
        defaults={"state": "ENABLED", "scheduleExpressionTimezone": "UTC"},
    ),
}
