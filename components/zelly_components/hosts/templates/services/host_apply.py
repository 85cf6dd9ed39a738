#!/usr/bin/python3 -I
"""Bring the host's files, packages and units to what its configuration says.

Usage: host-apply PARAMETER BUCKET STATE_DIRECTORY

The SSM parameter names an object of the bucket and its hash. The object holds ``files`` by path, ``packages``, the
``units`` that are enabled and started, and ``downloads``. What has changed is written, each file as a whole or not at
all; what was written by an earlier configuration and is in this one no more is removed; then what reads the files is
told. A run that was cut off is made up for by the next one. Runs on Amazon Linux 2023's own Python, 3.9.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

# What is told about a change below a path, in this order.
ACTIONS = (
    ("/etc/systemd/system/", ("systemctl", "daemon-reload")),
    ("/etc/sysusers.d/", ("systemd-sysusers",)),
    ("/etc/tmpfiles.d/", ("systemd-tmpfiles", "--create")),
    ("/etc/rsyslog.d/", ("systemctl", "restart", "rsyslog.service")),
    ("/etc/host/cloudwatch-agent.json", ("systemctl", "restart", "host-logging.service")),
    ("/etc/host/nginx/", ("systemctl", "start", "nginx-apply.service")),
)
LAST = "/etc/host/nginx/"
"""From here on the packages have to be there."""


class ApplyError(Exception):
    """A configuration that cannot be applied, in one line."""


def main(arguments: list[str]) -> int:
    """Apply the configuration."""
    parameter, bucket, directory = arguments
    try:
        apply(fetched(parameter, bucket, Path(directory)), Path(directory))
    except ApplyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}; what was there is as it was\n")
        return 1
    return 0


def fetched(parameter: str, bucket: str, directory: Path) -> dict[str, Any]:
    """Return the configuration that the parameter names, once its bytes have the hash that it names."""
    text = output("aws", "ssm", "get-parameter", "--name", parameter, "--query", "Parameter.Value", "--output", "text")
    try:
        named = json.loads(text)
        key, digest = str(named["key"]), str(named["sha256"])
    except (ValueError, KeyError, TypeError):
        raise ApplyError(f"{parameter} names no configuration: it holds no JSON object with key and sha256") from None
    kept = directory / "configuration.json"
    content = kept.read_bytes() if kept.exists() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        directory.mkdir(parents=True, exist_ok=True)
        coming = directory / "configuration.coming"
        output("aws", "s3", "cp", "--only-show-errors", f"s3://{bucket}/{key}", str(coming))
        content = coming.read_bytes()
        came = hashlib.sha256(content).hexdigest()
        if came != digest:
            coming.unlink()
            raise ApplyError(f"s3://{bucket}/{key}: its sha256 is {came}; {parameter} asks for {digest}")
        coming.replace(kept)
    return checked(json.loads(content), key)


def checked(configuration: Any, key: str) -> dict[str, Any]:
    """Return a configuration of the right shape; refuse any other."""
    files = configuration["files"]
    for path, file in files.items():
        if os.path.normpath(path) != path or not path.startswith(("/etc/", "/usr/local/sbin/")):
            raise ApplyError(f"{key}: {path}: a path below /etc or /usr/local/sbin is allowed")
        if not isinstance(file["content"], str) or not re.fullmatch(r"0[0-7]{3}", file["mode"]):
            raise ApplyError(f"{key}: {path}: content as text and a mode such as 0644 are required")
    return {"files": files, **{key: configuration[key] for key in ("packages", "units", "downloads")}}


def apply(configuration: dict[str, Any], directory: Path) -> None:
    """Bring the host to the configuration."""
    state = State(directory / "state.json")
    files = configuration["files"]
    changed = [path for path, file in files.items() if differs(Path(path), file)]
    gone = [path for path in state.files if path not in files]
    told = [path for path, _ in ACTIONS if any(name.startswith(path) for name in (*changed, *gone))]
    pending = sorted({*told, *state.pending}, key=[path for path, _ in ACTIONS].index)
    if changed or gone or pending != state.pending:
        # Before the first of them: what a cut-off run has begun is known to the next one.
        state.write(files=sorted({*state.files, *files}), pending=pending)
    for path in changed:
        write(Path(path), files[path]["content"].encode(), int(files[path]["mode"], 8))
        say(f"wrote {path}")
    for path in gone:
        Path(path).unlink(missing_ok=True)
        say(f"removed {path}")
    tell([path for path in pending if path != LAST])
    if configuration["packages"]:
        output("host-packages", *configuration["packages"], tries=1)
    enable(configuration["units"], state.units)
    tell([path for path in pending if path == LAST])
    state.write(files=sorted(files), pending=[], units=configuration["units"])
    for path, address in configuration["downloads"].items():
        download(Path(path), address)


def tell(places: list[str]) -> None:
    """Tell whoever reads files in these places that they have changed."""
    for path, command in ACTIONS:
        if path in places:
            output(*command, tries=1)


def enable(wanted: list[str], enabled: list[str]) -> None:
    """Enable and start the units that are new, and stop those that are not wanted any more."""
    for unit in enabled:
        if unit not in wanted:
            output("systemctl", "disable", "--now", unit, tries=1)
            say(f"disabled {unit}")
    for unit in wanted:
        if unit not in enabled:
            output("systemctl", "enable", "--now", "--quiet", unit, tries=1)
            say(f"enabled {unit}")


class State:
    """What earlier runs have done and still have to do."""

    def __init__(self, path: Path) -> None:
        self._path = path
        kept: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.files: list[str] = kept.get("files", [])
        self.pending: list[str] = kept.get("pending", [])
        self.units: list[str] = kept.get("units", [])

    def write(self, *, files: list[str], pending: list[str], units: list[str] | None = None) -> None:
        """Keep it, if it has changed."""
        kept = {"files": files, "pending": pending, "units": self.units if units is None else units}
        if kept != {"files": self.files, "pending": self.pending, "units": self.units}:
            self.files, self.pending, self.units = kept["files"], kept["pending"], kept["units"]
            write(self._path, json.dumps(kept).encode(), 0o600)


def download(path: Path, address: str) -> None:
    """Fetch a file that is not there yet."""
    if not path.exists():
        staged = path.with_name(f".{path.name}.host-apply")
        path.parent.mkdir(parents=True, exist_ok=True)
        output("curl", "--fail", "--silent", "--show-error", "--output", str(staged), address)
        staged.chmod(0o644)
        staged.replace(path)
        say(f"fetched {path}")


def differs(path: Path, file: dict[str, str]) -> bool:
    """Tell whether a file is not there as it should be."""
    if path.is_symlink() or not path.is_file():
        return True
    return path.stat().st_mode & 0o7777 != int(file["mode"], 8) or path.read_bytes() != file["content"].encode()


def write(path: Path, content: bytes, mode: int) -> None:
    """Write a file as a whole or, on a full disk or without power, not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.host-apply")
    try:
        with staged.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        staged.chmod(mode)
        staged.replace(path)
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None


def output(*command: str, tries: int = 30) -> str:
    """Run a command, with pauses until it succeeds, and return what it printed."""
    tried = ("retry", str(tries), "10", *command) if tries > 1 else command
    ran = subprocess.run(tried, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if ran.returncode != 0:
        raise ApplyError(f"failed with status {ran.returncode}: {' '.join(command)}")
    return ran.stdout


def say(line: str) -> None:
    """Log a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
