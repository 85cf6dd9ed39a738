"""Switching services to other releases, wave by wave, and back."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from release_agent.failures import NOT_TAKEN_BACK, TAKEN_BACK, StageError, words_of
from release_agent.files import now, replace_link, sync_directory, text_of
from release_agent.host import AGENT, run
from release_agent.memory import Transaction, append_history, end_transaction, write_transaction
from release_agent.units import (
    all_released,
    bring_up,
    in_words,
    keep_down,
    settle,
    states,
    take_down,
    write_drop_ins,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from release_agent.host import Host
    from release_agent.report import Report

_TRIES = 5
_QUICK_SECONDS = 60


def waves_of(host: Host, services: Iterable[str]) -> list[list[str]]:
    """Return services in the order in which they start."""
    wanted = set(services)
    waves = [[name for name in wave if name in wanted] for wave in host.configuration.waves]
    return [wave for wave in waves if wave]


def begin(host: Host, action: str, release: str, service: str, target: dict[str, str | None]) -> Transaction:
    """Return the transaction of a change that is about to begin, after arming what takes it back."""
    arm(host)
    return Transaction(
        action=action,
        release=release,
        service=service,
        started=text_of(now()),
        boot=host.boot(),
        before={name: each for name, each in all_released(host).items() if name in target},
        target=target,
        current=str(host.current.readlink()) if host.current.is_symlink() else None,
    )


def switch(host: Host, transaction: Transaction) -> str:
    """Bring the services of a transaction to their target, wave by wave, each once the one before it is ready.

    Raises:
        StageError: for the first wave that doesn't get ready.
    """
    transaction.phase = "switch"
    waves = waves_of(host, transaction.target)
    for wave in waves:
        _write_down(host, transaction, wave)
        transaction.restarts.update(_bring_to(host, wave, transaction.target))
    return f"{len(transaction.target)} services in {len(waves)} waves"


def _write_down(host: Host, transaction: Transaction, wave: list[str]) -> None:
    """Have it on the disk that a wave is begun. On a full disk it isn't."""
    transaction.touched.append(wave)
    try:
        write_transaction(host, transaction)
    except OSError:
        transaction.touched.pop()
        raise


def watch(host: Host, transaction: Transaction) -> str:
    """See that all services of a transaction stay ready.

    Raises:
        StageError: when one doesn't.
    """
    transaction.phase = "settle"
    write_transaction(host, transaction)
    settle(host, transaction.restarts)
    return f"ready for {host.configuration.settle_seconds:g} seconds, none started anew"


def _bring_to(host: Host, wave: Sequence[str], releases: dict[str, str | None]) -> dict[str, int]:
    """Bring a wave to releases, and return how often each service that runs then had been started anew."""
    write_drop_ins(host, {name: releases[name] for name in wave})
    going = [name for name in wave if releases[name] is None]
    coming = [name for name in wave if releases[name] is not None]
    if going:
        take_down(host, going)
    return bring_up(host, coming) if coming else {}


@dataclass(frozen=True)
class Undone:
    """What came of taking a transaction back."""

    exit_code: int
    outcome: str
    words: str


