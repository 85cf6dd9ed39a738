"""Dumps of a PostgreSQL database that are restored before they count, kept in a bucket.

Usage: database-backup dump [--prefix daily|production]
       database-backup drill [--backup KEY]
       database-backup restore --backup KEY --into DATABASE
       database-backup report

One line of talk goes to standard error, one JSON document to standard output. Exit 0: done; 1: failed, with nothing
kept under a final name; 2: refused, nothing was begun.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Callable

from actions import Actions
from places import Places
from running import FailedError, RefusedError

_ACTIONS: Mapping[str, Callable[[Actions, argparse.Namespace], Mapping[str, Any]]] = {
    "dump": lambda actions, given: actions.dump(given.prefix),
    "drill": lambda actions, given: actions.drill(given.backup),
    "restore": lambda actions, given: actions.restore(given.backup, given.into),
    "report": lambda actions, _given: actions.report(),
}


def main() -> int:
    """Carry out the action that the command line names."""
    given = _arguments()
    configuration: Mapping[str, Any] = json.loads(Path(given.configuration).read_text(encoding="utf-8"))
    root = Path(given.root)
    if root == Path("/"):
        _become(configuration["user"], [Path(configuration["state"]), Path(configuration["run"])])
    # Behind every service, also where it was not a timer that began it.
    os.nice(19)
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _ended)
    begun = time.monotonic()
    actions = Actions(Places(configuration, root))
    result: dict[str, Any] = {"action": given.action, "environment": configuration["environment"]}
    try:
        if given.environment not in {None, configuration["environment"]}:
            raise RefusedError(f"this host is of {configuration['environment']}, not of {given.environment}")
        result |= {"outcome": "done", "reason": None, **_ACTIONS[given.action](actions, given)}
        status = 0
    except RefusedError as error:
        result |= {"outcome": "refused", "reason": str(error)}
        status = 2
    except FailedError as error:
        result |= {"outcome": "failed", "reason": str(error)}
        status = 1
    seconds = round(time.monotonic() - begun, 3)
    result |= {"stage": actions.stages.current, "stages": actions.stages.done, "seconds": seconds}
    _tell(result)
    print(json.dumps(result, sort_keys=True))  # noqa: T201 (the answer)
    return status


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="database-backup")
    parser.add_argument("action", choices=list(_ACTIONS))
    parser.add_argument("--configuration", required=True)
    parser.add_argument("--root", default="/", help="where the paths of the configuration begin")
    parser.add_argument("--environment", help="refuse unless the host is of this environment")
    parser.add_argument("--prefix", choices=["daily", "production"], default="production")
    parser.add_argument("--backup", default="newest", help="a key of the bucket, or newest")
    parser.add_argument("--into", default="none", help="the name of a database that is not there yet")
    return parser.parse_args()


def _become(user: str, directories: list[Path]) -> None:
    """Go on as a user of its own: PostgreSQL serves nobody who is root, and nothing here needs to be."""
    if os.geteuid() != 0:
        return
    who = pwd.getpwnam(user)
    for directory in directories:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(directory, who.pw_uid, who.pw_gid)
    os.setgroups([])
    os.setgid(who.pw_gid)
    os.setuid(who.pw_uid)
    os.environ["HOME"] = str(directories[0])
    os.chdir(directories[0])


def _ended(number: int, _frame: FrameType | None) -> None:
    # Whatever is under way is taken back on the way out.
    raise FailedError(f"ended by {signal.Signals(number).name}")


def _tell(result: Mapping[str, Any]) -> None:
    what = f"database-backup: {result['action']} {result['outcome']}"
    if result["reason"] is not None:
        what += f" at {result['stage']}: {result['reason']}" if result["stage"] else f": {result['reason']}"
    elif "backup" in result:
        what += f": {result['backup']}, {result['bytes']} bytes"
    print(f"{what}, after {result['seconds']:.1f} s", file=sys.stderr)  # noqa: T201 (the log)


if __name__ == "__main__":
    sys.exit(main())
