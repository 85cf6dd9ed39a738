"""What AWS has under the names of a plan, compared input by input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from workbench.aws.shared.connection import Connection
from workbench.operations.drift import reading as drift_reading
from workbench.operations.drift.reading import read
from workbench.operations.readings import Unread


@dataclass(frozen=True, kw_only=True)
class Wanted:
    urn: str
    type: str = "aws:cloudwatch/logGroup:LogGroup"
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    ignore_changes: tuple[str, ...] = ()
    custom: bool = True


def test_what_aws_has_is_compared_input_by_input(monkeypatch: pytest.MonkeyPatch) -> None:
    present: dict[str, Mapping[str, Any] | None] = {
        "same": {"retentionInDays": 7, "unasked": 1},
        "differs": {"retentionInDays": 9},
        "ignored": {"retentionInDays": 9},
        "unknown": {"retentionInDays": 9},
        "gone": None,
        "nested": {"tags": {"a": "1", "more": "2"}},
        "nested differently": {"tags": {"a": "2"}},
        "nested less": {"tags": {}},
    }

    def answer(_row: object, name: str, _wanted: object, _connection: object) -> Mapping[str, Any] | Unread | None:
        return present.get(name, Unread("no"))

    monkeypatch.setattr(drift_reading, "_read", answer)

    def of(name: str, **changes: Any) -> Wanted:
        inputs = changes.pop("inputs", {"retentionInDays": 7})
        return Wanted(urn=name, inputs={"name": name, **inputs}, **changes)

    resources = [
        of("same"),
        of("differs"),
        of("ignored", ignore_changes=("retentionInDays[0].x",)),
        of("unknown", inputs={"retentionInDays": [{"a": "${x.id}"}]}),
        of("gone"),
        of("nested", inputs={"tags": {"a": "1"}}),
        of("nested differently", inputs={"tags": {"a": "1"}}),
        of("nested less", inputs={"tags": {"a": "1"}}),
        of("refused"),
        of("${name}"),
        of("[secret]"),
        Wanted(urn="without a name"),
        of("component", custom=False),
        of("provider", type="pulumi:providers:aws"),
        of("other", type="aws:sqs/queue:Queue"),
    ]
    found = read(resources, cast("Connection", None))
    assert found.absent == ("gone",)
    assert found.differing == {
        "differs": {"retentionInDays": 9},
        "nested differently": {"tags": {"a": "2"}},
        "nested less": {"tags": {}},
    }
    assert (found.same, found.unread, found.compared) == (4, (Unread("no"),), 8)
    assert found.not_compared == {"aws:cloudwatch/logGroup:LogGroup": 3, "aws:sqs/queue:Queue": 1}
