"""A host below a directory, on which the agent runs as a process of its own; and releases to deploy there."""

import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.components.release_agent import stand_ins
from tests.components.release_agent.practice import MIGRATE, READY, Member, archive
from zelly_components.hosts import release_agent

WAVES = [["config"], ["gateway"], ["worker", "scheduler"]]
SERVICES = [name for wave in WAVES for name in wave]
UNITS = {name: f"shop-{name}.service" for name in SERVICES}
VARYING = {
    "<time>": re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "<sha256>": re.compile(r"\b[0-9a-f]{64}\b"),
    "<free> MiB free": re.compile(r"\b\d+ MiB free"),
    "there are <free> MiB": re.compile(r"there are \d+ MiB"),
    "<n> bytes; the manifest says <n>": re.compile(r"\b\d+ bytes; the manifest says \d+"),
    "its hash begins with <id>": re.compile("its hash begins with [0-9a-f]+"),
}
"""What differs from run to run."""


def steady(text: str) -> str:
    """Return a text without what differs from run to run."""
    for name, pattern in VARYING.items():
        text = pattern.sub(name, text)
    return text


SOURCES = str(Path(release_agent.__file__).parent / "templates/release")

# The modules as they stand, whose bytecode Python keeps: the host's one file is compiled at each start, and is held to
# be the same by test_program. The first argument is the number of writes of the transaction after which the agent is
# killed: a rename is announced to audit hooks before it is done; what is opened next is the directory.
RUN = f"""
import os, signal, sys
sys.path.insert(0, {SOURCES!r})
left = int(sys.argv.pop(1))
def kill(event, arguments):
    global left
    if event == "os.rename" and str(arguments[1]).endswith("/transaction.json"):
        left -= 1
    if event == "open" and left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
if left:
    sys.addaudithook(kill)
from release_agent.main import main
sys.exit(main("/etc/shop/host.json"))
"""

_STAND_IN = f"""
import sys
sys.path.append({str(Path(stand_ins.__file__).parent)!r})
import stand_ins
sys.exit(stand_ins.main())
"""
"""A program that imports the stand-ins, whose bytecode Python keeps, too."""


@dataclass(frozen=True)
class Ran:
    """What came of the agent."""

    code: int
    document: dict[str, Any]
    talk: str

    @property
    def plain(self) -> dict[str, Any]:
        """The document without what differs between runs: times, and how long stages took."""
        document: dict[str, Any] = json.loads(steady(json.dumps(self.document)))
        for stage in document["stages"]:
            assert isinstance(stage.pop("seconds"), float)
        return document

    @property
    def end(self) -> tuple[int, str, str | None]:
        """The exit code, the outcome and the stage."""
        return self.code, self.document["outcome"], self.document["stage"]

    @property
    def reason(self) -> str:
        """The reason, without what differs between runs."""
        return steady(self.document["reason"] or "")

    @property
    def states(self) -> dict[str, str]:
        """By service, its release and state."""
        return {name: f"{each['release']} {each['state']}" for name, each in self.document["services"].items()}


