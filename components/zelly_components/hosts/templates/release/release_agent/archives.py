"""Archives: what they may hold, and unpacking them."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tarfile
import zlib
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from release_agent.failures import RefusedError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path
    from typing import IO

    from release_agent.manifest import Artefact

_BLOCK = 1 << 20
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE)
_ROUGH_BLOCK = 4096
"""What the smallest file takes on a disk."""


def differs(path: Path, artefact: Artefact) -> str | None:
    """Return how a file differs from what the manifest says of it, or None."""
    size = path.stat().st_size
    if size != artefact.size:
        return f"{size} bytes; the manifest says {artefact.size}"
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    found = digest.hexdigest()
    return None if found == artefact.sha256 else f"sha256 {found}; the manifest says {artefact.sha256}"


def unpacked_size(path: Path, part: str, program: str) -> int:
    """Return how much an archive takes on the disk, after a look at all that is in it.

    Raises:
        RefusedError: for anything that could reach beyond its own directory, and for an archive without its program.
    """
    total = 0
    names: set[str] = set()
    starts = False
    with _opened(path, part) as archive:
        for member, name in _members(archive, part):
            names.add(name)
            total += -(-member.size // _ROUGH_BLOCK) * _ROUGH_BLOCK or _ROUGH_BLOCK
            starts |= name == program and member.type in _FILES and bool(member.mode & 0o100)
    if not starts:
        raise RefusedError(f"{part}: the archive has no executable {program!r}")
    return total


def unpack(path: Path, part: str, directory: Path) -> None:
    """Unpack an archive into a new directory. All of it belongs to the agent's user; only modes are taken over."""
    directory.mkdir(parents=True)
    with _opened(path, part) as archive:
        for member, name in _members(archive, part):
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if member.isdir():
                target.mkdir(exist_ok=True)
            elif member.issym():
                target.symlink_to(member.linkname)
            elif member.islnk():
                os.link(directory / _inside(member.linkname), target)
            else:
                _write(archive.extractfile(member), target, member.mode)


def _write(source: IO[bytes] | None, target: Path, mode: int) -> None:
    if source is None:
        raise tarfile.ReadError(f"{target.name} has no content")
    with source, target.open("xb") as file:
        shutil.copyfileobj(source, file, _BLOCK)
    # Neither set-user-id nor writable for others, whatever the archive says.
    target.chmod(0o755 if mode & 0o100 else 0o644)


@contextmanager
def _opened(path: Path, part: str) -> Generator[tarfile.TarFile, None, None]:
    """Open an archive, whose damage is refused in words."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            yield archive
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RefusedError(f"{part}: the archive can't be read: {error}") from error


def _members(archive: tarfile.TarFile, part: str) -> Iterator[tuple[tarfile.TarInfo, str]]:
    """Yield what an archive holds, each with its checked path."""
    kinds: dict[str, bytes] = {}
    for member in archive:
        name = _inside(member.name)
        problem = _problem(member, name, kinds)
        if problem is not None:
            raise RefusedError(f"{part}: {member.name!r} in the archive {problem}")
        if name == ".":
            continue
        kinds[name] = member.type
        yield member, name


def _problem(member: tarfile.TarInfo, name: str, kinds: dict[str, bytes]) -> str | None:
    if not name:
        return "lies outside of its directory"
    if name in kinds and not (member.isdir() and kinds[name] == tarfile.DIRTYPE):
        return "is there twice"
    if any(kinds.get(str(parent), tarfile.DIRTYPE) != tarfile.DIRTYPE for parent in PurePosixPath(name).parents):
        return "lies below something that is no directory"
    if member.issym():
        return None if _inside(f"{PurePosixPath(name).parent}/{member.linkname}", member.linkname) else "leads outside"
    if member.islnk():
        return None if kinds.get(_inside(member.linkname)) in _FILES else "is a link to no file of the archive"
    return None if member.isdir() or member.type in _FILES else "is neither a file nor a directory nor a link"


def _inside(name: str, *parts: str) -> str:
    """Return a path in its shortest form, or an empty string when it leads out of its directory."""
    if any(part.startswith("/") for part in (name, *parts)):
        return ""
    shortest = os.path.normpath(name)
    return "" if shortest == ".." or shortest.startswith("../") else shortest
