"""The folder on disk: for its owner alone, whole or known to be unfinished, and never two adoptions in one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from workbench.errors import OperatorError
from workbench.files import write_whole

_FOLDER_MODE, _MODE = 0o700, 0o600

RUN_FILE = "adoption.json"
"""Says which adoption a folder is of, and whether all of its files are there."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """An adoption: of one stack from one Terraform state."""

    stack: str
    lineage: str
    serial: int

    def is_of(self, other: "Run") -> bool:
        """Tell whether it is another look at the same state, perhaps a later one."""
        return (self.stack, self.lineage) == (other.stack, other.lineage)


def write_folder(folder: Path, files: Mapping[str, str], run: Run, *, replace: bool) -> str | None:
    """Write an adoption's files; return what is to be said of what was there before.

    ``replace`` writes over another adoption's files.

    Raises:
        OperatorError: when the folder holds something else, another adoption's files, or cannot be written.
    """
    found = _run_in(folder)
    said = _check(folder, found, run, replace=replace)
    earlier = {f"{name}" for name in (found or {}).get("files", ())}
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        folder.chmod(_FOLDER_MODE)
        _note(folder, run, whole=False, files=sorted(earlier | files.keys()))
        for name, text in files.items():
            write_whole(folder / name, text, mode=_MODE)
        for name in earlier - files.keys():
            # A name alone: nothing outside of the folder is ever deleted.
            (folder / Path(name).name).unlink(missing_ok=True)
        _note(folder, run, whole=True, files=sorted(files))
    except OSError as error:
        raise OperatorError(f"{error.filename}: {error.strerror}; a folder that can be written is required") from None
    return said


def read_folder(folder: Path, stack: str) -> Mapping[str, Any]:
    """Return what a folder says of itself.

    Raises:
        OperatorError: when it holds no adoption of the stack, or one that was stopped while it was written.
    """
    found = _run_in(folder)
    if found is None:
        raise OperatorError(f"{folder}: no {RUN_FILE} in it; the folder that `adopt --output` wrote is required")
    if found.get("stack") != stack:
        raise OperatorError(f"{folder}: the adoption of {found.get('stack')}; one of {stack} is required")
    if not found.get("whole"):
        raise OperatorError(f"{folder}: not written to its end; the same `adopt --output` writes it anew")
    return found


def read_json(path: Path) -> Any:
    """Return what a file of a folder holds.

    Raises:
        OperatorError: when it cannot be read, or holds something else.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; a file that can be read is required") from None
    except ValueError:
        raise OperatorError(f"{path}: not JSON") from None


def as_json(content: Any) -> str:
    """Return the text of a file."""
    return json.dumps(content, indent=2) + "\n"


def _check(folder: Path, found: Mapping[str, Any] | None, run: Run, *, replace: bool) -> str | None:
    if found is None:
        if folder.is_dir() and any(folder.iterdir()):
            raise OperatorError(f"{folder}: holds other files; a new or an empty folder is required")
        return None
    before = Run(stack=f"{found.get('stack')}", lineage=f"{found.get('lineage')}", serial=int(found.get("serial", 0)))
    if not before.is_of(run) and not replace:
        raise OperatorError(
            f"{folder}: the adoption of {before.stack} from another Terraform state, {before.lineage}; "
            "another folder, or --replace"
        )
    if not found.get("whole"):
        return f"{folder}: an earlier run was stopped while it wrote; everything is written anew"
    return f"{folder}: written anew; before it was of serial {before.serial}"


def _note(folder: Path, run: Run, *, whole: bool, files: Sequence[str]) -> None:
    write_whole(folder / RUN_FILE, as_json({**vars(run), "whole": whole, "files": files}), mode=_MODE)


def _run_in(folder: Path) -> Mapping[str, Any] | None:
    path = folder / RUN_FILE
    if not path.is_file():
        return None
    found = read_json(path)
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
