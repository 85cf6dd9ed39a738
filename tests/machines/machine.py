"""A machine with Debian's systemd and cloud-init that boots a host's user data, is rebooted, and loses its power."""

import contextlib
import hashlib
import itertools
import json
import os
import re
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.machines.root import STATE, hidden_directories, write_root
from tests.machines.stand_ins import alone

_READY_SECONDS = 120
_NOT_COMPARED = (f"{STATE}/", "run/", "tmp/", "var/log/", "var/lib/cloud/", "var/lib/systemd/")
_CGROUP_HIERARCHIES = [Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")]
_NUMBERS = itertools.count()

_Answer = TypeVar("_Answer")

_MOUNTS = """
set -eu
mount -t tmpfs tmpfs "$PWD"
cd "$PWD"
mkdir upper work root
echo mounted
read -r hidden_directories_are_made
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
echo ready
cat
for cgroup; do
    find "$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null | xargs --no-run-if-empty kill -9 2>/dev/null || true
done
"""
"""A mount namespace of its own. When its standard input closes, as it does when the tests are killed, it ends and takes
what still runs in the machine along: that outlives systemd-nspawn.
"""

_BOOT = """
set -eu
for cgroup; do
    echo $$ >"$cgroup/cgroup.procs"
done
exec nsenter --target "$HOLDER" --mount --wd="$DIRECTORY" systemd-nspawn --quiet --keep-unit --register=no \\
    --directory=root --machine=host --private-network --console=read-only --kill-signal=SIGRTMIN+3 \\
    --resolv-conf=off --timezone=off --link-journal=no --boot -- --unit=multi-user.target
"""
"""The machine in control groups of its own: two machines would end each other's services."""


@dataclass(frozen=True)
class Call:
    """What a stand-in was asked: the program with its arguments, in order, and the region that it was told."""

    command: str
    region: str | None


@dataclass(frozen=True)
class FileState:
    """What tells a file from itself at another time."""

    mode: str
    owner: int
    modified: float
    sha256: str


class Machine:
    """One host: its root directory outlives a boot, its network, its devices and ``/run`` do not.

    The root is this Debian under an overlay on a tmpfs, so that nothing of the host itself changes.
    """

    def __init__(self, directory: Path, user_data: str) -> None:
        self._directory = directory
        self._name = f"machine-{os.getpid()}-{next(_NUMBERS)}"
        self._boot: subprocess.Popen[bytes] | None = None
        self._leader = 0
        directory.mkdir(parents=True)
        # Beside the directory: what is in it is hidden by a mount.
        self._console = directory.with_suffix(".console")
        self._console.touch()
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", _MOUNTS, "sh", *self._cgroups()],
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._expect(b"mounted\n")
        inside = Path(f"/proc/{self._holder.pid}/root{directory}")
        self.changed = inside / "upper"
        """What differs from Debian."""
        self.root = inside / "root"
        hidden_directories(self.changed)
        self._tell(b"\n")
        self._expect(b"ready\n")
        write_root(self.root, user_data)
        self._delivered = self._files()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.cut_power()
        self._holder.communicate()

    # Power

    def boot(self) -> None:
        """Switch the machine on and wait until systemd has done everything that belongs to the boot."""
        for cgroup in self._cgroups():
            cgroup.mkdir(exist_ok=True)
        with self._console.open("ab") as console:
            self._boot = subprocess.Popen(
                # Ends with this process, and takes everything in the machine along.
                ["setpriv", "--pdeathsig", "KILL", "sh", "-c", _BOOT, "sh", *self._cgroups()],
                env=os.environ | {"HOLDER": str(self._holder.pid), "DIRECTORY": str(self._directory)},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        self._leader = wait_for(self._find_leader, "the machine's first process")
        wait_for(self._is_up, "the end of the boot")

    def shut_down(self) -> None:
        """Switch the machine off in an orderly way."""
        assert self._boot is not None
        self._boot.terminate()
        self._boot.wait(timeout=_READY_SECONDS)
        self._forget_boot()

    def cut_power(self) -> None:
        """Kill everything at once. What the kernel has not written yet still reaches the volumes."""
        if self._boot is None:
            return
        if self._leader:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._leader, signal.SIGKILL)
        self._boot.kill()
        self._boot.wait(timeout=_READY_SECONDS)
        self._forget_boot()

    def reboot(self) -> None:
        """Switch the machine off and on."""
        self.shut_down()
        self.boot()

    # Inside

    @property
    def process_id(self) -> int:
        """Of the first process of this boot, as this process sees it."""
        assert self._leader
        return self._leader

    def run(self, *command: str | Path, check: bool = True, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a program inside as root and return what came of it."""
        ran = subprocess.run(
            ["nsenter", "--target", str(self._leader), "--all", "--root", "--wd=/", *command],
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert not check or ran.returncode == 0, f"{command}: {ran.stdout}{ran.stderr}{self.console()}"
        return ran

    def start(self, unit: str) -> str:
        """Start a unit, wait for it, and return its result in systemd's word: ``success``, ``exit-code``, …

        Tests start one more often in a row than its timer does, which systemd would refuse ("start-limit-hit").
        """
        self.run("systemctl", "reset-failed", unit, check=False)
        self.run("systemctl", "start", unit, check=False)
        return self.show(unit, "Result")

    def first_run(self, unit: str) -> str:
        """Wait until a unit that a timer starts has run in this boot, and return its result."""
        wait_for(lambda: self._has_run(unit), f"the first run of {unit}")
        return self.show(unit, "Result")

    def show(self, unit: str, name: str) -> str:
        """Return a property of a unit."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def journal(self, unit: str) -> list[str]:
        """Return what the programs of a unit have logged in this boot, without systemd's own lines."""
        fields = ["--boot", "--output=cat", f"_SYSTEMD_UNIT={unit}"]
        self.run("journalctl", "--sync")
        return self.run("journalctl", "--quiet", *fields).stdout.splitlines()

    def systemd_says(self, unit: str) -> list[str]:
        """Return what systemd itself has logged of a unit in this boot, as far as the unit lets it."""
        self.run("journalctl", "--sync")
        return self.run("journalctl", "--quiet", "--boot", "--output=cat", "_PID=1", f"UNIT={unit}").stdout.splitlines()

    def console(self) -> str:
        """Return what all boots wrote to the console, which is where EC2's console output comes from."""
        return self._console.read_text(encoding="utf-8", errors="replace")

    def mentions(self, text: str) -> list[str]:
        """Return where a text stands: in which files of the machine, on the console, among arguments."""
        journal = self.run("journalctl", "--quiet", "--output=export", "--all").stdout
        places = {"journal": journal, "console": self.console(), "arguments": (self._state / "calls").read_text()}
        found = [place for place, content in places.items() if text in content]
        files = [path for path in self.changed.rglob("*") if path.is_file() and not path.is_symlink()]
        for path in files:
            name = str(path.relative_to(self.changed))
            if text.encode() in path.read_bytes() and name != f"{STATE}/aws.json":
                found.append(name)
        return sorted(found)

    def files(self) -> dict[str, FileState]:
        """Return what the user data has put on the machine, by path.

        Logs, and cloud-init's and systemd's own notes of a boot are left out.
        """
        return {name: state for name, state in self._files().items() if self._delivered.get(name) != state}

    def resize_disk(self, *, room: int | None) -> None:
        """Leave so many bytes on the disk below the root; None: as many as there were at first."""
        disk = Path(f"/proc/{self._holder.pid}/root{self._directory}")
        status = os.statvfs(disk)
        used = (status.f_blocks - status.f_bfree) * status.f_frsize
        # A tmpfs' own size is half of the memory (tmpfs(5)).
        size = "50%" if room is None else str(used + room)
        enter = ["nsenter", "--target", str(self._holder.pid), "--mount", "--root", "--wd=/"]
        subprocess.run([*enter, "mount", "-o", f"remount,size={size}", self._directory], check=True)

    # What stands in for AWS

    def answer(self, request: str, text: str, *, refusals: int = 0) -> None:
        """Let ``aws`` answer a request, e.g. ``ssm get-parameter /name``, after so many refusals."""
        path = self._state / "aws.json"
        with alone(self._state / "lock"):
            answers: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            answers[request] = {"text": text, "refusals": refusals}
            path.write_text(json.dumps(answers), encoding="utf-8")

    def put_object(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object that ``aws s3 cp`` finds."""
        path = self._state / "s3" / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def calls(self) -> list[Call]:
        """Return, and forget, what the stand-ins were asked, in order."""
        path = self._state / "calls"
        with alone(self._state / "lock"):
            lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            path.unlink(missing_ok=True)
        return [Call(**json.loads(line)) for line in lines]

    def commands(self, *programs: str) -> list[str]:
        """Return, and forget, the calls of all stand-ins, but only of these programs."""
        return [call.command for call in self.calls() if call.command.split()[0] in programs]

    def attach_at_sleep(self, number: int, volumes: Mapping[str, int]) -> None:
        """Attach volumes when something in the machine sleeps for the so manieth time."""
        (self._state / "late").write_text(_lines(volumes), encoding="utf-8")
        attach = f"mv /{STATE}/late /{STATE}/volumes && /{STATE}/attach-volumes"
        path = self._state / "on-sleep"
        path.write_text(f'#!/bin/sh\n[ "$1" != {number} ] || {{ {attach}; }}\n', encoding="utf-8")
        path.chmod(0o755)

    def hang_after(self, program: str) -> Callable[[], None]:
        """Let the program do its work and then never return.

        What is returned waits until that has happened, and cuts the power.
        """
        trap = self.root / "usr/local/sbin" / program
        hung = self._state / "hung"
        real = next(path for path in (f"/usr/sbin/{program}", f"/usr/bin/{program}") if (self.root / path[1:]).exists())
        trap.write_text(f'#!/bin/sh\n{real} "$@" && touch /{STATE}/hung && exec tail -f /dev/null\n', encoding="utf-8")
        trap.chmod(0o755)

        def cut() -> None:
            wait_for(hung.exists, f"the end of {program}")
            self.cut_power()
            trap.unlink()
            hung.unlink()

        return cut

    def attach(self, volumes: Mapping[str, int]) -> None:
        """Set which loop device each link under /dev/disk/by-id leads to, now and from the next boot on."""
        (self._state / "volumes").write_text(_lines(volumes), encoding="utf-8")
        if self._boot is not None:
            self.run(f"/{STATE}/attach-volumes")

    # Own

    @property
    def _state(self) -> Path:
        return self.root / STATE

    def _files(self) -> dict[str, FileState]:
        found: dict[str, FileState] = {}
        for path in sorted(self.changed.rglob("*")):
            name = str(path.relative_to(self.changed))
            if name.startswith(_NOT_COMPARED) or (path.is_dir() and not path.is_symlink()):
                continue
            status = path.lstat()
            content = bytes(path.readlink()) if path.is_symlink() else path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            found[name] = FileState(stat.filemode(status.st_mode), status.st_uid, status.st_mtime, digest)
        return found

    def _cgroups(self) -> list[Path]:
        return [path / self._name for path in _CGROUP_HIERARCHIES if (path / "cgroup.procs").exists()]

    def _tell(self, line: bytes) -> None:
        assert self._holder.stdin is not None
        self._holder.stdin.write(line)
        self._holder.stdin.flush()

    def _expect(self, line: bytes) -> None:
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == line

    def _find_leader(self) -> int:
        """Return the process that is the first one inside, once there is one: nspawn's own children come before it."""
        assert self._boot is not None
        assert self._boot.poll() is None, self.console()
        children = Path(f"/proc/{self._boot.pid}/task/{self._boot.pid}/children").read_text(encoding="utf-8")
        for child in children.split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                process = Path("/proc", child)
                inside = re.search(r"^NSpid:.*\t1$", (process / "status").read_text(encoding="utf-8"), re.MULTILINE)
                if inside and (process / "comm").read_text(encoding="utf-8").strip() == "systemd":
                    return int(child)
        return 0

    def _is_up(self) -> bool:
        state = self.run("systemctl", "is-system-running", "--wait", check=False).stdout.strip()
        return state in {"running", "degraded"}

    def _has_run(self, unit: str) -> bool:
        ended = self.show(unit, "InactiveEnterTimestampMonotonic") != "0"
        return ended and self.show(unit, "ActiveState") in {"inactive", "failed"}

    def _forget_boot(self) -> None:
        self._boot = None
        self._leader = 0
        wait_for(self._is_gone, "the end of the machine's processes")

    def _is_gone(self) -> bool:
        """Remove the control groups, which their processes may still be leaving."""
        groups = [path for cgroup in self._cgroups() for path in cgroup.glob("**/")]
        try:
            for path in sorted(groups, reverse=True):
                path.rmdir()
        except OSError:
            return False
        return True


def _lines(volumes: Mapping[str, int]) -> str:
    return "".join(f"{link} {number}\n" for link, number in volumes.items())


def wait_for(condition: Callable[[], _Answer], what: str) -> _Answer:
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + _READY_SECONDS
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what}: waited {_READY_SECONDS} seconds in vain"
        time.sleep(0.05)
    return answer
