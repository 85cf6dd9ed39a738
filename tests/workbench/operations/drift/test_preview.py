"""The preview that tells of drift, and how one that failed is told."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_pulumi import asked, pulumi
from tests.workbench.operations.failing import failed
from workbench.operations.drift.preview import preview

PLANNED: Mapping[str, Any] = {"steps": []}


def test_preview_is_what_pulumi_plans(tmp_path: Path) -> None:
    assert preview("live", tmp_path, pulumi(tmp_path, stdout=json.dumps(PLANNED))) == PLANNED
    assert asked(tmp_path)[2:] == [
        "preview",
        "--refresh",
        "--json",
        "--non-interactive",
        "--color",
        "never",
        "--stack",
        "live",
    ]


@pytest.mark.parametrize(
    ("stdout", "stderr", "code", "lines"),
    [
        ("no JSON", "warning: x\n\nerror: y\n", 0, ["  warning: x", "  error: y"]),
        (
            json.dumps(
                {
                    "diagnostics": [
                        {"severity": "error", "message": "first\n  second\n"},
                        {"severity": "warning", "message": "no"},
                    ]
                }
            ),
            "",
            255,
            ["  first", "    second"],
        ),
        ("{}", "", 1, []),
        ('{"diagnostics": null}', "x", 1, ["  x"]),
    ],
)
def test_preview_that_failed_is_told_in_pulumis_words(
    tmp_path: Path, stdout: str, stderr: str, code: int, lines: list[str]
) -> None:
    assert failed(preview, "live", tmp_path, pulumi(tmp_path, stdout=stdout, stderr=stderr, code=code)) == [
        f"live: pulumi preview ended with {code}: whether it drifted is not known",
        *lines,
    ]
