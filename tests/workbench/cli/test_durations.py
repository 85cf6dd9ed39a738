"""Durations are a whole number and a unit, and nothing else."""

from datetime import timedelta

import pytest

from workbench.cli.shared.durations import parse_duration
from workbench.errors import OperatorError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("9999d", timedelta(days=9999)),
    ],
)
def test_duration_is_read(text: str, expected: timedelta) -> None:
    assert parse_duration("--since", text) == expected


@pytest.mark.parametrize("text", ["", "15", "m", "0m", "-5m", "1.5h", "15 m", "15M", "1w", "2h30m", "10000d", "٣m"])
def test_anything_else_is_one_line(text: str) -> None:
    with pytest.raises(OperatorError) as raised:
        parse_duration("--since", text)
    assert raised.value.lines == (f"--since: came {text!r}; allowed: 1 to 9999 and s, m, h or d, e.g. 90s, 15m, 2h",)
