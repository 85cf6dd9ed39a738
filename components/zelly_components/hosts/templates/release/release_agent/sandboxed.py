"""Programs of a release, run by systemd as an unprivileged user, with nothing of the host to write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from release_agent.host import Answer, run

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    unit: str, user: str, command: Sequence[str], *, directory: str, properties: Sequence[str], seconds: float
) -> Answer:
    """Run a program in a transient unit until its end. What it starts ends with it, also when its time is over.

    The paths are the host's own, as they are in units.
    """
    settings = [f"WorkingDirectory={directory}", f"RuntimeMaxSec={seconds:g}", *_CONFINED, *properties]
    return run(
        [
            "systemd-run",
            "--quiet",
            "--wait",
            "--pipe",
            "--collect",
            f"--unit={unit}",
            f"--uid={user}",
            "--setenv=HOME=/tmp",
            *(f"--property={each}" for each in settings),
            "--",
            *command,
        ],
        seconds=seconds + _GRACE_SECONDS,
    )
