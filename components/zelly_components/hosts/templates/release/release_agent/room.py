"""Room on the disk: which releases are kept, and which ones go first."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from release_agent.failures import RefusedError
from release_agent.files import remove_tree
from release_agent.memory import read_memory, read_transaction, write_memory
from release_agent.units import all_released

if TYPE_CHECKING:
    from release_agent.host import Host
    from release_agent.memory import Healthy

_MIB = 1 << 20
_ALWAYS_KEPT = 2
"""The healthy state that runs, and the one to go back to."""


def deletable(healthy: list[Healthy], present: list[str], needed: set[str], kept: int) -> list[str]:
    """Return the releases that may be deleted, the first to go first: those that were never healthy, then the oldest.

    ``kept`` of the healthy states stay, and never less than the one that runs and the one before it. Counting all
    releases instead would, after some failed ones, delete the only good one.
    """
    staying = needed | {name for state in healthy[-max(kept, _ALWAYS_KEPT) :] for name in state.services.values()}
    order = [name for state in healthy for name in state.services.values()]
    never_healthy = [name for name in present if name not in order]
    oldest = sorted((name for name in present if name in order), key=order.index)
    return [name for name in [*never_healthy, *oldest] if name not in staying]


def make_room(host: Host, wanted_bytes: int, release: str) -> str:
    """See that so much fits on the disk and enough stays free; delete releases for that only as far as it has to be.

    Raises:
        RefusedError: when it does not fit all the same.
    """
    host.releases.mkdir(parents=True, exist_ok=True)
    minimum = int(host.configuration.minimum_free_mib * _MIB)
    deleted: list[str] = []
    for name in _deletable(host, release, kept=_ALWAYS_KEPT):
        if host.free_bytes() >= wanted_bytes + minimum:
            break
        remove_tree(host.releases / name)
        deleted.append(name)
    _forget_deleted(host)
    free = host.free_bytes()
    if free < wanted_bytes + minimum:
        raise RefusedError(
            f"no room on the disk: {_mib(wanted_bytes)} MiB are needed and {_mib(minimum)} MiB have to stay free; "
            f"there are {_mib(free)} MiB{_also(deleted)}"
        )
    return f"{_mib(wanted_bytes)} MiB needed, {_mib(free)} MiB free{_also(deleted)}"


def prune(host: Host) -> str:
    """Delete the releases that are not kept, and what broken-off actions have left."""
    deleted = _deletable(host, "", kept=host.configuration.releases_kept)
    for name in deleted:
        remove_tree(host.releases / name)
    for left in [*host.releases.glob("*.removed"), *host.releases.glob("*/*.partial")]:
        shutil.rmtree(left, ignore_errors=True)
    shutil.rmtree(host.artefacts, ignore_errors=True)
    _forget_deleted(host)
    return _also(deleted).removeprefix("; ")


def _deletable(host: Host, release: str, kept: int) -> list[str]:
    transaction = read_transaction(host)
    moving = (
        {} if transaction is None else {**transaction.before, **{f"{n}'": r for n, r in transaction.target.items()}}
    )
    needed = {name for name in [release, *all_released(host).values(), *moving.values()] if name}
    present = sorted(path.name for path in host.releases.iterdir() if path.is_dir() and "." not in path.name)
    return deletable(read_memory(host).healthy, present, needed, kept)


def _forget_deleted(host: Host) -> None:
    """Forget the healthy states that nobody can go back to any more."""
    memory = read_memory(host)
    there = [each for each in memory.healthy if all((host.releases / r).is_dir() for r in each.services.values())]
    if len(there) != len(memory.healthy):
        memory.healthy = there
        write_memory(host, memory)


def _also(deleted: list[str]) -> str:
    return f"; deleted {', '.join(deleted)}" if deleted else ""


def _mib(size: int) -> int:
    return -(-size // _MIB)