class AgentHost:
    """The host: a directory with all that the agent reads, writes and calls."""

    def __init__(self, root: Path, *, is_new: bool = True) -> None:
        self.root = root
        self._programs = root / "bin"
        if is_new:
            self._make()

    @classmethod
    def copy(cls, root: Path, place: Path) -> "AgentHost":
        """Return another host that is as one is."""
        shutil.copytree(root, place, symlinks=True)
        return cls(place, is_new=False)

    def _make(self) -> None:
        root = self.root
        self._programs.mkdir(parents=True)
        (root / "world").mkdir()
        python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
        for name in ("systemctl", "systemd-run", "aws"):
            self._program(name, f"#!{python} -IS\n{_STAND_IN}")
        for unit in UNITS.values():
            self.write(f"etc/systemd/system/{unit}", "[Service]\n")
            self.write(f"etc/systemd/system/{unit.replace('.service', '.socket')}", "[Socket]\n")
        self.configure()
        self.boot("first")

    # What there is

    def configure(self, **changes: object) -> None:
        """Write the host's configuration, with what differs from the usual one."""
        services = {
            name: {
                "unit": unit,
                "socket": unit.replace(".service", ".socket"),
                "user": unit.replace(".service", ""),
                "port": 8000 + number,
                "overlaps": name != "scheduler",
                "health_path": "/health",
            }
            for number, (name, unit) in enumerate(UNITS.items())
        }
        values = {
            "platform": "shop",
            "environment": "live",
            "region": "eu-west-1",
            "bucket": "shop-releases",
            "waves": WAVES,
            "services": services,
            "migrations_user": "shop-migrations",
            "migrations_credentials": "shop-credentials@migrations.service",
            "migrations_environment": "/run/shop/credentials/migrations",
            "database_instance": "shop-live",
            "snapshot_before_release": True,
            "ready_seconds": 20,
            "settle_seconds": 0.1,
            "confirm_seconds": 300,
            "releases_kept": 2,
            "minimum_free_mib": 0,
            "migration_lock_seconds": 0,
        }
        self.write("etc/shop/host.json", json.dumps(values | changes))

    def boot(self, number: str) -> None:
        """Start the host anew, as far as the agent sees it: nothing runs, and what is enabled is about to start."""
        self.write("proc/sys/kernel/random/boot_id", f"{number}\n")
        shutil.rmtree(self.root / "world/units", ignore_errors=True)
        (self.root / "world/timer").unlink(missing_ok=True)
        shutil.rmtree(self.root / "run", ignore_errors=True)

    def start_enabled(self) -> None:
        """Start what is enabled, in the order of the waves, as systemd does at boot."""
        self.call("systemctl", "daemon-reload")
        enabled = [unit for unit in UNITS.values() if (self.root / "world/enabled" / unit).exists()]
        for unit in enabled:
            self.call("systemctl", "start", unit)

    def release(
        self,
        commit: str,
        *,
        starts: Mapping[str, str] | None = None,
        members: Mapping[str, Sequence[Member | tarfile.TarInfo]] | None = None,
        migrations: Sequence[str] | None = None,
        change: Callable[[dict[str, Any]], None] | None = None,
    ) -> str:
        """Put a release into the bucket and return its id: all services are ready unless said otherwise."""
        services: dict[str, Any] = {}
        for name in SERVICES:
            start = (starts or {}).get(name, READY) + f"# {name} of {commit}\n"
            extra = (members or {}).get(name, ())
            services[name] = self._artefact(archive([("start", start.encode(), 0o755), *extra]))
        manifest: dict[str, Any] = {
            "format": 1,
            "platform": "shop",
            "commit": commit * 40,
            "created": "2026-11-30T18:00:00Z",
            "services": services,
            "migrations": None,
        }
        if migrations is not None:
            tool = MIGRATE.replace("NAMES", " ".join(migrations) or "''").encode()
            manifest["migrations"] = {
                **self._artefact(archive([("migrate", tool, 0o755)])),
                "names": list(migrations),
            }
        if change is not None:
            change(manifest)
        text = json.dumps(manifest, sort_keys=True, separators=(",", ":")) + "\n"
        release = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.write(f"buckets/shop-releases/releases/{release}.json", text)
        return release

    def artefact(self, release: str, service: str) -> Path:
        """Return the artefact of a service in the bucket."""
        manifest = json.loads(self.read(f"buckets/shop-releases/releases/{release}.json"))
        return self.root / f"buckets/shop-releases/artefacts/{manifest['services'][service]['sha256']}.tar.gz"

    def _artefact(self, content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        path = self.root / f"buckets/shop-releases/artefacts/{digest}.tar.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return {"sha256": digest, "size": len(content)}

    # Acting

    def agent(
        self,
        action: str,
        release: str = "none",
        service: str = "all",
        environment: str = "live",
        *,
        killed_after: int = 0,
    ) -> Ran:
        """Run an action to its end, or until right after so many writes of its transaction."""
        arguments = (action, "--release", release, "--service", service, "--environment", environment)
        return self._ran(*arguments, killed_after=killed_after)

    def deploy(self, release: str, service: str = "all") -> Ran:
        """Deploy, without confirming."""
        return self.agent("deploy", release, service)

    def deploy_and_confirm(self, release: str, service: str = "all") -> None:
        """Deploy and confirm, which has to succeed."""
        deployed = self.deploy(release, service)
        assert deployed.end == (0, "waiting", "confirm"), deployed.talk
        confirmed = self.agent("confirm", release)
        assert confirmed.end == (0, "healthy", "confirm"), confirmed.talk

    def recover(self, *options: str) -> Ran:
        """Run what the timer, or the boot, runs."""
        return self._ran("recover", *options)

    def begin(
        self, action: str, release: str, *, largest_file: int = resource.RLIM_INFINITY, umask: int = 0o022
    ) -> "subprocess.Popen[str]":
        """Start an action on all services and return it while it runs; the system lets it write no larger file."""
        begun = subprocess.Popen(
            self._command(action, "--release", release, "--service", "all", "--environment", "live"),
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            umask=umask,
        )
        resource.prlimit(begun.pid, resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
        return begun

    def call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call a stand-in."""
        return subprocess.run(
            [self._programs / program, *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _ran(self, *arguments: str, killed_after: int = 0) -> Ran:
        command = self._command(*arguments, killed_after=killed_after)
        ran = subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False, timeout=120)
        # Killed by the test: no document.
        document: dict[str, Any] = json.loads(ran.stdout) if ran.stdout else {}
        return Ran(ran.returncode, document, ran.stderr)

    def _command(self, *arguments: str, killed_after: int = 0) -> list[str]:
        # The interpreter of another version can be tried with the same tests.
        python = os.environ.get("RELEASE_AGENT_PYTHON", sys.executable)
        return [python, "-IS", "-c", RUN, str(killed_after), *arguments]

    def _environment(self) -> dict[str, str]:
        return {"PATH": f"{self._programs}:/usr/bin:/bin", "RELEASE_AGENT_ROOT": str(self.root)}

    # Looking

    def read(self, path: str) -> str:
        """Return a file's text, or an empty one where there is none."""
        place = self.root / path
        return place.read_text(encoding="utf-8") if place.exists() else ""

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def calls(self, *beginnings: str) -> list[str]:
        """Return, and forget, the calls of the stand-ins that begin so."""
        calls = self.read("world/calls").splitlines()
        self.write("world/calls", "")
        return [call for call in calls if call.startswith(beginnings)]

    def started(self) -> list[str]:
        """Return, and forget, the services that were really started, in order."""
        started = [unit.removeprefix("shop-").removesuffix(".service") for unit in self.read("world/started").split()]
        self.write("world/started", "")
        return started

    def put(self, service: str, active: str, restarts: int = 0) -> None:
        """Let something happen to a service."""
        self.write(f"world/units/{UNITS[service]}", f"{active} {restarts}")

    def running(self) -> dict[str, str]:
        """Return, by service, the release that systemd knows and how the unit is."""
        found: dict[str, str] = {}
        for name, unit in UNITS.items():
            release = re.search("releases/([0-9a-f]+)/", self.read(f"world/known/{unit}.d"))
            state = self.read(f"world/units/{unit}").split() or ["inactive"]
            found[name] = f"{release.group(1) if release else None} {state[0]}"
        return found

    def history(self) -> list[dict[str, Any]]:
        """Return the whole history."""
        return [json.loads(line) for line in self.read("var/lib/shop/releases/history.jsonl").splitlines()]

    @property
    def is_armed(self) -> bool:
        """Whether the timer that takes a release back is set."""
        return (self.root / "world/timer").exists()

    @property
    def transaction(self) -> str:
        """The transaction's phase, or an empty string."""
        text = self.read("var/lib/shop/releases/transaction.json")
        return json.loads(text)["phase"] if text else ""

    def unpacked(self) -> list[str]:
        """Return the releases whose directories are there."""
        directory = self.root / "opt/shop/releases"
        return sorted(path.name for path in directory.iterdir()) if directory.exists() else []

    def _program(self, name: str, text: str) -> None:
        path = self._programs / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)


def everywhere(release: str | None, state: str) -> dict[str, str]:
    """Return what all services are when all are the same."""
    return dict.fromkeys(SERVICES, f"{release} {state}")
