"""What CloudWatch Logs is asked, and what is made of its pages."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from workbench.aws.logs.events import LogLine, Logs
from workbench.aws.shared.connection import Connection


def event(number: int, milliseconds: int, stream: str = "api/api/1") -> dict[str, Any]:
    return {
        "eventId": f"event-{number}",
        "timestamp": milliseconds,
        "logStreamName": stream,
        "message": f"line {number}\n",
    }


def test_every_page_is_read_and_times_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Connection("eu-west-1").client("logs")

    def made(_connection: Connection, _service: str) -> Any:
        return client

    monkeypatch.setattr(Connection, "client", made)
    asked = {
        "logGroupName": "/shop/api",
        "startTime": 1_767_225_600_257,
        "filterPattern": "?ERROR",
        "interleaved": True,
        "logStreamNamePrefix": "api/",
    }
    with Stubber(client) as stubber:
        # A page may be empty and not the last one (API reference, "FilterLogEvents").
        stubber.add_response("filter_log_events", {"events": [], "nextToken": "1"}, asked)
        stubber.add_response(
            "filter_log_events",
            {"events": [event(1, 1_767_225_600_257), event(2, 1_767_225_600_258, "web/web/1")], "nextToken": "2"},
            {**asked, "nextToken": "1"},
        )
        stubber.add_response(
            "filter_log_events", {"events": [event(3, 1_767_225_600_999)]}, {**asked, "nextToken": "2"}
        )
        since = datetime(2026, 1, 1, 0, 0, 0, 257_000, tzinfo=UTC)
        lines = list(
            Logs(Connection("eu-west-1")).lines("/shop/api", since=since, stream_prefix="api/", pattern="?ERROR")
        )
        stubber.assert_no_pending_responses()
    assert lines == [
        LogLine(time=since, stream="api/api/1", message="line 1", id="event-1"),
        LogLine(time=since.replace(microsecond=999_000), stream="api/api/1", message="line 3", id="event-3"),
    ]
