"""What an archive may hold, and how it is unpacked."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from release_agent.archives import unpack, unpacked_size
from release_agent.failures import RefusedError
from tests.components.release_agent.practice import READY, Member, archive

START: Member = ("start", READY.encode(), 0o755)


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    information = tarfile.TarInfo(name)
    information.type, information.linkname = kind, link
    return information


REFUSED: dict[str, tuple[list[Member | tarfile.TarInfo], str]] = {
    "absolute": ([("/etc/passwd", b"", 0o644)], "'/etc/passwd' in the archive lies outside of its directory"),
    "above": ([("a/../../b", b"", 0o644)], "'a/../../b' in the archive lies outside of its directory"),
    "link outside": ([special("a", tarfile.SYMTYPE, "../b")], "'a' in the archive leads outside"),
    "link to root": ([special("a", tarfile.SYMTYPE, "/etc")], "'a' in the archive leads outside"),
    "hard link outside": (
        [special("a", tarfile.LNKTYPE, "../b")],
        "'a' in the archive is a link to no file of the archive",
    ),
    "through a link": (
        [special("a", tarfile.SYMTYPE, "b"), ("a/c", b"", 0o644)],
        "'a/c' in the archive lies below something that is no directory",
    ),
    "device": (
        [special("null", tarfile.CHRTYPE)],
        "'null' in the archive is neither a file nor a directory nor a link",
    ),
    "pipe": ([special("a", tarfile.FIFOTYPE)], "'a' in the archive is neither a file nor a directory nor a link"),
    "twice": ([START, START], "'start' in the archive is there twice"),
    "nothing to start": ([("start", b"", 0o644)], "the archive has no executable 'start'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_archive_that_reaches_beyond_itself_is_refused(name: str, tmp_path: Path) -> None:
    members, reason = REFUSED[name]
    (tmp_path / "a.tar.gz").write_bytes(archive(members))
    with pytest.raises(RefusedError) as refused:
        unpacked_size(tmp_path / "a.tar.gz", "gateway", "start")
    assert str(refused.value) == f"gateway: {reason}"


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda content: content[:-20],
    "no gzip": lambda _: b"#!/bin/sh\n",
    "no tar": lambda content: content[:10] + b"\x00" * 40,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_archive_is_refused_in_words(damage: str, tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(DAMAGES[damage](archive([START])))
    with pytest.raises(RefusedError, match="gateway: the archive can't be read: "):
        unpacked_size(tmp_path / "a.tar.gz", "gateway", "start")


def test_unpacked_is_what_was_packed_without_the_rights_to_more(tmp_path: Path) -> None:
    directory = tarfile.TarInfo("lib")
    directory.type = tarfile.DIRTYPE
    members: list[Member | tarfile.TarInfo] = [
        START,
        directory,
        ("lib/setuid", b"x", 0o4777),
        ("deep/er/data.json", b"{}", 0o666),
        special("lib/link", tarfile.SYMTYPE, "../deep/er/data.json"),
        special("hard", tarfile.LNKTYPE, "deep/er/data.json"),
    ]
    (tmp_path / "a.tar.gz").write_bytes(archive(members))
    # Five files, each of one block at least, and a directory.
    assert unpacked_size(tmp_path / "a.tar.gz", "gateway", "start") == 6 * 4096
    unpack(tmp_path / "a.tar.gz", "gateway", tmp_path / "out")
    found = {
        str(path.relative_to(tmp_path / "out")): (oct(path.stat().st_mode & 0o7777), path.read_text())
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert found == {
        "start": ("0o755", READY),
        "lib/setuid": ("0o755", "x"),
        "deep/er/data.json": ("0o644", "{}"),
        "lib/link": ("0o644", "{}"),
        "hard": ("0o644", "{}"),
    }
