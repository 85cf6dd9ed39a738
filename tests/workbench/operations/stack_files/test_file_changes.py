"""Changes of files: they are shown before, and written together or not at all."""

from pathlib import Path

import pytest

from tests.workbench.operations.failing import refused
from workbench.operations.stack_files.file_changes import FileChange, read_text, take_place, write_together


def change(path: Path, before: str | None, after: str) -> FileChange:
    return FileChange(path=path, name=path.name, before=before, after=after)


def test_lines_that_go_and_come_are_shown_without_those_between() -> None:
    before, after = "a: 1\nb:\n  c: 2\nd: 3\n", "a: 1\nb:\n  c: 4\nd: 3\ne: 5\n"
    assert change(Path("f"), before, after).lines() == ["f:", "  - c: 2", "  + c: 4", "  + e: 5"]
    assert change(Path("f"), None, "a\nb\n").lines() == ["f: new, 2 lines"]
    assert change(Path("f"), None, "a\n").lines() == ["f: new, 1 line"]


def test_all_are_written_a_new_one_in_a_new_folder_and_a_mode_stays(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "folder" / "new"
    old.write_text("1")
    old.chmod(0o640)
    write_together([change(old, "1", "2"), change(new, None, "3")])
    assert (old.read_text(), old.stat().st_mode & 0o777, new.read_text()) == ("2", 0o640, "3")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "new", "old"]


@pytest.mark.parametrize("made", [None, "other"])
def test_none_is_written_where_one_cannot_be(tmp_path: Path, made: str | None) -> None:
    one, new, last = tmp_path / "one", tmp_path / "new", tmp_path / "last"
    one.write_text("1")
    last.write_text("changed")
    line = "last: somebody else changed it in the meantime; nothing was changed"
    if made is not None:
        new.write_text(made)
        line = "new: there already; nothing was changed"
    changes = [change(one, "1", "2"), change(new, None, "3"), change(last, "4", "5")]
    assert refused(write_together, changes) == [line]
    left = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert left == {"one": "1", "last": "changed", **({} if made is None else {"new": made})}


def test_file_that_cannot_take_its_place_or_be_made_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no" / "no" / "f"
    assert refused(write_together, [change(path, None, "x")]) == ["f: No such file or directory; nothing was changed"]
    with pytest.raises(FileNotFoundError):
        take_place(change(tmp_path / "f", None, "x"), tmp_path / "aside")


def test_text_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xff")
    assert refused(read_text, tmp_path / "f") == ["f: not UTF-8; text is required"]
    assert refused(read_text, tmp_path / "g") == ["g: No such file or directory; a file that can be read is required"]
