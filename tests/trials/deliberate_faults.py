"""Puts the deliberate faults into a copy, one at a time, and runs the tests that have to notice each.

Run as ``python -m tests.trials.deliberate_faults [--only TEXT] [--workers COUNT]``. Prints a row per fault: noticed,
and by which tests; or missed, and by which of those that have to. Exits with 1 where one was missed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.trials.copies import copy_of_project, edited, functions, red_tests
from tests.trials.faults import FAULTS, Fault


def blind(fault: Fault, red: Sequence[str]) -> list[str]:
    """Return which of the tests that have to notice a fault did not."""
    return [test for test in fault.noticed_by if not any(is_of(case, test) for case in red)]


def is_of(case: str, test: str) -> bool:
    """Tell whether a case belongs to what a test, a module or a folder is."""
    return case == test or case.startswith((f"{test}[", f"{test}::", f"{test}/"))


def main(arguments: Sequence[str]) -> int:
    """Try every fault, print what noticed it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.trials.deliberate_faults")
    parser.add_argument("--only", default="", metavar="TEXT", help="the faults that have this in their name")
    parser.add_argument("--workers", type=int, default=0, metavar="COUNT", help="processes; without: this one")
    options = parser.parse_args(arguments)
    chosen = [fault for fault in FAULTS if options.only in fault.name]
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_project(Path(folder))
        for fault in chosen:
            started = time.monotonic()
            with edited(copy, [fault.edit]):
                red = red_tests(copy, fault.noticed_by, workers=options.workers)
            unseen = blind(fault, red)
            missed += bool(unseen)
            seconds = f"{time.monotonic() - started:.0f} s"
            rows = [
                f"{'MISSED ' if unseen else 'noticed'}  {fault.name}, {seconds}",
                *(f"         {test}" for test in functions(red)),
                *(f"         blind: {test}" for test in unseen),
            ]
            sys.stdout.write("\n".join([*rows, ""]))
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - missed} of {len(chosen)} noticed\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
