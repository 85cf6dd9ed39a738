"""Files that are whole or not there at all, also after a power cut."""

from __future__ import annotations

import datetime
import json
import os
import shutil
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pathlib import Path

_TIME = "%Y-%m-%dT%H:%M:%SZ"


def now() -> datetime.datetime:
    """Return the time in UTC, to the second."""
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def text_of(time: datetime.datetime) -> str:
    """Return a time as every document of the agent has it."""
    return time.astimezone(datetime.timezone.utc).strftime(_TIME)


def time_of(text: str) -> datetime.datetime:
    """Return the time that a document of the agent has."""
    return datetime.datetime.strptime(text, _TIME).replace(tzinfo=datetime.timezone.utc)


def replace_file(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file beside its place, have it on the disk, and move it to its place with ``rename(2)``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(mode)
    beside.replace(path)
    sync_directory(path.parent)


def remove_file(path: Path) -> None:
    """Remove a file for good, if it is there."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        sync_directory(path.parent)


def append_line(path: Path, line: str) -> None:
    """Append a line and have it on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Have what was renamed or removed in a directory on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_link(path: Path, target: str) -> None:
    """Let a symbolic link lead elsewhere, in one step: ``ln -sfn`` removes it first."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(path)


def remove_tree(path: Path) -> None:
    """Remove a directory. Under its own name it is there whole or not at all, whenever the power is cut."""
    removed = path.with_name(f"{path.name}.removed")
    shutil.rmtree(removed, ignore_errors=True)
    path.rename(removed)
    shutil.rmtree(removed, ignore_errors=True)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object that a JSON file holds, or None where there is no file.

    Raises:
        ValueError: when the file holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return json_object(text, str(path))


def json_object(text: str, where: str) -> dict[str, Any]:
    """Return the object that a JSON text holds.

    Raises:
        ValueError: when it holds something else.
    """
    try:
        value: object = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{where}: no JSON ({error})") from error
    if not isinstance(value, dict):
        raise ValueError(f"{where}: a JSON object is expected")
    return cast("dict[str, Any]", value)
