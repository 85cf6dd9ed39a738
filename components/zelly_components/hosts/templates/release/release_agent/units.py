"""The services' systemd units: which release each one runs, starting, stopping, and how they are."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from release_agent.failures import StageError
from release_agent.files import remove_file, replace_file
from release_agent.host import TIMED_OUT, Answer, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from release_agent.host import Host

UNITS = "/etc/systemd/system"
_STOP_SECONDS = 90
"""More than the units' TimeoutStopSec, after which systemd kills what is left."""
_LOOK_SECONDS = 0.5
_QUICK_SECONDS = 60
_RELEASE = re.compile(r"^WorkingDirectory=/opt/[^/]+/releases/([^/]+)/", re.MULTILINE)


@dataclass(frozen=True)
class State:
    """How a service is."""

    release: str | None
    state: str
    """``ready``, ``failed``, ``stopped`` or ``not released``."""
    restarts: int
    """How often systemd has started it anew since it was last started by somebody."""


def drop_in(host: Host, service: str) -> Path:
    """Return the file that says which release a service runs. The unit does not start without it."""
    return host.path(f"{UNITS}/{host.configuration.services[service].unit}.d/release.conf")


def released(host: Host, service: str) -> str | None:
    """Return the release that a service runs."""
    try:
        text = drop_in(host, service).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    found = _RELEASE.search(text)
    return found.group(1) if found else None


def all_released(host: Host) -> dict[str, str | None]:
    """Return the release that each service runs."""
    return {name: released(host, name) for name in host.configuration.services}


def write_drop_ins(host: Host, releases: Mapping[str, str | None]) -> None:
    """Write which release services run, and let systemd read it.

    The directory is the release's own, not a link: a process that loads a module later loads it from the release that
    it was started from.
    """
    for service, release in releases.items():
        if release is None:
            remove_file(drop_in(host, service))
            continue
        directory = host.directory_for_units(release, service)
        text = f"[Service]\nWorkingDirectory={directory}\nExecStart=\nExecStart={directory}/start\n"
        replace_file(drop_in(host, service), text)
    _systemctl("daemon-reload")


def bring_up(host: Host, services: Iterable[str]) -> dict[str, int]:
    """Start services anew with what their drop-ins say, all at once, and wait until they are ready.

    Returns how often each had been started anew by then.

    Raises:
        StageError: when one doesn't get ready, with the name and state of each that did not.
    """
    services = list(services)
    configured = [host.configuration.services[name] for name in services]
    units = [each.unit for each in configured]
    sockets = [each.socket for each in configured if each.socket]
    # A unit that has used up its restarts is refused a start until then. One that is not loaded yet can't be reset.
    _systemctl("reset-failed", *units, *sockets, check=False)
    _systemctl("enable", "--quiet", *units, *sockets)
    alone = [each.unit for each in configured if not each.overlaps]
    if alone:
        _stop_alone(alone)
    if sockets:
        _systemctl("start", *sockets)
    seconds = host.configuration.ready_seconds
    others = [unit for unit in units if unit not in alone]
    answers = [_systemctl(verb, *some, check=False, seconds=seconds) for verb, some in _starts(others, alone)]
    found = states(host, services)
    unready = {name: state for name, state in found.items() if state.state != "ready"}
    if unready:
        within = f" within {seconds:g} seconds" if any(answer.code == TIMED_OUT for answer in answers) else ""
        raise StageError(f"did not get ready{within}: {in_words(unready)}")
    for answer in answers:
        if answer.code:
            raise StageError(f"systemctl: {answer.words}")
    return {name: state.restarts for name, state in found.items()}


def _starts(others: Sequence[str], alone: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
    return [(verb, units) for verb, units in (("restart", others), ("start", alone)) if units]


def _stop_alone(units: Sequence[str]) -> None:
    """Stop units of which two may never run, and see that they have stopped before anything starts."""
    _systemctl("stop", *units, seconds=_STOP_SECONDS)
    running = [name for name, properties in _properties(units).items() if properties["ActiveState"] not in _OFF]
    if running:
        raise StageError(f"not stopped, and may not run twice: {', '.join(running)}")


_OFF = ("inactive", "failed")


def take_down(host: Host, services: Iterable[str]) -> None:
    """Stop services that have no release, with their sockets, and keep them from starting at the next boot."""
    # Sockets first: a connection would start the service again.
    both = _sockets_and_units(host, services)
    _systemctl("disable", "--quiet", *both, check=False)
    _systemctl("stop", *both, seconds=_STOP_SECONDS)
    _systemctl("reset-failed", *both, check=False)


def keep_down(host: Host, services: Iterable[str]) -> None:
    """Keep services without a release from starting, where this boot has not started them yet."""
    both = _sockets_and_units(host, services)
    if both:
        _systemctl("disable", "--quiet", *both, check=False)


def states(host: Host, services: Iterable[str]) -> dict[str, State]:
    """Return how services are."""
    names = list(services)
    units = {name: host.configuration.services[name].unit for name in names}
    found = _properties(list(units.values())) if names else {}
    return {name: _state(released(host, name), found[unit]) for name, unit in units.items()}


def _state(release: str | None, properties: Mapping[str, str]) -> State:
    restarts = int(properties.get("NRestarts") or 0)
    active = properties["ActiveState"]
    if release is None:
        return State(release=None, state="not released", restarts=restarts)
    state = "ready" if active == "active" else "stopped" if active == "inactive" else "failed"
    return State(release=release, state=state, restarts=restarts)


def settle(host: Host, restarts: Mapping[str, int]) -> None:
    """Watch services for a while: all have to stay ready, and none may be started anew.

    Raises:
        StageError: for the first that doesn't.
    """
    end = time.monotonic() + host.configuration.settle_seconds
    while True:
        look(host, restarts)
        if time.monotonic() >= end:
            return
        time.sleep(min(_LOOK_SECONDS, max(0.0, end - time.monotonic())))


def look(host: Host, restarts: Mapping[str, int]) -> None:
    """See that services are ready, and not started anew more often than given.

    Raises:
        StageError: when one isn't.
    """
    found = states(host, restarts)
    bad = {name: state for name, state in found.items() if state.state != "ready" or state.restarts > restarts[name]}
    if bad:
        raise StageError(f"did not stay ready: {in_words(bad)}")


def in_words(found: Mapping[str, State]) -> str:
    """Return how services are, for people."""
    return ", ".join(f"{name} ({each.state}, {each.restarts} restarts)" for name, each in found.items())


def _sockets_and_units(host: Host, services: Iterable[str]) -> list[str]:
    configured = [host.configuration.services[name] for name in services]
    return [*(each.socket for each in configured if each.socket), *(each.unit for each in configured)]


def _properties(units: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return what systemd says of units, by unit."""
    answer = _systemctl("show", "--property=Id,ActiveState,NRestarts", *units)
    blocks = [block for block in answer.out.split("\n\n") if block.strip()]
    parsed = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in blocks]
    return {properties["Id"]: properties for properties in parsed}


def _systemctl(*arguments: str, check: bool = True, seconds: float = _QUICK_SECONDS) -> Answer:
    answer = run(["systemctl", *arguments], seconds=seconds)
    if check and answer.code:
        raise StageError(f"systemctl {arguments[0]}: {answer.words}")
    return answer
