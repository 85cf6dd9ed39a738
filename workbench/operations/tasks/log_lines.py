"""The lines of a log group, read once or repeatedly."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from workbench.aws.logs.events import LogLine, Logs
from workbench.aws.shared.errors import AwsError
from workbench.errors import OperatorError

LATEST_ARRIVAL = timedelta(minutes=2)
"""How much later than its own time a line may become visible and still be shown. The awslogs driver sends its lines
every five seconds and tries again while CloudWatch Logs takes none; two containers are never in step."""


@dataclass(frozen=True, kw_only=True)
class LogSelection:
    """A selection of lines of a log group."""

    group: str
    stream_prefixes: tuple[str, ...] = ("",)
    """How the names of the streams begin; none may begin another. The empty one stands for every stream."""
    pattern: str = ""
    """A filter pattern of CloudWatch Logs; empty: every line."""

    def visible(self, logs: Logs, since: datetime) -> Iterator[LogLine]:
        """Return the visible lines since a moment, the oldest first.

        Raises:
            OperatorError: when there is no such group.
        """
        return heapq.merge(
            *(self._of(logs, prefix, since) for prefix in self.stream_prefixes), key=lambda line: line.time
        )

    def _of(self, logs: Logs, prefix: str, since: datetime) -> Iterator[LogLine]:
        try:
            yield from logs.lines(self.group, since=since, stream_prefix=prefix, pattern=self.pattern)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
            # A stream comes into being with its first line; a group is there from the beginning.
            if not prefix or "log group" in error.message:
                raise OperatorError(f"log group: {self.group} is not there; `pulumi up` makes it") from None


def _now() -> datetime:
    return datetime.now(UTC)


class LogReader:
    """A reader of the lines of a selection that returns each line once.

    Lines are identified by their ids. Each reading begins :data:`LATEST_ARRIVAL` before the newest line that was seen:
    so no line is lost that becomes visible after younger ones.
    """

    def __init__(
        self, logs: Logs, selection: LogSelection, *, since: datetime, now: Callable[[], datetime] = _now
    ) -> None:
        self._logs = logs
        self._selection = selection
        self._start = self._newest = _to_the_millisecond(since)
        self._now = now
        self._seen: dict[str, datetime] = {}

    def new_lines(self) -> Iterator[LogLine]:
        """Return the lines that became visible since the last reading, the oldest first.

        After a reading that failed, the next one returns its lines too.
        """
        newest = self._newest
        for line in self._selection.visible(self._logs, self._start):
            newest = max(newest, line.time)
            if line.id not in self._seen:
                self._seen[line.id] = line.time
                yield line
        self._newest = newest
        # A line may claim to be from the future, or this machine's clock may be fast: whichever is earlier is safe.
        start = _to_the_millisecond(min(newest, self._now()) - LATEST_ARRIVAL)
        self._start = max(self._start, start)
        self._seen = {seen: time for seen, time in self._seen.items() if time >= self._start}


def _to_the_millisecond(time: datetime) -> datetime:
    # CloudWatch Logs is asked in milliseconds: what was forgotten a fraction of one too early would come again.
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
