"""Each line of a log is shown once, whatever order it becomes visible in and whatever breaks meanwhile."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.workbench.operations.failing import failure
from workbench.aws.logs.events import LogLine, Logs
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperatorError
from workbench.operations.tasks.log_lines import LogReader, LogSelection

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
LATEST_MS = 120_000
"""Two minutes are promised."""

FUTURE_MS = -300_000


def at(milliseconds: float) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


@dataclass(frozen=True)
class Written:
    """A line, its own time and when CloudWatch Logs shows it."""

    id: str
    ms: int
    visible_ms: int
    stream: str = "api/api/1"


@dataclass
class FakeLogs:
    """CloudWatch Logs: shows what is visible by now, sorted by time, in whole milliseconds; breaks off when told to."""

    written: Sequence[Written]
    now_ms: int = 0
    breaks_after: int | None = None

    def lines(self, group: str, *, since: datetime, stream_prefix: str = "", pattern: str = "") -> Iterator[LogLine]:
        assert (group, pattern) == ("group", "")
        since_ms = (since - EPOCH) // timedelta(milliseconds=1)
        visible = [
            line
            for line in self.written
            if line.visible_ms <= self.now_ms and line.ms >= since_ms and line.stream.startswith(stream_prefix)
        ]
        for number, line in enumerate(sorted(visible, key=lambda line: line.ms)):
            if number == self.breaks_after:
                raise failure("logs:FilterLogEvents", Reason.THROTTLED)
            yield LogLine(time=at(line.ms), stream=line.stream, message=line.id, id=line.id)


def reader(logs: FakeLogs, *, prefixes: tuple[str, ...] = ("",), since_ms: float = 0, fast_ms: float = 0) -> LogReader:
    selection = LogSelection(group="group", stream_prefixes=prefixes)
    return LogReader(cast(Logs, logs), selection, since=at(since_ms), now=lambda: at(logs.now_ms + fast_ms))


def show(reading: LogReader, shown: list[str]) -> None:
    """Show lines one by one: of a reading that breaks off, those before."""
    for line in reading.new_lines():
        shown.append(line.message)


LINES = st.lists(
    # Few times, so that many lines share a millisecond; delays up to the latest one that is promised, and a line that
    # claims to be from the future.
    st.tuples(st.integers(0, 40).map(lambda step: step * 9_970), st.sampled_from([0, 1, 5_000, LATEST_MS, FUTURE_MS])),
    min_size=4,
    max_size=40,
)
READINGS = st.lists(
    # Milliseconds until it, and after how many lines it breaks off.
    st.tuples(st.integers(0, 60_000), st.sampled_from([None, None, 0, 1, 5])),
    min_size=4,
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@example(lines=[(0, LATEST_MS), (5_000, 0)], readings=[(5_000, None)], fast_ms=0.0, since_ms=0)
@example(lines=[(300_000, FUTURE_MS), (5_000, 0)], readings=[(0, None)], fast_ms=0.0, since_ms=0)
@given(
    lines=LINES,
    readings=READINGS,
    fast_ms=st.sampled_from([0.0, 0.4, 600_000.0, -600_000.0]),
    since_ms=st.sampled_from([0, 0.7, 150_000]),
)
def test_every_line_is_shown_exactly_once(
    lines: list[tuple[int, int]], readings: list[tuple[int, int | None]], fast_ms: float, since_ms: float
) -> None:
    # One of the two clocks has to be right.
    assume(fast_ms <= 0 or all(late != FUTURE_MS for _, late in lines))
    written = [Written(id=f"line {number}", ms=ms, visible_ms=ms + late) for number, (ms, late) in enumerate(lines)]
    logs = FakeLogs(written)
    reading = reader(logs, since_ms=since_ms, fast_ms=fast_ms)
    shown: list[str] = []
    # The last one comes when everything is visible, and does not break off.
    for pause, breaks_after in [*readings, (max([line.visible_ms for line in written], default=0), None)]:
        logs.now_ms += pause
        logs.breaks_after = breaks_after
        with suppress(AwsError):
            show(reading, shown)
    assert sorted(shown) == sorted(line.id for line in written if line.ms >= int(since_ms))


def test_what_a_broken_reading_showed_is_not_shown_again() -> None:
    logs = FakeLogs([Written("a", 1, 1), Written("b", 1, 1), Written("c", 2, 2)], now_ms=10, breaks_after=2)
    reading = reader(logs)
    shown: list[str] = []
    with pytest.raises(AwsError):
        show(reading, shown)
    logs.breaks_after = None
    show(reading, shown)
    assert shown == ["a", "b", "c"]


def test_streams_are_sorted_into_one_another() -> None:
    logs = FakeLogs(
        [
            Written("1", 1, 1, "api/1"),
            Written("2", 2, 2, "web/1"),
            Written("3", 3, 3, "api/1"),
            Written("4", 2, 2, "x/1"),
        ],
        now_ms=10,
    )
    assert [line.message for line in reader(logs, prefixes=("api/", "web/")).new_lines()] == ["1", "2", "3"]


def test_only_what_may_still_come_again_is_remembered() -> None:
    logs = FakeLogs([Written(str(second), second * 1000, second * 1000) for second in range(1000)])
    reading = reader(logs)
    for logs.now_ms in range(0, 1_000_000, 10_000):
        list(reading.new_lines())
    assert len(reading._seen) <= LATEST_MS / 1000 + 11  # pyright: ignore[reportPrivateUsage]


class _Absent:
    def lines(self, _: str, **_options: object) -> Iterator[LogLine]:
        raise failure("logs:FilterLogEvents", Reason.REFUSED, "ResourceNotFoundException")
        yield  # makes it a generator, as the wrapper's is


def test_absent_group_is_an_error_and_an_absent_stream_is_silence() -> None:
    absent = cast(Logs, _Absent())
    with pytest.raises(OperatorError, match=r"^log group: group is not there; `pulumi up` makes it$"):
        list(LogReader(absent, LogSelection(group="group"), since=EPOCH).new_lines())
    assert list(LogReader(absent, LogSelection(group="group", stream_prefixes=("a/",)), since=EPOCH).new_lines()) == []
