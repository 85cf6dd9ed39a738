"""Every refusal of the config is reached by a bad stack file that is made for it, and by no file that is about another.

A file that fails for another reason first leaves the check that it is meant for untried, and looks like its example.
"""

import ast
import json
import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.support.changed_values import REMOVED
from tests.zelly_infra.config.test_bad_stack_files import CASES, ENVIRONMENTS, case_id, refusal
from tests.zelly_infra.stack_files import ROOT, with_changes

OF_OTHER_PROGRAMS = {"deployments.py"}
"""Sections that Zelly's config has not; their own programs' tests reach what they refuse."""
CONFIG = sorted(
    path
    for path in [*(ROOT / "zelly_infra").glob("config*.py"), *(ROOT / "workbench" / "config").glob("*.py")]
    if path.name not in OF_OTHER_PROGRAMS
)


def refusals(path: Path) -> Iterator[tuple[int, str]]:
    """Iterate over the places of a module that raise ``ValueError``: each line, and what it raises as it is written."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and ast.unparse(node.exc.func) == "ValueError"
        ):
            yield node.lineno, ast.unparse(node.exc)


REFUSALS: Mapping[str, Mapping[int, str]] = {str(path): dict(refusals(path)) for path in CONFIG}


def reached(case: dict[str, Any]) -> set[tuple[str, int]]:
    """Return the refusals that a bad stack file runs into."""
    found: set[tuple[str, int]] = set()

    def trace(frame: FrameType, _event: str, _argument: object) -> Any:
        lines = REFUSALS.get(frame.f_code.co_filename)
        if lines is None:
            return None
        if frame.f_lineno in lines:
            found.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    changes: dict[str, Any] = {**case.get("set", {}), **dict.fromkeys(case.get("remove", []), REMOVED)}
    text = json.dumps(with_changes(deepcopy(ENVIRONMENTS[case["stack"]]), changes))
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        refusal(text)
    finally:
        sys.settrace(before)
    return found


@pytest.fixture(scope="module")
def reached_by_case() -> dict[str, set[tuple[str, int]]]:
    return {case_id(case): reached(case) for case in CASES}


def test_every_refusal_has_a_bad_stack_file_that_reaches_it(
    reached_by_case: dict[str, set[tuple[str, int]]],
) -> None:
    met = set[tuple[str, int]]().union(*reached_by_case.values())
    missing = [
        f"{Path(path).name}:{line}: {raised}"
        for path, lines in REFUSALS.items()
        for line, raised in lines.items()
        if (path, line) not in met
    ]
    assert not missing, "\n".join(missing)


def test_a_bad_stack_file_is_refused_for_as_many_reasons_as_it_has_lines(
    reached_by_case: dict[str, set[tuple[str, int]]],
) -> None:
    """None is refused by a check beside the one that its line tells of."""
    several = {
        case_id(case): sorted(REFUSALS[path][line] for path, line in reached_by_case[case_id(case)])
        for case in CASES
        if len(reached_by_case[case_id(case)]) > len(case["lines"])
    }
    assert several == {}
