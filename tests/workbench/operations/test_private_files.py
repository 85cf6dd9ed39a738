"""Files that operations write on this machine: whole, private where they are, and never over somebody else's."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workbench.errors import OperatorError
from workbench.operations.private_files import write_private
from workbench.operations.stack_files.file_changes import FileChange, read_text, take_place, write_together


@contextmanager
def refused(line: str) -> Generator[None]:
    with pytest.raises(OperatorError) as raised:
        yield
    assert raised.value.lines == (line,)


@pytest.mark.parametrize("replace", [True, False])
def test_private_file_is_for_its_owner_alone_and_lies_there_by_itself(tmp_path: Path, replace: bool) -> None:
    path = tmp_path / "f"
    write_private(path, "é", replace=replace, otherwise="")
    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777, [*tmp_path.iterdir()]) == (
        "é",
        0o600,
        [path],
    )


def test_private_file_that_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    with refused(f"{path}: there already; --yes replaces it"):
        write_private(path, "new", replace=False, otherwise="--yes replaces it")
    assert (path.read_text(), [*tmp_path.iterdir()]) == ("old", [path])
    write_private(path, "new", replace=True, otherwise="")
    assert (path.read_text(), path.stat().st_mode & 0o777, [*tmp_path.iterdir()]) == ("new", 0o600, [path])


def test_private_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "no" / "f"
    with refused(f"{path}: No such file or directory; a file that can be written is required"):
        write_private(path, "x", replace=False, otherwise="")


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
    with refused(line):
        write_together([change(one, "1", "2"), change(new, None, "3"), change(last, "4", "5")])
    left = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert left == {"one": "1", "last": "changed", **({} if made is None else {"new": made})}


def test_file_that_cannot_take_its_place_or_be_made_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no" / "no" / "f"
    with refused("f: No such file or directory; nothing was changed"):
        write_together([change(path, None, "x")])
    with pytest.raises(FileNotFoundError):
        take_place(change(tmp_path / "f", None, "x"), tmp_path / "aside")


def test_text_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xff")
    with refused("f: not UTF-8; text is required"):
        read_text(tmp_path / "f")
    with refused("g: No such file or directory; a file that can be read is required"):
        read_text(tmp_path / "g")
