"""The command line: the five actions of the release document, and ``recover``."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from release_agent.actions import confirm, recover, restart, rollback, status
from release_agent.deploying import ALL, deploy
from release_agent.failures import OUTCOMES, InterruptedByOthersError, RefusedError, StageError, words_of
from release_agent.host import read_host
from release_agent.memory import alone
from release_agent.report import Report, say
from release_agent.units import states

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from release_agent.host import Host

NONE = "none"
_RELEASE = re.compile(r"[0-9a-f]{16}")
_ACTIONS = ("deploy", "confirm", "rollback", "restart", "status")
_WITH_RELEASE = ("deploy", "confirm")
_LONGEST_REASON = 1000


def main(configuration: str, arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, print the result as JSON, and return the exit code."""
    parsed = _parser().parse_args(arguments)
    release = None if parsed.release == NONE else parsed.release
    report = Report(action=parsed.action, environment=parsed.environment, release=release, service=parsed.service)
    # Services read what is unpacked, whatever Run Command's agent would keep from others.
    os.umask(0o022)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        host = read_host(Path(os.environ.get("RELEASE_AGENT_ROOT", "/")), configuration)
        exit_code = _act(host, report, parsed)
    except Exception as error:
        exit_code = error.exit_code if isinstance(error, StageError) else StageError.exit_code
        report.outcome, report.reason = OUTCOMES[exit_code], words_of(error)
    if report.reason is not None:
        report.reason = " ".join(report.reason.split())[:_LONGEST_REASON]
        say(f"{report.outcome}: {report.reason}")
    sys.stdout.write(json.dumps(report.document()) + "\n")
    return exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="release-agent", description=__doc__, allow_abbrev=False)
    actions = parser.add_subparsers(dest="action", required=True)
    for name in _ACTIONS:
        action = actions.add_parser(name, allow_abbrev=False)
        action.add_argument("--release", required=True)
        action.add_argument("--service", required=True)
        action.add_argument("--environment", required=True)
    recovery = actions.add_parser("recover", allow_abbrev=False)
    recovery.add_argument("--boot", action="store_true", help="before the services start: nothing is started here")
    recovery.set_defaults(release=NONE, service=ALL, environment="")
    return parser


def _act(host: Host, report: Report, parsed: argparse.Namespace) -> int:
    """Check the arguments against the host, and act, alone unless it is only looked."""
    if parsed.action == "recover":
        report.environment = host.configuration.environment
    try:
        _refuse_wrong(host, report)
        doing = f"{report.action} of {report.release or report.service}"
        with nullcontext() if report.action == "status" else alone(host, doing):
            return _call(host, report, parsed)
    finally:
        # Of a host whose systemd doesn't answer the result is told all the same.
        with suppress(StageError):
            report.services = states(host, host.configuration.services)


def _call(host: Host, report: Report, parsed: argparse.Namespace) -> int:
    release = report.release or ""
    if report.action == "deploy":
        return deploy(host, report, release, report.service)
    if report.action == "confirm":
        return confirm(host, report, release)
    if report.action == "rollback":
        return rollback(host, report, report.service)
    if report.action == "restart":
        return restart(host, report, report.service)
    if report.action == "status":
        return status(host, report)
    return recover(host, report, at_boot=bool(parsed.boot))


def _refuse_wrong(host: Host, report: Report) -> None:
    """See that the arguments are for this host.

    Raises:
        RefusedError: when they aren't, saying what came and what is allowed.
    """
    environment = host.configuration.environment
    if report.environment != environment:
        raise RefusedError(f"environment: came {report.environment}; this host is of {environment}")
    if report.service not in {ALL, *host.configuration.services}:
        raise RefusedError(
            f"service: came {report.service}; allowed all, {', '.join(sorted(host.configuration.services))}"
        )
    if report.action in _WITH_RELEASE and (report.release is None or not _RELEASE.fullmatch(report.release)):
        raise RefusedError(f"release: came {report.release or NONE}; allowed 16 hexadecimal digits")
    if report.action not in _WITH_RELEASE and report.release is not None:
        raise RefusedError(f"release: came {report.release}; allowed none for {report.action}")


def _interrupt(number: int, frame: FrameType | None) -> None:
    del frame
    raise InterruptedByOthersError(f"told to end ({signal.Signals(number).name})")
