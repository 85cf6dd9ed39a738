"""Amazon CloudWatch Logs: the lines that containers wrote."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line of a log."""

    time: datetime
    """To the millisecond."""
    stream: str
    message: str
    id: str = ""
    """CloudWatch Logs' id of the line, the same in every answer. :meth:`Logs.last_lines` is not told any."""


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

    def lines(self, group: str, *, since: datetime, stream_prefix: str = "", pattern: str = "") -> Iterator[LogLine]:
        """Return the lines of a group from then on, the oldest first.

        ``stream_prefix`` is how the names of the streams begin; the empty one takes every stream. ``pattern`` is a
        filter pattern of CloudWatch Logs; the empty one takes every line.
        """
        prefix: dict[str, Any] = {"logStreamNamePrefix": stream_prefix} if stream_prefix else {}
        with calling("logs:FilterLogEvents", group):
            pages = self._client.get_paginator("filter_log_events").paginate(
                logGroupName=group,
                startTime=(since - _EPOCH) // _MILLISECOND,
                filterPattern=pattern,
                # The service sorts the streams' lines into one another by itself, moto only when asked to.
                interleaved=True,
                **prefix,
            )
            for page in pages:
                for event in page["events"]:
                    # moto takes no notice of the prefix.
                    if event["logStreamName"].startswith(stream_prefix):
                        yield LogLine(
                            time=_time(event["timestamp"]),
                            stream=event["logStreamName"],
                            message=event["message"].rstrip("\n"),
                            id=event["eventId"],
                        )


def _time(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND
