"""The stand-in of systemd on a simulated host: ``systemctl`` and ``systemd-run``, as far as a release agent calls them.

A service is started by nobody: what its directory says of its behaviour is its state.
"""

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.sandbox.ssm.host.behaviour import behaviour_of

Answer = tuple[int, str, str]
"""Exit code, standard output, standard error."""

_DIRECTORY = re.compile(r"^WorkingDirectory=(/\S+)$", re.MULTILINE)
_UNITS = "etc/systemd/system"
_DIES_AFTER_SECONDS = 1.0
_STARTS_AGAIN_SECONDS = 5.0
"""``RestartSec`` of the units."""
_FAILED = 1


@dataclass(kw_only=True)
class _Unit:
    started: float
    """When it was started, by the machine's own clock."""
    behaviour: str | None
    """None: stopped, or never started."""

    @property
    def restarts(self) -> int:
        if self.behaviour != "dies":
            return 0
        lived = time.monotonic() - self.started - _DIES_AFTER_SECONDS
        return 0 if lived < 0 else 1 + int(lived / _STARTS_AGAIN_SECONDS)

    @property
    def active_state(self) -> str:
        if self.behaviour is None:
            return "inactive"
        return "failed" if self.behaviour == "never-ready" else "active"


class Systemd:
    """The units of one simulated host."""

    def __init__(self, root: Path, environment: Mapping[str, str], tell: Callable[[str, str], None]) -> None:
        self._root = root
        self._environment = dict(environment)
        self._tell = tell
        """Is told a unit and a line that it logged."""
        self._units: dict[str, _Unit] = {}
        self._timers: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def systemctl(self, words: Sequence[str]) -> Answer:
        """Answer ``systemctl``."""
        verb, *rest = [word for word in words if word not in {"--quiet", "-q", "--now", "--no-block"}]
        units = [word for word in rest if not word.startswith("--")]
        if verb in {"daemon-reload", "enable", "disable", "reset-failed", "reload"}:
            return 0, "", ""
        if verb in {"start", "restart"}:
            return self._start(units)
        if verb == "stop":
            return self._stop(units)
        if verb == "show":
            return 0, "\n".join(self._shown(unit, rest) for unit in units), ""
        if verb == "is-active":
            states = [self._unit(unit).active_state for unit in units]
            return 0 if {*states} == {"active"} else 3, "".join(f"{state}\n" for state in states), ""
        return 1, "", f"systemctl {verb}: not known to the embedded AWS's hosts\n"

    def systemd_run(self, words: Sequence[str]) -> Answer:
        """Answer ``systemd-run``: run a program, or have a timer run it."""
        split = words.index("--") if "--" in words else len(words)
        options = dict(_option(word) for word in words[:split])
        settings = [word.partition("=")[2] for word in words[:split] if word.startswith(("--property=", "--setenv="))]
        command = [self._mapped(words[split + 1]), *words[split + 2 :]]
        if "--on-active" in options:
            self._arm(options, [word for word in words if word.startswith("--timer-property=")], command)
            return 0, "", ""
        return self._run(command, dict(_option(setting) for setting in settings))

    def end(self) -> None:
        """Stop the timers."""
        for timer in self._timers.values():
            timer.set()

    def _start(self, units: Sequence[str]) -> Answer:
        failed: list[str] = []
        for unit in units:
            directory = self._directory(unit)
            behaviour = behaviour_of(directory) if directory is not None else None
            with self._lock:
                self._units[unit] = _Unit(started=time.monotonic(), behaviour=behaviour)
            if directory is not None:
                self._tell(unit, f"{directory.parent.name} started, pretending to be {unit}")
            if behaviour == "never-ready":
                self._tell(unit, "did not answer its health check")
                failed.append(unit)
        lines = [f"Job for {unit} failed because the control process exited with error code.\n" for unit in failed]
        return _FAILED if failed else 0, "", "".join(lines)

    def _stop(self, units: Sequence[str]) -> Answer:
        for unit in units:
            if (timer := self._timers.pop(unit, None)) is not None:
                timer.set()
            with self._lock:
                self._units.pop(unit, None)
        return 0, "", ""

    def _shown(self, unit: str, words: Sequence[str]) -> str:
        state = self._unit(unit)
        values = {
            "Id": unit,
            "ActiveState": state.active_state,
            "SubState": "running" if state.active_state == "active" else "dead",
            "NRestarts": str(state.restarts),
        }
        asked = [name for word in words if word.startswith("--property=") for name in word[11:].split(",")]
        return "".join(f"{name}={values.get(name, '')}\n" for name in asked or values)

    def _unit(self, unit: str) -> _Unit:
        with self._lock:
            return self._units.get(unit) or _Unit(started=0.0, behaviour=None)

    def _directory(self, unit: str) -> Path | None:
        """Return the directory that a unit's drop-in names, below this host's own root; None: it has none."""
        drop_in = self._root / _UNITS / f"{unit}.d" / "release.conf"
        if not drop_in.is_file():
            return None
        found = _DIRECTORY.search(drop_in.read_text(encoding="utf-8"))
        return None if found is None else Path(self._mapped(found[1]))

    def _mapped(self, path: str) -> str:
        inside = self._root / path.lstrip("/")
        return str(inside) if path.startswith("/") and inside.exists() else path

    def _run(self, command: Sequence[str], settings: Mapping[str, str]) -> Answer:
        # A directory that the program sees at another place than the one where it lies.
        lies, _, seen = settings.get("BindPaths", "").partition(":")
        directory = settings.get("WorkingDirectory", "/")
        ran = subprocess.run(  # noqa: S603 (a practice release's own program)
            command,
            cwd=self._mapped(lies if directory == seen else directory),
            env={**self._environment, **{name: each for name, each in settings.items() if name.isupper()}},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.returncode, ran.stdout, ran.stderr

    def _arm(self, options: Mapping[str, str], properties: Sequence[str], command: Sequence[str]) -> None:
        first = _seconds(options["--on-active"])
        repeated = [word.rpartition("=")[2] for word in properties if "OnUnitInactiveSec" in word]
        name = f"{options['--unit'].removesuffix('.timer')}.timer"
        stopped = threading.Event()
        self._timers[name] = stopped

        def tick() -> None:
            pause = first
            while not stopped.wait(pause):
                self._run(command, {})
                if not repeated:
                    return
                pause = _seconds(repeated[0])

        threading.Thread(target=tick, daemon=True).start()


def _option(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


def _seconds(text: str) -> float:
    return float(text.rstrip("s").removesuffix("min")) * (60 if text.endswith("min") else 1)


def base_environment() -> dict[str, str]:
    """Return the variables that programs of a host get, without anything of this machine's operator."""
    return {"LANG": "C.UTF-8", "PATH": os.defpath}
