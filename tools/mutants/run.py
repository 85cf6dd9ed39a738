"""Puts faults into a copy of the project, one at a time, and counts those that its tests notice.

Run as ``python -m tools.mutants.run [ROOM ...] [--sample COUNT] [--seed NUMBER] [--again]``; a room is one of
:data:`ROOMS`, and without one all are taken. ``--sample`` takes one fault at each of so many places of each room, by
chance; the same ones for the same seed as long as the code is the same.

The room's tests run once with coverage, which tells which of them execute which line. cosmic-ray then makes the change,
and the tests that execute the changed line run until one fails. Where none does, the room's others run too, so a
fault that was not noticed was noticed by nothing in the room. Tests that fail without any fault are left out, and
named. What was found out is kept in ``.engine/mutants-of``: a run that was stopped goes on where it was, a noticed
fault counts as noticed until its file changes, and one that was not is tried anew when anything has changed.
``--again`` forgets what was found out.

Prints the faults that were not noticed, those that ``left_alone.toml`` leaves alone by reason, and a row per room.
Exits with 1 where a room's rate is below :data:`WANTED_PERCENT`.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.mutants.faults import Fault, read_exemptions, reason_it_cannot_run, reason_to_leave_alone, sample
from tools.mutants.rooms import ROOMS
from tools.mutants.trying import Copy, changed_texts, copy_of_project, learnt_of, noticed_by, possible_faults, say

WANTED_PERCENT = 90


def try_out(copy: Copy, faults: Mapping[Fault, str], *, again: bool) -> list[tuple[Fault, str | None]]:
    """Return what notices each fault that makes such a text; what was found out before is not found out anew."""
    kept = copy.kept("found.jsonl")
    if again:
        kept.unlink(missing_ok=True)
    found = _found_before(kept, copy.digest)
    learnt = learnt_of(copy)
    keys = {fault: fault.key(copy.text(fault.path)) for fault in faults}
    left = [fault for fault in faults if keys[fault] not in found]
    for number, fault in enumerate(left, start=1):
        started = time.monotonic()
        found[keys[fault]] = by = noticed_by(copy, fault, faults[fault], learnt)
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": keys[fault], "by": by, "digest": copy.digest}) + "\n")
        say(f"{number} of {len(left)}, {time.monotonic() - started:.0f} s: {_named(fault)}: {by or 'NOT NOTICED'}")
    return [(fault, found[keys[fault]]) for fault in faults]


def _found_before(kept: Path, digest: str) -> dict[str, str | None]:
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []
    return {
        entry["key"]: entry["by"]
        for entry in map(json.loads, lines)
        if entry["by"] is not None or entry["digest"] == digest
    }


def _named(fault: Fault) -> str:
    return f"{fault.path}:{fault.line} {fault.operator} {fault.occurrence}"


def try_room(name: str, options: argparse.Namespace) -> float:
    """Print what came of a room, and return its rate."""
    copy, exemptions = copy_of_project(name, ROOMS[name]), read_exemptions()
    chosen = sample(possible_faults(copy), options.sample, options.seed)
    texts = dict(zip(chosen, changed_texts(copy, chosen), strict=True))
    reasons = {
        fault: reason_to_leave_alone(fault, copy.text(fault.path), exemptions) or reason_it_cannot_run(text)
        for fault, text in texts.items()
    }
    put_in = {fault: text for fault, text in texts.items() if text is not None and not reasons[fault]}
    found = try_out(copy, put_in, again=options.again)
    missed = [fault for fault, by in found if by is None]
    rate = 100 * (1 - len(missed) / len(found)) if found else 100.0
    lines = [f"not noticed: {_named(fault)}: {copy.line(fault)}" for fault in missed]
    lines += [f"left alone: {count}: {reason}" for reason, count in Counter(filter(None, reasons.values())).items()]
    summary = f"{name}, seed {options.seed}: {len(found) - len(missed)} of {len(found)} noticed, {rate:.1f} %"
    sys.stdout.write("\n".join([*lines, summary, ""]))
    sys.stdout.flush()
    return rate


def main(arguments: Sequence[str]) -> int:
    """Test the rooms that were named, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"one or more of {', '.join(ROOMS)}; without: all")
    parser.add_argument("--sample", type=int, metavar="COUNT", help="faults at so many places of each room")
    parser.add_argument("--seed", type=int, default=0, metavar="NUMBER", help="which sample; without: 0")
    parser.add_argument("--again", action="store_true", help="forget what was found out before")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.rooms) - ROOMS.keys()):
        parser.error(f"ROOM: {unknown[0]}; allowed: {', '.join(ROOMS)}")
    rates = [try_room(name, options) for name in options.rooms or ROOMS]
    return 1 if min(rates) < WANTED_PERCENT else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
