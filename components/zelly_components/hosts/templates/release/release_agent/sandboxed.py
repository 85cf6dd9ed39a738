"""Programs of a release, run by systemd as an unprivileged user, with nothing of the host to write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from release_agent.host import Answer, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release_agent.host import Host

_CONFINED = (
    "NoNewPrivileges=yes",
    "PrivateDevices=yes",
    "PrivateTmp=yes",
    "ProtectHome=yes",
    "ProtectSystem=strict",
    "RestrictSUIDSGID=yes",
)
_GRACE_SECONDS = 30


def run_confined(
    host: Host,
    unit: str,
    user: str,
    command: Sequence[str],
    *,
    directory: str,
    properties: Sequence[str],
    seconds: float,
) -> Answer:
    """Run a program in a transient unit until its end. What it starts ends with it, also when its time is over.

    The paths are the host's own, as they are in units. A start of type ``oneshot`` is waited for, and needs no message
    bus, as ``--wait`` does.
    """
    folder = f"/run/{host.configuration.platform}/release"
    host.path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    streams = {name: f"{folder}/{unit}.{name}" for name in ("Output", "Error")}
    settings = [
        f"WorkingDirectory={directory}",
        f"TimeoutStartSec={seconds:g}",
        *(f"Standard{name}=truncate:{path}" for name, path in streams.items()),
        *_CONFINED,
        *properties,
    ]
    answer = run(
        [
            "systemd-run",
            "--quiet",
            "--collect",
            "--service-type=oneshot",
            f"--unit={unit}",
            f"--uid={user}",
            "--setenv=HOME=/tmp",
            *(f"--property={each}" for each in settings),
            "--",
            *command,
        ],
        seconds=seconds + _GRACE_SECONDS,
    )
    said = {name: _taken(host, path) for name, path in streams.items()}
    # Where the program has said nothing, systemd has.
    error = said["Error"] if said["Error"].strip() else answer.error
    return Answer(code=answer.code, out=said["Output"] or answer.out, error=error)


def _taken(host: Host, path: str) -> str:
    """Return what a file holds, and remove it."""
    place = host.path(path)
    if not place.exists():
        return ""
    text = place.read_text(encoding="utf-8", errors="replace")
    place.unlink()
    return text
