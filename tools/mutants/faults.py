"""The faults that can be put into a room's files, which of them are a sample, and what of them is left alone."""

import ast
import fnmatch
import hashlib
import random
import sqlite3
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

LEFT_ALONE = Path(__file__).with_name("left_alone.toml")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A change that cosmic-ray can make to a file."""

    path: str
    line: int
    column: int
    operator: str
    occurrence: int
    """Which of the places in the file that the operator can change."""

    @property
    def place(self) -> tuple[str, int, int, str]:
        """Where it is, and what is changed there: ``Add`` is, whether to ``Sub`` or to ``Mul``."""
        return self.path, self.line, self.column, "_".join(self.operator.split("_")[:2])

    def key(self, text: str) -> str:
        """Return what names it for as long as its file has this text."""
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"{self.path} {digest} {self.operator} {self.occurrence}"


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Why some faults are left alone."""

    operator: str
    """A pattern of operators."""
    path: str = "*"
    line: str = "*"
    """A pattern of the line that is changed, without the spaces around it."""
    reason: str


def read_faults(session: Path) -> list[Fault]:
    """Read what ``cosmic-ray init`` wrote down."""
    query = "select module_path, start_pos_row, start_pos_col, operator_name, occurrence from mutation_specs"
    with closing(sqlite3.connect(session)) as database:
        return [
            Fault(path=path, line=line, column=column, operator=operator.removeprefix("core/"), occurrence=occurrence)
            for path, line, column, operator, occurrence in database.execute(query)
        ]


def read_exemptions() -> list[Exemption]:
    """Read the table of what is left alone."""
    return [Exemption(**entry) for entry in tomllib.loads(LEFT_ALONE.read_text(encoding="utf-8"))["left_alone"]]


def reason_to_leave_alone(fault: Fault, text: str, exemptions: Iterable[Exemption]) -> str | None:
    """Return why a fault in a file with this text is left alone, or None where it should be noticed."""
    line = text.splitlines()[fault.line - 1].strip()
    for exemption in exemptions:
        patterns = (exemption.operator, exemption.path, _literal(exemption.line))
        if all(fnmatch.fnmatchcase(*pair) for pair in zip((fault.operator, fault.path, line), patterns, strict=True)):
            return exemption.reason
    return None


def reason_it_cannot_run(text: str | None) -> str | None:
    """Return why a changed text is no program, or None: noticing that would be no merit of a test."""
    if text is None:
        return "cosmic-ray cannot make it: of an exception that is named with its module"
    try:
        ast.parse(text)
    except SyntaxError:
        return "what cosmic-ray makes of it is no Python, e.g. where a star before arguments is no multiplication"
    return None


def sample(faults: Sequence[Fault], count: int | None, seed: int) -> list[Fault]:
    """Return one fault for each of ``count`` places by chance, in the order of the files.

    One for each, as a ``+`` alone can be changed in eleven ways, most of which any test notices.
    """
    places: Mapping[tuple[str, int, int, str], list[Fault]] = {}
    for fault in sorted(faults, key=lambda each: (each.place, each.operator, each.occurrence)):
        places.setdefault(fault.place, []).append(fault)
    chance = random.Random(seed)  # noqa: S311 (a sample that can be had again)
    chosen = sorted(places) if count is None or count >= len(places) else sorted(chance.sample(sorted(places), count))
    return [chance.choice(places[place]) for place in chosen]


def _literal(pattern: str) -> str:
    """Return a pattern whose brackets stand for themselves; code is full of them."""
    return pattern.replace("[", "[[]")
