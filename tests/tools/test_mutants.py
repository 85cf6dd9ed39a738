"""The mutation tester: what it puts in, which tests it asks, and the table of what it leaves alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.mutants import plugin
from tools.mutants.faults import Exemption, Fault, read_exemptions, reason_it_cannot_run, reason_to_leave_alone, sample
from tools.mutants.rooms import ROOMS
from tools.mutants.tests_of_line import Learnt, first_asked, merged, quickest_first, statement_lines
from tools.mutants.trying import ROOT

TEXT = """\
PORTS = {
    "web": 80,
}

def port(name, other=22):
    if (name in PORTS
            and other):
        return PORTS[
            name]
    return other
"""
LEARNT = Learnt(
    seconds={"a.py::slow": 9.0, "a.py::quick": 0.1, "b.py::quick": 0.2},
    lines={"p.py": {1: (), 5: (), 6: ("a.py::slow", "b.py::quick"), 8: ("a.py::slow",), 10: ("a.py::quick",)}},
)


def _fault(column: int = 0, operator: str = "NumberReplacer", occurrence: int = 0) -> Fault:
    return Fault(path="p.py", line=2, column=column, operator=operator, occurrence=occurrence)


@pytest.mark.parametrize("name", ROOMS)
def test_room_names_files_and_tests_that_exist(name: str) -> None:
    room = ROOMS[name]
    assert [pattern for pattern in room.files if not list(ROOT.glob(pattern))] == []
    assert [path for path in room.tests if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("line", "statement"),
    [(2, range(1, 4)), (5, range(5, 6)), (6, range(6, 8)), (7, range(6, 8)), (9, range(8, 10)), (4, range(4, 5))],
)
def test_statement_around_a_line(line: int, statement: range) -> None:
    assert statement_lines(TEXT, line) == statement


@pytest.mark.parametrize(
    ("line", "tests"),
    [
        pytest.param(7, ["b.py::quick", "a.py::slow"], id="all-that-execute-its-statement"),
        pytest.param(9, ["a.py::slow"], id="none-that-does-not"),
        pytest.param(2, ["b.py::quick", "a.py::quick", "a.py::slow"], id="any-of-the-file-where-it-runs-on-import"),
    ],
)
def test_tests_that_are_asked_first(line: int, tests: list[str]) -> None:
    assert first_asked(LEARNT, "p.py", TEXT, line) == tests


def test_tests_of_a_file_stay_together_the_quickest_file_first() -> None:
    seconds = {"a::1": 3.0, "a::2": 0.1, "b::1": 1.0, "b::2": 1.5}
    assert quickest_first(seconds, seconds) == ["b::1", "b::2", "a::2", "a::1"]


def test_what_changed_test_files_say_replaces_what_they_said() -> None:
    now = Learnt(seconds={"a.py::new": 1.0}, failing=("a.py::bad",), lines={"p.py": {8: ("a.py::new",)}})
    both = merged(LEARNT, now, {"a.py"})
    assert both == Learnt(
        seconds={"b.py::quick": 0.2, "a.py::new": 1.0},
        failing=("a.py::bad",),
        lines={"p.py": {1: (), 5: (), 6: ("b.py::quick",), 8: ("a.py::new",), 10: ()}},
    )


def test_sample_has_one_fault_for_each_place() -> None:
    faults = [_fault(column, f"ReplaceBinaryOperator_Add_{other}") for column in range(9) for other in ("Sub", "Mul")]
    assert [fault.column for fault in sample(faults, None, 0)] == list(range(9))
    assert sample(faults, 3, 1) == sample(faults[::-1], 3, 1) != sample(faults, 3, 2)
    assert len({fault.place for fault in sample(faults, 3, 1)}) == 3


def test_result_is_known_again_until_the_file_changes() -> None:
    assert _fault().key(TEXT) == _fault().key(TEXT) != _fault().key(TEXT + "\n")
    assert _fault().key(TEXT) != _fault(occurrence=1).key(TEXT)


@pytest.mark.parametrize(
    ("exemption", "left"),
    [
        (Exemption(operator="Number*", line='"web": *', reason="because"), "because"),
        (Exemption(operator="Number*", path="other.py", reason="because"), None),
        (Exemption(operator="Number*", line="PORTS*", reason="because"), None),
        (Exemption(operator="AddNot", reason="because"), None),
    ],
)
def test_fault_is_left_alone_where_all_patterns_hold(exemption: Exemption, left: str | None) -> None:
    assert reason_to_leave_alone(_fault(), TEXT, [exemption]) == left


@pytest.mark.parametrize(("text", "runs"), [("f(*values)", True), ("f(/values)", False), ("", True), (None, False)])
def test_what_is_no_python_is_left_alone(text: str | None, runs: bool) -> None:
    assert (reason_it_cannot_run(text) is None) is runs


def test_brackets_of_a_line_stand_for_themselves() -> None:
    exemption = Exemption(operator="*", line="return PORTS[", reason="because")
    fault = Fault(path="p.py", line=8, column=0, operator="AddNot", occurrence=0)
    assert reason_to_leave_alone(fault, TEXT, [exemption]) == "because"


def test_each_exemption_has_a_reason() -> None:
    assert [exemption for exemption in read_exemptions() if len(exemption.reason) < 20] == []


def test_plugin_runs_what_is_asked_and_says_what_failed(tmp_path: Path) -> None:
    tests, report = tmp_path / "asked.json", tmp_path / "report.json"
    tests.write_text(
        json.dumps({"wanted": [f"test_it.py::test_{name}" for name in "cba"], "unwanted": ["test_it.py::test_a"]})
    )
    (tmp_path / "test_it.py").write_text(
        "def test_a(): pass\ndef test_b(): pass\ndef test_c(): raise ValueError\n", encoding="utf-8"
    )
    subprocess.run(
        [sys.executable, "-m", "pytest", "-p", plugin.__name__, "-p", "no:cacheprovider", "--rootdir", tmp_path, "."],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            plugin.TESTS: str(tests),
            plugin.REPORT: str(report),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        stdout=subprocess.DEVNULL,
        check=False,
    )
    written = json.loads(report.read_text())
    assert list(written["seconds"]) == ["test_it.py::test_c", "test_it.py::test_b"]
    assert written["failed"] == ["test_it.py::test_c"]