def take_back(host: Host, transaction: Transaction, *, at_boot: bool = False) -> Undone:
    """Bring every service that a transaction touched to what it ran before: the last wave first, each really restarted.

    At boot nothing is started: systemd does that afterwards, by what is written here. A transaction that can't be taken
    back since files can't be written stays, and is tried again.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    touched = [name for wave in reversed(transaction.touched) for name in wave]
    before = {name: transaction.before[name] for name in touched}
    stopping = [name for name in touched if before[name] is None]
    try:
        # All of them first: what crashes from here on starts with the release that it goes back to.
        write_drop_ins(host, before)
        if at_boot:
            keep_down(host, stopping)
        problems = [] if at_boot else _restart_backwards(host, transaction)
        point_current(host, transaction.current)
        undone = _undone(transaction, problems)
        end_transaction(host)
    except Exception as error:
        again = f"tried again every {host.configuration.undo_seconds:g} seconds"
        return Undone(NOT_TAKEN_BACK, "failed", f"not taken back yet, {again}: {words_of(error)}")
    disarm(host)
    return undone


def _restart_backwards(host: Host, transaction: Transaction) -> list[str]:
    problems: list[str] = []
    for wave in reversed(transaction.touched):
        try:
            _bring_to(host, wave, transaction.before)
        except StageError as error:
            problems.append(str(error))
    return problems


def _undone(transaction: Transaction, problems: list[str]) -> Undone:
    touched = [name for wave in transaction.touched for name in wave]
    stopped = [name for name in touched if transaction.before[name] is None]
    back = [name for name in touched if transaction.before[name] is not None]
    words = [f"taken back: {', '.join(back)}"] if back else []
    words += [f"stopped, since there is nothing to go back to: {', '.join(stopped)}"] if stopped else []
    words += [f"stays in the database: {', '.join(transaction.migrations)}"] if transaction.migrations else []
    words += [f"not taken back: {problem}" for problem in problems]
    if transaction.phase == "migrate":
        words = [
            "no service was touched",
            f"the database may have got, whole or in part: {words[-1].partition(': ')[2]}",
        ]
        return Undone(NOT_TAKEN_BACK, "failed", "; ".join([*words, "the next deploy looks at it first"]))
    if problems:
        return Undone(NOT_TAKEN_BACK, "failed", "; ".join(words))
    return Undone(TAKEN_BACK, "undone", "; ".join(words) or "no service was touched")


def take_back_and_tell(host: Host, transaction: Transaction, report: Report, why: str, *, at_boot: bool = False) -> int:
    """Take a transaction back, tell why and with what result, and return the exit code."""
    undone = take_back(host, transaction, at_boot=at_boot)
    report.outcome = undone.outcome
    report.reason = f"{why}; {undone.words}"
    tell_history(host, report, transaction.release)
    return undone.exit_code


def tell_history(host: Host, report: Report, release: str | None) -> None:
    """Write down what came of an action. On a full disk the result is told all the same."""
    try:
        append_history(
            host,
            action=report.action,
            release=release,
            outcome=report.outcome,
            reason=report.reason,
            services=all_released(host),
        )
    except OSError as error:
        report.reason = f"{report.reason or ''}; not written to the history: {error.strerror}".removeprefix("; ")


def point_current(host: Host, target: str | None) -> None:
    """Let the link for people lead to a release's directory, or away with it."""
    if target is not None:
        replace_link(host.current, target)
    else:
        host.current.unlink(missing_ok=True)
    sync_directory(host.current.parent)


def arm(host: Host) -> None:
    """Have a timer look after the transaction: this process may end, and so may the operator's.

    Raises:
        StageError: when systemd does not take it.
    """
    disarm(host)
    command = [
        "systemd-run",
        "--quiet",
        "--collect",
        f"--unit={_undo_unit(host)}",
        "--description=Take back a release that nobody confirms",
        f"--on-active={host.configuration.undo_seconds:g}s",
        f"--timer-property=OnUnitInactiveSec={host.configuration.undo_seconds:g}s",
        "--timer-property=AccuracySec=1s",
        # To take back is what it is for, and it is refused while somebody is at work: neither is a failure of the unit.
        "--property=SuccessExitStatus=1 2",
        # The document is for operators; the talk goes to the journal.
        "--property=StandardOutput=null",
        "--",
        AGENT,
        "recover",
    ]
    answer = run(command, seconds=_QUICK_SECONDS)
    for _ in range(_TRIES):
        if not answer.code:
            return
        # A last run of the timer before may still be at its end.
        time.sleep(1)
        answer = run(command, seconds=_QUICK_SECONDS)
    raise StageError(f"the timer that takes a release back can't be set: {answer.words}")


def disarm(host: Host) -> None:
    """Stop the timer that looks after the transaction."""
    run(["systemctl", "stop", f"{_undo_unit(host)}.timer"], seconds=_QUICK_SECONDS)


def _undo_unit(host: Host) -> str:
    return f"{host.configuration.platform}-release-undo"


def unready(host: Host, services: Iterable[str]) -> str:
    """Return in words which of some services are not ready, or an empty string."""
    return in_words({name: state for name, state in states(host, services).items() if state.state != "ready"})
