"""Which tests execute a line, learnt from one run of a room's tests with coverage."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from coverage import CoverageData


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """What a run of a room's tests told."""

    seconds: Mapping[str, float]
    """How long each test took."""
    failing: tuple[str, ...] = ()
    """Tests that fail without any fault."""
    lines: Mapping[str, Mapping[int, tuple[str, ...]]]
    """For each file and line the tests that execute it; none where it is executed while its module is imported."""

    def document(self) -> dict[str, Any]:
        """Return what :func:`read_learnt` reads."""
        return asdict(self)


def read_learnt(document: Mapping[str, Any]) -> Learnt:
    """Read what was written as JSON."""
    lines = {
        path: {int(line): tuple(tests) for line, tests in of_file.items()}
        for path, of_file in document["lines"].items()
    }
    return Learnt(seconds=document["seconds"], failing=tuple(document["failing"]), lines=lines)


def learn(data: CoverageData, report: Mapping[str, Any], folder: Path) -> Learnt:
    """Put together what coverage and the plugin wrote down."""
    failed = set(report["failed"])
    seconds = {test: taken for test, taken in report["seconds"].items() if test not in failed}
    lines: dict[str, dict[int, tuple[str, ...]]] = {}
    for file in data.measured_files():
        of_file = data.contexts_by_lineno(file)
        # A context is a test's name and its step: its setup, itself, its teardown.
        lines[str(Path(file).relative_to(folder))] = {
            line: tuple(sorted({context.rpartition("|")[0] for context in contexts} & seconds.keys()))
            for line, contexts in of_file.items()
        }
    return Learnt(seconds=seconds, failing=tuple(sorted(failed)), lines=lines)


def merged(before: Learnt, now: Learnt, files: Collection[str]) -> Learnt:
    """Return what was learnt before, with what was learnt now of the tests in ``files`` in its place."""

    def of_others(tests: Iterable[str]) -> Iterator[str]:
        return (test for test in tests if test.partition("::")[0] not in files)

    return Learnt(
        seconds={**{test: before.seconds[test] for test in of_others(before.seconds)}, **now.seconds},
        failing=(*of_others(before.failing), *now.failing),
        lines={
            path: {
                line: (*of_others(before.lines.get(path, {}).get(line, ())), *now.lines.get(path, {}).get(line, ()))
                for line in sorted({*before.lines.get(path, {}), *now.lines.get(path, {})})
            }
            for path in sorted({*before.lines, *now.lines})
        },
    )


def first_asked(learnt: Learnt, path: str, text: str, line: int) -> list[str]:
    """Return the tests that execute the statement in ``line``, or else any of its file, the quickest file's first."""
    of_file = learnt.lines.get(path, {})
    executing = {test for each in statement_lines(text, line) for test in of_file.get(each, ())}
    return quickest_first(executing or {test for tests in of_file.values() for test in tests}, learnt.seconds)


def quickest_first(tests: Iterable[str], seconds: Mapping[str, float]) -> list[str]:
    """Sort tests by how long those of their file take together; a file's stay together, as they share fixtures."""
    together: dict[str, float] = {}
    for test in tests:
        file = test.partition("::")[0]
        together[file] = together.get(file, 0) + seconds[test]
    return sorted(tests, key=lambda test: (together[test.partition("::")[0]], test.partition("::")[0], seconds[test]))


def statement_lines(text: str, line: int) -> range:
    """Return the lines of the innermost statement around a line, of a compound one those of its head alone."""
    around = [
        lines
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt) and line in (lines := _own_lines(node))
    ]
    return min(around, key=len, default=range(line, line + 1))


def _own_lines(statement: ast.stmt) -> range:
    body = getattr(statement, "body", None)
    end = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return range(statement.lineno, max(end, statement.lineno) + 1)
