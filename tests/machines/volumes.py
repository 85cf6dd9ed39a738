"""Block devices: files behind loop devices."""

import hashlib
import subprocess
import tempfile
from pathlib import Path

from tests.machines.stand_ins import alone

_MIB = 1024 * 1024
_LOCK = Path(tempfile.gettempdir()) / "zelly-infra-loop-devices.lock"
"""Keeps other processes from taking a loop device: one that is free for a moment is anybody's."""


class Volume:
    """A volume behind a loop device. Its content is a sparse file."""

    def __init__(self, path: Path, *, mib: int = 400) -> None:
        self.path = path
        with path.open("wb") as file:
            file.truncate(mib * _MIB)
        with alone(_LOCK):
            self.number = int(_run("losetup", "--find", "--show", path).removeprefix("/dev/loop"))
        """The number of its loop device."""

    @property
    def device(self) -> Path:
        """Its loop device."""
        return Path(f"/dev/loop{self.number}")

    def exchange(self, other: "Volume") -> None:
        """Take each other's loop device, as NVMe devices may from one boot to the next."""
        with alone(_LOCK):
            self._detach()
            other._detach()
            self.number, other.number = other.number, self.number
            self._attach()
            other._attach()

    def grow(self, mib: int) -> None:
        """Make the volume larger, while it is in use."""
        with self.path.open("r+b") as file:
            file.truncate(mib * _MIB)
        _run("losetup", "--set-capacity", self.device)

    def format(self, *command: str) -> None:
        """Put a file system on it with a ``mkfs`` command."""
        _run(*command, self.device)

    def damage(self) -> None:
        """Overwrite what follows the signature of its file system."""
        with self.device.open("r+b") as file:
            file.seek(8)
            file.write(b"\xff" * 100)

    def content(self) -> str:
        """Return a digest of everything that is on it."""
        with self.device.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def close(self) -> None:
        """Give the loop device and the space back."""
        self._detach()
        self.path.unlink()

    def _attach(self) -> None:
        _run("losetup", self.device, self.path)

    def _detach(self) -> None:
        _run("losetup", "--detach", self.device)


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
