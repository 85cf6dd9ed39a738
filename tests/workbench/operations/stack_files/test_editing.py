"""Stack files that are changed in place: what a value becomes, and that everything else stays to the letter."""

from pathlib import Path
from typing import Any

import pytest

from sample_infra.program import PROGRAM
from tests.support.sample import FOLDER
from workbench.errors import OperatorError
from workbench.operations.stack_files.editing import EditedFile, append, plain

BEFORE = """\
# What stands first.
config:
  sample:env:
    name: 'one'  # quoted as it was
    nothing: null
    list:
      - a
      - "b"

    # What belongs to the last one.
    last:
      deep: 1

# What stands behind it.
"""


def edited(folder: Path, text: str = BEFORE) -> EditedFile[Any]:
    path = folder / "Pulumi.test.yaml"
    path.write_text(text, encoding="utf-8")
    return EditedFile(PROGRAM, path)


def test_file_that_nothing_was_changed_in_is_the_same(tmp_path: Path) -> None:
    file = edited(tmp_path)
    change = file.change()
    assert (file.text, change.before, change.after) == (BEFORE, BEFORE, BEFORE)
    assert (change.path, change.name) == (tmp_path / "Pulumi.test.yaml", "Pulumi.test.yaml")


def test_long_line_stays_one_and_null_is_written_out(tmp_path: Path) -> None:
    file = edited(tmp_path)
    words = " ".join(["word"] * 400)
    file.environment["name"] = words
    file.environment["list"] = None
    assert words in file.text.splitlines()[3]
    assert "    list: null\n" in file.text


def test_key_is_put_behind_the_last_one_and_before_what_stands_behind_it(tmp_path: Path) -> None:
    file = edited(tmp_path)
    append(file.environment, "added", {"x": 1})
    assert file.text == BEFORE.replace("      deep: 1\n", "      deep: 1\n    added:\n      x: 1\n")
    append(file.environment["last"], "more", 2)
    assert "      deep: 1\n      more: 2\n    added:\n      x: 1\n\n# What stands behind it.\n" in file.text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("config:\n  sample:env: {}\n", "config:\n  sample:env:\n    a: b\n"),
        ("config:\n  sample:env:\n    x: 1  # why\n", "config:\n  sample:env:\n    x: 1  # why\n    a: b\n"),
        ("config:\n  sample:env:\n    x: {}\n\n# end\n", "config:\n  sample:env:\n    x: {}\n    a: b\n\n# end\n"),
        ("config:\n  sample:env:\n    x:\n      - 1\n", "config:\n  sample:env:\n    x:\n      - 1\n    a: b\n"),
    ],
)
def test_key_is_put_behind_whatever_is_the_last(tmp_path: Path, text: str, after: str) -> None:
    file = edited(tmp_path, text)
    append(file.environment, "a", "b")
    assert file.text == after


def test_plain_values_remember_no_comments(tmp_path: Path) -> None:
    found = plain(edited(tmp_path).environment)
    assert found == {"name": "one", "nothing": None, "list": ["a", "b"], "last": {"deep": 1}}
    assert (type(found), type(found["name"]), type(found["list"]), type(found["list"][1])) == (dict, str, list, str)


def test_file_is_checked_under_its_own_name_or_another(tmp_path: Path) -> None:
    whole = EditedFile(PROGRAM, FOLDER / "Pulumi.trial.yaml")
    assert whole.checked().environment == "trial"
    for source, name in ((None, "Pulumi.test.yaml"), ("Pulumi.new.yaml", "Pulumi.new.yaml")):
        with pytest.raises(OperatorError) as raised:
            edited(tmp_path).checked(source=source)
        assert {line.partition(":")[0] for line in raised.value.lines} == {name}
