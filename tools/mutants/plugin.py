"""Lets pytest run the tests that a file names, in its order, and writes down how long each took and which failed."""

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = "MUTANTS_TESTS"
"""The environment variable that names the file with the tests to run, or not to run."""
REPORT = "MUTANTS_REPORT"
"""The one that names the file to write."""

_seconds: dict[str, float] = defaultdict(float)
_failed: list[str] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that are wanted, in their order, and not those that are unwanted."""
    asked = json.loads(Path(os.environ[TESTS]).read_text(encoding="utf-8"))
    unwanted, order = (
        set(asked.get("unwanted", ())),
        {name: number for number, name in enumerate(asked.get("wanted", ()))},
    )
    kept = [item for item in items if item.nodeid not in unwanted and (not order or item.nodeid in order)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = sorted(kept, key=lambda item: order.get(item.nodeid, 0))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take down a step of a test."""
    _seconds[report.nodeid] += report.duration
    if report.failed:
        _failed.append(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write what was taken down."""
    Path(os.environ[REPORT]).write_text(json.dumps({"seconds": _seconds, "failed": _failed}), encoding="utf-8")
