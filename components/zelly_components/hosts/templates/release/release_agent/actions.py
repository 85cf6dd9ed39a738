"""The other actions: confirm, rollback, restart, status, recover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from release_agent.deploying import ALL, refuse_unfinished
from release_agent.failures import DONE, NOT_TAKEN_BACK, TAKEN_BACK, RefusedError, StageError, words_of
from release_agent.files import now, text_of, time_of
from release_agent.memory import (
    SHOWN,
    Healthy,
    Memory,
    Transaction,
    end_transaction,
    holder,
    read_history,
    read_memory,
    read_transaction,
    write_memory,
    write_transaction,
)
from release_agent.room import prune
from release_agent.switching import (
    arm,
    begin,
    disarm,
    point_current,
    switch,
    take_back,
    take_back_and_tell,
    tell_history,
    unready,
    watch,
    waves_of,
)
from release_agent.units import all_released, bring_up, look, settle

if TYPE_CHECKING:
    from release_agent.host import Host
    from release_agent.report import Report


def confirm(host: Host, report: Report, release: str) -> int:
    """Keep a release that waits, if all of it is still healthy; take it back otherwise."""
    transaction = read_transaction(host)
    if transaction is None or transaction.phase not in {"waiting", "kept"}:
        return _confirm_late(host, report, release)
    if transaction.release != release:
        raise RefusedError(f"{transaction.release} waits to be confirmed, not {release}")
    with report.stage("confirm") as stage:
        if _is_overdue(transaction):
            return take_back_and_tell(host, transaction, report, f"nobody confirmed before {transaction.until}")
        try:
            look(host, transaction.restarts)
        except StageError as error:
            return take_back_and_tell(host, transaction, report, str(error))
        _keep(host, transaction, report)
        stage.detail = prune(host) or "nothing to delete"
    return DONE


def _confirm_late(host: Host, report: Report, release: str) -> int:
    """Answer a confirmation for which nothing waits: a repeated one, or one after the release was taken back."""
    healthy = read_memory(host).healthy
    if healthy and release in {healthy[-1].release, *healthy[-1].services.values()}:
        report.outcome, report.reason = "healthy", "confirmed before"
        return DONE
    last = [each for each in read_history(host) if each["release"] == release][-1:]
    if not last or last[0]["outcome"] not in {"undone", "failed"}:
        raise RefusedError(f"{release} does not wait to be confirmed")
    report.outcome = last[0]["outcome"]
    report.reason = f"gone since {last[0]['at']}, before it was confirmed: {last[0]['reason']}"
    return TAKEN_BACK


def _is_overdue(transaction: Transaction) -> bool:
    return transaction.phase == "waiting" and transaction.until is not None and now() > time_of(transaction.until)


def _keep(host: Host, transaction: Transaction, report: Report) -> None:
    """End a transaction for good: what runs is healthy. Done again by ``recover`` after a power cut in between."""
    if transaction.phase != "kept":
        transaction.phase = "kept"
        write_transaction(host, transaction)
    memory = read_memory(host)
    if transaction.action == "rollback":
        _remember_rollback(host, memory, transaction)
    else:
        _remember_healthy(host, memory, transaction)
    write_memory(host, memory)
    report.outcome = "healthy"
    tell_history(host, report, transaction.release)
    end_transaction(host)
    disarm(host)


def _remember_healthy(host: Host, memory: Memory, transaction: Transaction) -> None:
    services = _runs(host)
    if memory.healthy and memory.healthy[-1].services == services:
        return
    of_all = transaction.service == ALL or not memory.healthy
    release = transaction.release if of_all else memory.healthy[-1].release
    memory.healthy.append(Healthy(release=release, at=text_of(now()), services=services, schema=memory.schema))


def _remember_rollback(host: Host, memory: Memory, transaction: Transaction) -> None:
    """Forget the states that were left: a second rollback goes further back, never forward to them."""
    if transaction.service != ALL:
        memory.healthy[-1].services = _runs(host)
        return
    while memory.healthy[-1].services != _runs(host) and len(memory.healthy) > 1:
        memory.healthy.pop()


def _runs(host: Host) -> dict[str, str]:
    return {name: release for name, release in all_released(host).items() if release is not None}


def rollback(host: Host, report: Report, service: str) -> int:
    """Go back to what was last healthy: with all services, or with one."""
    transaction = read_transaction(host)
    if transaction is not None and transaction.phase == "waiting" and service in {ALL, transaction.service}:
        return _roll_back_waiting(host, report, transaction)
    refuse_unfinished(host)
    memory = read_memory(host)
    goal = _last_healthy(host, memory, service)
    target = {name: each for name, each in _wanted(host, goal, service).items() if each != all_released(host)[name]}
    crossed = [name for name in memory.schema if name not in goal.schema]
    if crossed and service != ALL:
        raise RefusedError(
            f"{service} can't go back to {target[service]} alone: the database has got {', '.join(crossed)} since"
        )
    report.release = goal.release if service == ALL else target[service]
    transaction = begin(host, "rollback", report.release or goal.release, service, target)
    try:
        with report.stage("switch") as stage:
            stage.detail = switch(host, transaction)
        with report.stage("settle") as stage:
            stage.detail = watch(host, transaction)
        if service == ALL:
            point_current(host, f"releases/{goal.release}")
    except Exception as error:
        return take_back_and_tell(host, transaction, report, words_of(error))
    report.reason = f"the database keeps {', '.join(crossed)}" if crossed else None
    _keep(host, transaction, report)
    return DONE


def _roll_back_waiting(host: Host, report: Report, transaction: Transaction) -> int:
    with report.stage("switch") as stage:
        undone = take_back(host, transaction)
        stage.detail = undone.words
    report.outcome = "healthy" if undone.exit_code == TAKEN_BACK else undone.outcome
    report.reason = f"{transaction.release} was not confirmed; {undone.words}"
    healthy = read_memory(host).healthy
    report.release = healthy[-1].release if healthy else None
    tell_history(host, report, report.release)
    return DONE if report.outcome == "healthy" else undone.exit_code


def _last_healthy(host: Host, memory: Memory, service: str) -> Healthy:
    """Return the newest healthy state that differs from what runs: in anything, or in one service."""
    runs = all_released(host)
    for state in reversed(memory.healthy):
        wanted = _wanted(host, state, service)
        if any(release != runs[name] for name, release in wanted.items()) and (service == ALL or wanted[service]):
            return state
    raise RefusedError(f"{service}: nothing that was healthy before is left to go back to")


def _wanted(host: Host, state: Healthy, service: str) -> dict[str, str | None]:
    return {name: state.services.get(name) for name in host.configuration.services if service in {ALL, name}}


def restart(host: Host, report: Report, service: str) -> int:
    """Start services anew with what they run, wave by wave."""
    refuse_unfinished(host)
    services = [name for name, release in all_released(host).items() if release and service in {ALL, name}]
    if not services:
        raise RefusedError(f"{service}: nothing has been released to it yet")
    restarts: dict[str, int] = {}
    try:
        with report.stage("switch") as stage:
            for wave in waves_of(host, services):
                restarts.update(bring_up(host, wave))
            stage.detail = f"{len(services)} services restarted"
        with report.stage("settle") as stage:
            settle(host, restarts)
            stage.detail = f"ready for {host.configuration.settle_seconds:g} seconds, none started anew"
    except StageError as error:
        report.outcome, report.reason = "failed", f"{error}; the release is the one from before"
        tell_history(host, report, None)
        return NOT_TAKEN_BACK
    report.outcome = "healthy"
    tell_history(host, report, None)
    return DONE


def status(host: Host, report: Report) -> int:
    """Tell what runs and how, what waits, and what happened lately."""
    transaction = read_transaction(host)
    healthy = read_memory(host).healthy
    released = [name for name, release in all_released(host).items() if release]
    problem = unready(host, released)
    running = holder(host)
    report.release = transaction.release if transaction else healthy[-1].release if healthy else None
    report.outcome = "failed" if problem else "healthy"
    report.reason = f"not ready: {problem}" if problem else None if released else "nothing has been released yet"
    if running is not None:
        report.reason = running
    elif transaction is not None and transaction.phase == "waiting":
        report.outcome = "failed" if problem else "waiting"
        report.unconfirmed_until = transaction.until
    elif transaction is not None:
        report.outcome = "failed"
        report.reason = (
            f"the {transaction.action} of {transaction.release} was broken off and is about to be taken back"
        )
    shown = ("release", "at", "outcome", "services")
    report.history = [{name: each[name] for name in shown} for each in reversed(read_history(host)[-SHOWN:])]
    return DONE


def recover(host: Host, report: Report, *, at_boot: bool) -> int:
    """Take back what was broken off, and what nobody has confirmed in time."""
    transaction = read_transaction(host)
    if transaction is None:
        disarm(host)
        report.outcome = "healthy"
        return DONE
    report.release, report.service = transaction.release, transaction.service
    if transaction.phase == "kept":
        _keep(host, transaction, report)
        return DONE
    if transaction.phase == "waiting":
        if transaction.boot == host.boot() and not _is_overdue(transaction):
            report.outcome, report.unconfirmed_until = "waiting", transaction.until
            return DONE
        why = f"nobody confirmed before {transaction.until}"
        if transaction.boot != host.boot():
            why = "the host started anew before anybody confirmed"
    else:
        why = f"the {transaction.action} of {transaction.started} was broken off in the stage {transaction.phase}"
    # A unit that is started by hand later says "at boot" as well.
    before_start = at_boot and transaction.boot != host.boot()
    with report.stage("recover") as stage:
        exit_code = take_back_and_tell(host, transaction, report, why, at_boot=before_start)
        stage.detail = report.reason or ""
    if before_start and read_transaction(host) is not None:
        arm(host)
    return exit_code
