"""Several files written together: all of them, or none."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from workbench.counting import counted
from workbench.errors import OperatorError


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """The change of one text file."""

    path: Path
    name: str
    """What it is called in its project."""
    before: str | None
    """None: it is new."""
    after: str

    def lines(self) -> list[str]:
        """Return the lines that go and come; of a new file only that it is one."""
        if self.before is None:
            count = len(self.after.splitlines())
            return [f"{self.name}: new, {counted(count, 'line')}"]
        difference = unified_diff(self.before.splitlines(), self.after.splitlines(), n=0, lineterm="")
        changed = [line for line in list(difference)[2:] if not line.startswith("@@")]
        return [f"{self.name}:", *(f"  {line[0]} {line[1:].strip()}" for line in changed)]


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        OperatorError: when it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise OperatorError(f"{path.name}: not UTF-8; text is required") from None
    except OSError as error:
        raise OperatorError(f"{path.name}: {error.strerror}; a file that can be read is required") from None


def write_together(changes: Sequence[FileChange]) -> None:
    """Write every file, or leave all of them as they were.

    Each lies whole beside its place before the first one takes its own: what remains are renames.

    Raises:
        OperatorError: when one cannot be written, is there already, or is not what it was when the change was planned.
    """
    partial: list[tuple[FileChange, Path]] = []
    done: list[FileChange] = []
    change: FileChange | None = None
    try:
        for change in changes:
            aside = change.path.with_name(f".{change.path.name}.{secrets.token_hex(4)}")
            partial.append((change, aside))
            _write(aside, change)
        for change, aside in partial:
            take_place(change, aside)
            done.append(change)
    except OSError as error:
        _undo(done)
        raise OperatorError(f"{change.name if change else ''}: {error.strerror}; nothing was changed") from None
    except OperatorError:
        _undo(done)
        raise
    finally:
        for _, aside in partial:
            with suppress(OSError):
                aside.unlink()


def _write(aside: Path, change: FileChange) -> None:
    change.path.parent.mkdir(exist_ok=True)
    with aside.open("x", encoding="utf-8") as file:
        file.write(change.after)
        file.flush()
        os.fsync(file.fileno())
    if change.before is not None:
        aside.chmod(change.path.stat().st_mode)


def take_place(change: FileChange, aside: Path) -> None:
    """Let a file that lies beside its place take it.

    Raises:
        OperatorError: when somebody else was faster.
    """
    if change.before is None:
        try:
            # Unlike a rename, this fails when there is one.
            change.path.hardlink_to(aside)
        except FileExistsError:
            raise OperatorError(f"{change.name}: there already; nothing was changed") from None
    elif change.path.read_text(encoding="utf-8") != change.before:
        raise OperatorError(f"{change.name}: somebody else changed it in the meantime; nothing was changed")
    else:
        aside.replace(change.path)


def _undo(done: Sequence[FileChange]) -> None:
    for change in done:
        with suppress(OSError):
            if change.before is None:
                change.path.unlink()
            else:
                change.path.write_text(change.before, encoding="utf-8")
