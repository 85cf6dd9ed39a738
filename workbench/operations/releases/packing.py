"""Artefacts of directories: the same files make the same bytes, wherever and whenever they are packed."""

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import OperatorError
from workbench.operations.releases.manifest import Artefact

_EXECUTABLE, _PLAIN = 0o755, 0o644
READY = ".tar.gz"
"""The ending of an artefact that was packed by somebody else."""


@dataclass(frozen=True, kw_only=True)
class Packed:
    """An artefact and its bytes."""

    artefact: Artefact
    content: bytes


def packed(content: bytes) -> Packed:
    """Return the artefact of some bytes."""
    return Packed(
        artefact=Artefact(sha256=hashlib.sha256(content).hexdigest(), size=len(content)),
        content=content,
    )


def pack(folder: Path, *, program: str) -> Packed:
    """Pack a directory that holds an executable ``program``.

    Of each file the path, the content and whether it is executable count; owners and times do not.

    Raises:
        OperatorError: when there is no such program, or something that is neither file nor directory nor link.
    """
    started = folder / program
    if not (started.is_file() and os.access(started, os.X_OK)):
        raise OperatorError(f"{folder}: has no executable {program}, with which it is started")
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in _below(folder):
            _add(archive, path, str(path.relative_to(folder)))
    # Neither the file's name nor the time is in the header of gzip.
    return packed(gzip.compress(plain.getvalue(), mtime=0))


def ready(path: Path, *, program: str) -> Packed:
    """Return an artefact that is packed already.

    Raises:
        OperatorError: when it can't be read, or has no executable ``program``.
    """
    content = path.read_bytes()
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            executable = any(
                os.path.normpath(member.name) == program and member.isfile() and member.mode & 0o100
                for member in archive
            )
    except (tarfile.TarError, EOFError, OSError) as error:
        raise OperatorError(f"{path}: is no {READY}: {error}") from None
    if not executable:
        raise OperatorError(f"{path}: has no executable {program}, with which it is started")
    return packed(content)


def _below(folder: Path) -> Iterator[Path]:
    """Yield what is below a directory, each directory before what is in it."""
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _below(path)


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    entry = tarfile.TarInfo(name)
    if path.is_symlink():
        entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, str(path.readlink()), 0o777
        archive.addfile(entry)
    elif path.is_dir():
        entry.type, entry.mode = tarfile.DIRTYPE, _EXECUTABLE
        archive.addfile(entry)
    elif path.is_file():
        content = path.read_bytes()
        entry.mode = _EXECUTABLE if os.access(path, os.X_OK) else _PLAIN
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    else:
        raise OperatorError(f"{path}: is neither a file nor a directory nor a link")
