"""Programs in the place of those that an agent has: they note how they are called, and answer as told."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NOTING = """#!/bin/sh
# Fails for the calls that one of the lines of "<name>.fails" is part of.
name=$(basename "$0")
folder=$(dirname "$0")
printf '%s\\n' "${AWS_PROFILE:+$AWS_PROFILE: }$*" >>"$folder/$name.calls"
{ printf '%s\\037' "$@"; echo; } >>"$folder/$name.words"
while read -r part; do
    case "$*" in *"$part"*) echo "$name: no" >&2; exit 1 ;; esac
done <"$folder/$name.fails"
"""

# As compose documents its commands: `up --wait` ends when everything is healthy, and fails when something is not; `run`
# exits as its container does; what `run` leaves behind when it is ended belongs to the project, and `down` removes it
# when it is told about orphans and the profile.
_DOCKER = """#!{python} -SE
import json, os, pathlib, sys, time

folder = pathlib.Path(__file__).parent
told = json.loads((folder / "docker.told").read_text())
arguments = sys.argv[1:]
images = {{key: value for key, value in os.environ.items() if key.endswith("_IMAGE")}}
with (folder / "docker.calls").open("a") as calls:
    calls.write(json.dumps([arguments, images]) + "\\n")
if "--password-stdin" in arguments:
    (folder / "docker.password").write_text(sys.stdin.read())
if arguments[0] != "compose":
    raise SystemExit(told.get(" ".join(arguments[: 2 if arguments[0] == "buildx" else 1]), 0))
file, project, profiles, rest = None, None, [], arguments[1:]
while rest[0].startswith("--"):
    option, value, *rest = rest
    if option == "--file":
        file = value
    elif option == "--project-name":
        project = value
    elif option == "--profile":
        profiles.append(value)
    else:
        raise SystemExit(f"unknown flag: {{option}}")
assert file is not None and os.path.exists(file), file
state = folder / f"project-{{project}}"
containers = json.loads(state.read_text()) if state.exists() else []
verb, options = rest[0], rest[1:]
if verb == "up":
    assert "--wait" in options and "--detach" in options, options
    state.write_text(json.dumps(["mongo", "redis", "kafka", "send-api", "callback-api", "delivery-worker"]))
    raise SystemExit(1 if told.get("unhealthy") else 0)
if verb == "run":
    assert options == ["--rm", "tests"], options
    state.write_text(json.dumps([*containers, "tests-run"]))
    (folder / "tests.run").touch()
    while told.get("hanging"):
        time.sleep(0.05)
    state.write_text(json.dumps(containers))
    raise SystemExit(told.get("tests", 0))
if verb == "logs":
    print("what the containers said")
elif verb == "down":
    assert "--volumes" in options, options
    kept = [] if "--remove-orphans" in options and "tests" in profiles else [c for c in containers if c == "tests-run"]
    state.write_text(json.dumps(kept))
else:
    raise SystemExit(f"unknown docker command: {{verb}}")
"""


@dataclass(frozen=True)
class StandIns:
    """The stand-ins, in a folder that is to be the first of PATH."""

    folder: Path

    @classmethod
    def install(cls, folder: Path) -> "StandIns":
        """Put them into a new folder."""
        folder.mkdir()
        for name in ("pnpm", "relay"):
            _program(folder / name, _NOTING)
            (folder / f"{name}.fails").touch()
        _program(folder / "docker", _DOCKER.format(python=sys.executable))
        made = cls(folder)
        made.docker_is()
        return made

    def fail(self, program: str, *parts: str) -> None:
        """Let a program fail for the calls that have a part."""
        (self.folder / f"{program}.fails").write_text("".join(f"{part}\n" for part in parts))

    def docker_is(self, **told: Any) -> None:
        """Tell docker: ``unhealthy``, ``tests`` (their exit code), ``hanging``, or a command's exit code."""
        (self.folder / "docker.told").write_text(json.dumps(told))

    def calls(self, program: str) -> list[str]:
        """Return how a program was called."""
        file = self.folder / f"{program}.calls"
        return file.read_text().splitlines() if file.exists() else []

    def words(self, program: str) -> list[list[str]]:
        """Return the arguments of every call of a program."""
        lines = (self.folder / f"{program}.words").read_text().splitlines()
        return [line.split("\x1f")[:-1] for line in lines]

    @property
    def docker_calls(self) -> Sequence[tuple[list[str], Mapping[str, str]]]:
        """How docker was called, with the images that it was told in its environment."""
        return [tuple(json.loads(line)) for line in self.calls("docker")]

    @property
    def composed(self) -> list[str]:
        """The commands of compose, without the options before them."""
        verbs = ("up", "run", "logs", "down")
        words = [call for call, _ in self.docker_calls if call[0] == "compose"]
        return [" ".join(call[min(call.index(verb) for verb in verbs if verb in call) :]) for call in words]

    @property
    def tests_run(self) -> bool:
        """Whether the integration tests have been started."""
        return (self.folder / "tests.run").exists()

    def left(self) -> list[str]:
        """Return the containers that are left of all projects."""
        return [one for file in self.folder.glob("project-*") for one in json.loads(file.read_text())]


def _program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
