"""Amazon CloudWatch Logs: the log groups themselves. Their lines are in ``logs``."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """One log group."""

    name: str
    retention_days: int | None
    """None: its lines are kept, and paid for, for ever."""


class LogGroups:
    """The calls of CloudWatch Logs on log groups that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: CloudWatchLogsClient = connection.client("logs")

    def named(self, prefix: str) -> list[LogGroup]:
        """Return the log groups whose names begin like that, by name."""
        with calling("logs:DescribeLogGroups", f"{prefix}*"):
            pages = self._client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
            found = [
                LogGroup(name=group.get("logGroupName", ""), retention_days=group.get("retentionInDays"))
                for page in pages
                for group in page["logGroups"]
            ]
        return sorted(found, key=lambda group: group.name)
