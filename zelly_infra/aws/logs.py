"""Amazon CloudWatch Logs: the lines that containers wrote."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zelly_infra.aws.connection import Connection
from zelly_infra.aws.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line of a log."""

    time: datetime
    stream: str
    message: str


def stream_name(container: str, task_id: str) -> str:
    """Return the log stream of a task's container.

    The awslogs driver names it ``prefix/container/task``, and the program makes the container's name the prefix (ECS
    Developer Guide, "Send Amazon ECS logs to CloudWatch", ``awslogs-stream-prefix``).
    """
    return f"{container}/{container}/{task_id}"


class Logs:
    """The calls of CloudWatch Logs that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: CloudWatchLogsClient = connection.client("logs")

    def last_lines(self, group: str, stream: str, count: int) -> list[LogLine]:
        """Return the last lines of a stream, the oldest first; none for a stream that nothing was written to."""
        try:
            with calling("logs:GetLogEvents", f"{group} {stream}"):
                answer = self._client.get_log_events(
                    logGroupName=group, logStreamName=stream, limit=count, startFromHead=False
                )
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return []
            raise
        return [
            LogLine(time=_time(event["timestamp"]), stream=stream, message=event["message"].rstrip("\n"))
            for event in answer["events"]
        ]

    def lines(self, group: str, *, since: datetime, pattern: str = "") -> Iterator[LogLine]:
        """Return the lines of a group since then, the oldest first.

        ``pattern`` is a filter pattern of CloudWatch Logs; the empty one takes every line.
        """
        with calling("logs:FilterLogEvents", group):
            pages = self._client.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=int(since.timestamp() * 1000), filterPattern=pattern
            )
            for page in pages:
                for event in page["events"]:
                    yield LogLine(
                        time=_time(event["timestamp"]),
                        stream=event["logStreamName"],
                        message=event["message"].rstrip("\n"),
                    )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
