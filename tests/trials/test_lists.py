"""The lists of the trials fit the project: each edit finds its text, each test that is named is there."""

import ast
from collections.abc import Sequence

import pytest

from tests.trials import deliberate_faults
from tests.trials.copies import ROOT, Edit, functions
from tests.trials.faults import FAULTS
from tests.trials.one_witness import LEFT_OUT, seeing_modules
from tests.trials.values import CHANGES

EDITS = {**{change.name: change.edits for change in CHANGES}, **{fault.name: (fault.edit,) for fault in FAULTS}}


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_edits_find_their_text_once_and_leave_a_program(edits: Sequence[Edit]) -> None:
    texts = {edit.path: (ROOT / edit.path).read_text(encoding="utf-8") for edit in edits}
    for edit in edits:
        texts[edit.path] = edit.applied(texts[edit.path])
    for path, text in texts.items():
        if path.endswith(".py"):
            ast.parse(text)


@pytest.mark.parametrize("name", sorted({name for fault in FAULTS for name in fault.noticed_by}))
def test_tests_that_are_named_are_there(name: str) -> None:
    path, _, function = name.partition("::")
    assert (ROOT / path).exists()
    assert not function or f"def {function}(" in (ROOT / path).read_text(encoding="utf-8")


def test_text_that_stands_twice_is_no_place_for_an_edit() -> None:
    with pytest.raises(ValueError, match=r"^a\.py: 'x' stands there 2 times; once is required$"):
        Edit(path="a.py", before="x", after="y").applied("x = x")


def test_fault_is_missed_where_one_of_its_tests_stays_green() -> None:
    fault = next(fault for fault in FAULTS if len(fault.noticed_by) == 2)
    first, second = fault.noticed_by
    assert deliberate_faults.blind(fault, [f"{first}[staging]"]) == [second]
    assert deliberate_faults.blind(fault, [f"{first}[staging]", f"{second}::test_any"]) == []
    assert not deliberate_faults.is_of("tests/a.py::test_one_more", "tests/a.py::test_one")


def test_cases_are_counted_by_their_test() -> None:
    assert functions(["a.py::b[1]", "a.py::b[2]", "a.py::c"]) == ["a.py::b", "a.py::c"]


def test_modules_that_see_a_value_are_found_through_what_they_import() -> None:
    found = seeing_modules()
    # By its own import, through a helper, and through the conftest of its folder; and one that sees none.
    for module in ("zelly_infra/test_facts.py", "workbench/cli/test_plan.py", "zelly_infra/embedded/test_hosts.py"):
        assert f"tests/{module}" in found
    assert "tests/components/test_vpc.py" not in found
    assert not [module for module in found if module.startswith(tuple(LEFT_OUT))]
