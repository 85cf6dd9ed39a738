"""Counts the tests that state a fact of Zelly's: changes one value at a time in a copy, and runs the tests there.

Run as ``python -m tests.trials.one_witness [--workers COUNT] [--only TEXT | --together] [TEST ...]``. A test is named
as pytest names it; without one, every module is run that can see a value of Zelly's: that reads the program or a file
of the project, or imports from a module that does. :data:`LEFT_OUT` are not run.

They all run once, with all values changed together. The modules that had a test turn red then run as they are, and for
each value alone. What is red without any change is not counted.

Prints a row per value: how many tests turned red, and which. Exits with 1 where they are more than :data:`WANTED`. A
service that is added, with ``zelly service add``, is a row of its own, without that limit: tests about lists of
services know it, and no others should. ``--together`` stops before the values alone.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.support.new_service import NAME, with_new_service
from tests.trials.copies import ROOT, copy_of_project, edited, functions, red_tests, run
from tests.trials.values import CHANGES, Change

WANTED = 3
TOGETHER = "all values together"
SERVICE = "a seventh service"

LEFT_OUT: Mapping[str, str] = {
    "tests/browser/": "the looks of pages, in a browser",
    "tests/local_dev/": "the whole platform as processes",
    "tests/machines/": "hosts that boot, minutes each",
    "tests/trials/": "the lists of the trials themselves",
    "tests/workbench/engine/": "providers and plugins of the engine",
    "tests/zelly_infra/engine/": "what the engine makes of the program, minutes each",
}
"""Folders whose tests are not run, and what they are about."""

_SEES = re.compile(r"zelly_infra\b(?!/)|\bROOT\b|\bPulumi\.(?:yaml|production|staging)")
_IMPORTED = re.compile(r"^from (tests[\w.]*) import ([\w, ]*)", flags=re.MULTILINE)


def seeing_modules() -> list[str]:
    """Return the test modules that can see a value of Zelly's."""
    paths = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").rglob("test_*.py"))]
    return [path for path in paths if not path.startswith(tuple(LEFT_OUT)) and _sees(ROOT / path)]


@cache
def _sees(path: Path) -> bool:
    return any(_SEES.search(read.read_text(encoding="utf-8")) for read in _read_by(path))


def _read_by(path: Path) -> Iterator[Path]:
    """Yield a module, those of the tests that it imports, and the conftest of every folder that it lies in."""
    seen: set[Path] = set()
    left = [path]
    while left:
        one = left.pop()
        if one in seen or not one.is_file():
            continue
        seen.add(one)
        yield one
        left += [folder / "conftest.py" for folder in one.parents if folder != ROOT and ROOT in folder.parents]
        for package, names in _IMPORTED.findall(one.read_text(encoding="utf-8")):
            modules = [package, *(f"{package}.{name.strip()}" for name in names.split(","))]
            left += [ROOT / f"{module.replace('.', '/')}.py" for module in modules]


def red_of_values(
    copy: Path, changes: Sequence[Change], tests: Sequence[str], *, workers: int
) -> Iterator[tuple[str, list[str]]]:
    """Yield the tests that turn red: of all changes together, and of one after the other."""
    if not changes:
        return
    with edited(copy, [edit for change in changes for edit in change.edits]):
        together = red_tests(copy, tests, workers=workers)
    modules = modules_of(together)
    before = red_tests(copy, modules, workers=workers) if modules else []
    yield TOGETHER, [case for case in together if case not in before]
    for change in changes if modules else ():
        with edited(copy, change.edits):
            yield change.name, [case for case in red_tests(copy, modules, workers=workers) if case not in before]


def red_of_a_service(copy: Path, tests: Sequence[str], *, workers: int) -> list[str]:
    """Return the tests that turn red when a service is added; the copy is then as it was."""
    paths = ("zelly_infra/catalog.py", *(path.name for path in copy.glob("Pulumi.*.yaml")))
    as_it_was = {path: (copy / path).read_text(encoding="utf-8") for path in paths}
    add_service(copy)
    red = red_tests(copy, tests, workers=workers)
    for path, text in as_it_was.items():
        (copy / path).write_text(text, encoding="utf-8")
    before = red_tests(copy, modules_of(red), workers=workers) if red else []
    return [case for case in red if case not in before]


def modules_of(cases: Sequence[str]) -> list[str]:
    """Return the modules that cases stand in."""
    return sorted({case.partition("::")[0] for case in cases})


def add_service(copy: Path) -> None:
    """Add a service as one who adds one does."""
    catalog = copy / "zelly_infra" / "catalog.py"
    catalog.write_text(with_new_service(catalog.read_text(encoding="utf-8")), encoding="utf-8")
    added = run(copy, "-c", "from workbench.cli.main import main; main()", "--project", ".", "service", "add", NAME)
    if added.returncode:
        raise RuntimeError(added.stderr)


def _row(name: str, red: Sequence[str]) -> str:
    count = len(functions(red))
    return "\n".join([f"{count:3}  {name}", *(f"       {case}" for case in red)])


def main(arguments: Sequence[str]) -> int:
    """Try every value, print what turned red, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.trials.one_witness")
    parser.add_argument("tests", nargs="*", metavar="TEST", help="what to run; without: all that can see a value")
    parser.add_argument("--only", default="", metavar="TEXT", help="the values that have this in their name")
    parser.add_argument("--workers", type=int, default=0, metavar="COUNT", help="processes; without: this one")
    parser.add_argument("--together", action="store_true", help="all values at once, and none alone")
    options = parser.parse_args(arguments)
    tests = options.tests or seeing_modules()
    chosen = [change for change in CHANGES if options.only in change.name]
    counts: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_project(Path(folder))
        for name, red in red_of_values(copy, chosen, tests, workers=options.workers):
            _print(_row(name, red))
            if options.together:
                return 0
            if name != TOGETHER:
                counts.append(len(functions(red)))
        if options.only in SERVICE:
            _print(_row(SERVICE, red_of_a_service(copy, tests, workers=options.workers)))
    return 1 if max(counts, default=0) > WANTED else 0


def _print(row: str) -> None:
    sys.stdout.write(f"{row}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
