"""Tell Slack, Monday and Sentry how a build goes. Whatever comes of it, the build goes on: the exit code is 0."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from programs.relay.ci.commands import PROJECT
from tools.ci.actions import run

_PATIENCE_SECONDS = 90
"""Longer than the three tries of each of them may take."""


class Event(StrEnum):
    """What a build tells."""

    STARTED = "started"
    FAILED = "failed"
    ABORTED = "aborted"
    REFUSED = "refused"
    """Not promoted: declined, out of time or overtaken."""
    PREPRODUCTION = "preproduction"
    """Deployed there, and the acceptance tests passed."""
    PRODUCTION = "production"
    """Promoted."""


TOLD: Mapping[Event, Sequence[Sequence[str]]] = {
    Event.STARTED: [["slack", "--event", "started"]],
    Event.FAILED: [["slack", "--event", "failed"]],
    Event.ABORTED: [["slack", "--event", "aborted"]],
    Event.REFUSED: [
        ["slack", "--event", "aborted", "--environment", "production"],
        ["monday", "--stage", "production", "--state", "refused"],
    ],
    Event.PREPRODUCTION: [
        # For those who approve.
        ["slack", "--event", "waiting", "--environment", "production"],
        ["monday", "--stage", "preproduction", "--state", "deployed"],
        ["sentry", "--environment", "preproduction"],
    ],
    Event.PRODUCTION: [
        ["slack", "--event", "deployed", "--environment", "production"],
        ["monday", "--stage", "production", "--state", "deployed"],
        ["sentry", "--environment", "production"],
    ],
}
"""By event, the notifications: ``relay notify …``. What they say of the build they take from its variables."""


def main(event: Annotated[Event, typer.Argument(metavar="EVENT")]) -> None:
    """Send every notification of an event; one that fails keeps no other one back."""
    command = shutil.which("relay") or str(Path(sys.executable).with_name("relay"))
    # A build that ends before its checkout has a commit that it does not know.
    environment = {**os.environ, "COMMIT": os.environ.get("COMMIT") or "unknown"}
    for arguments in TOLD[event]:
        try:
            ran = subprocess.run(  # noqa: S603 (the program's own command)
                [command, "notify", *arguments], cwd=PROJECT, env=environment, check=False, timeout=_PATIENCE_SECONDS
            )
            failure = None if ran.returncode == 0 else f"ended with {ran.returncode}"
        except subprocess.TimeoutExpired:
            failure = f"did not end in {_PATIENCE_SECONDS} s"
        if failure is not None:
            typer.echo(f"not told: `relay notify {' '.join(arguments)}` {failure}; the build goes on", err=True)


if __name__ == "__main__":
    run(main)
