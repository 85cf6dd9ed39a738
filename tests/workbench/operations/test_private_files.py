"""Private files: for their owner alone, whole, and never over another one unless that is asked for."""

from pathlib import Path

import pytest

from tests.workbench.operations.failing import refused
from workbench.operations.private_files import write_private


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
    assert refused(write_private, path, "new", replace=False, otherwise="--yes replaces it") == [
        f"{path}: there already; --yes replaces it"
    ]
    assert (path.read_text(), [*tmp_path.iterdir()]) == ("old", [path])
    write_private(path, "new", replace=True, otherwise="")
    assert (path.read_text(), path.stat().st_mode & 0o777, [*tmp_path.iterdir()]) == ("new", 0o600, [path])


def test_private_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "no" / "f"
    assert refused(write_private, path, "x", replace=False, otherwise="") == [
        f"{path}: No such file or directory; a file that can be written is required"
    ]
