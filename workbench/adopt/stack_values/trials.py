"""The search for the settings that make the first update empty, by trying them.

A setting that may be what a property comes from is given the state's value in a copy of the stack file, and the program
is evaluated: what the property is then tells. Nothing has to be known of the program. Several settings are tried in one
evaluation, those of different properties.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.adopt.stack_values.candidates import Candidate, Difference, candidates, of_tags
from workbench.adopt.stack_values.settings import Path, at, settings, with_values
from workbench.errors import OperatorError

Values = Mapping[str, Any]
Trial = Callable[[Values], Sequence[Difference]]
"""Evaluates the program with other values of the structured key, and returns in what it then differs from the state."""

_FRUITLESS_ROUNDS = 2
"""After so many in a row that settled nothing the likelihood of the settings that are left is small."""
_MOST_EVALUATIONS = 40
"""In all, where several together made something else differ and are tried in halves."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A setting with the value that makes properties what they are."""

    path: Path
    before: Any
    value: Any
    settles: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class StackValues:
    """The values to be written into the stack file, and what none of them can say."""

    found: tuple[Found, ...]
    unsaid: tuple[Difference, ...]
    refused: Mapping[Path, str]
    """The settings that could say it, did the config take the state's value, and what it answers."""
    evaluations: int


@dataclass
class _Search:
    values: Values
    trial: Trial
    given: Mapping[Path, Any]
    left: list[Difference]
    seen: frozenset[tuple[str, str]]
    accepted: dict[Path, Any] = field(default_factory=dict[Path, Any])
    found: list[Found] = field(default_factory=list[Found])
    refused: dict[Path, str] = field(default_factory=dict[Path, str])
    evaluations: int = 0


def search(
    values: Values, differences: Sequence[Difference], trial: Trial, *, given: Values | None = None
) -> StackValues:
    """Return the values of the structured key that settle differences.

    ``given`` are values that the program itself derives from the state, by dotted path: they are tried first.
    """
    own = {tuple(path.split(".")): value for path, value in (given or {}).items()}
    run = _Search(values, trial, own, list(differences), frozenset(one.key for one in differences))
    if own:
        _try(run, dict(own), {path: list(differences) for path in own})
    known = list(settings(values))
    waiting = {one.key: candidates(one, known) for one in run.left}
    for path, (value, reasons) in of_tags(run.left, known).items():
        _try(run, {path: value}, {path: reasons})
    fruitless = 0
    while fruitless < _FRUITLESS_ROUNDS:
        chosen, reasons = _next(run, waiting)
        if not chosen:
            break
        before = len(run.found)
        _try(run, chosen, reasons)
        fruitless = fruitless + 1 if len(run.found) == before else 0
    if run.found:
        # What was tried beside a setting may have settled something, and is not kept.
        run.evaluations += 1
        still = {one.key for one in trial(with_values(values, run.accepted))}
        run.left = [one for one in differences if one.key in still]
    return StackValues(found=tuple(run.found), unsaid=tuple(run.left), refused=run.refused, evaluations=run.evaluations)


def _next(
    run: _Search, waiting: Mapping[tuple[str, str], list[Candidate]]
) -> tuple[dict[Path, Any], dict[Path, list[Difference]]]:
    """Return the likeliest setting of each difference that has one left; two never ask for the same one."""
    chosen: dict[Path, Any] = {}
    reasons: dict[Path, list[Difference]] = {}
    for difference in run.left:
        queue = waiting.get(difference.key, [])
        while queue:
            candidate = queue[0]
            path = candidate.path
            if path in run.accepted or path in run.refused or _overlaps(path, chosen):
                queue.pop(0)
            elif path in chosen and chosen[path] != candidate.value:
                break
            else:
                queue.pop(0)
                chosen[path] = candidate.value
                reasons.setdefault(path, []).append(difference)
                break
    return chosen, reasons


def _overlaps(path: Path, chosen: Iterable[Path]) -> bool:
    return any(path != other and (path[: len(other)] == other or other[: len(path)] == path) for other in chosen)


def _try(run: _Search, chosen: dict[Path, Any], reasons: Mapping[Path, Sequence[Difference]]) -> None:
    """Try settings together, and in parts where one of them is refused or makes something differ that was the same."""
    if not chosen or run.evaluations >= _MOST_EVALUATIONS:
        return
    run.evaluations += 1
    try:
        after = run.trial(with_values(run.values, {**run.accepted, **chosen}))
    except OperatorError as error:
        _refuse(run, chosen, reasons, f"{error}".splitlines())
        return
    made = [one for one in after if one.key not in run.seen]
    if not made:
        _accept(run, {path: value for path, value in chosen.items() if _settled(reasons[path], after)}, reasons, after)
    elif len(chosen) > 1:
        _try_parts(run, chosen, _suspects(chosen, made), reasons)
    else:
        (path,) = chosen
        if _settled(reasons[path], after):
            run.refused[path] = f"{made[0].shown} would then differ"


def _suspects(chosen: Mapping[Path, Any], made: Iterable[Difference]) -> list[Path]:
    """Return the settings whose value is what a property is now wanted to be that was the same before."""
    wanted = {_comparable(one.wanted) for one in made}
    return [path for path, value in chosen.items() if _comparable(value) in wanted]


def _comparable(value: Any) -> str:
    return json.dumps(value, sort_keys=True).strip('"')


def _try_parts(
    run: _Search, chosen: Mapping[Path, Any], apart: Sequence[Path], reasons: Mapping[Path, Sequence[Difference]]
) -> None:
    """Try the settings that are not to be kept apart, then the others; in halves where that tells nothing apart."""
    if len(apart) in {0, len(chosen)}:
        apart = list(chosen)[len(chosen) // 2 :]
    _try(run, {path: value for path, value in chosen.items() if path not in apart}, reasons)
    _try(run, {path: chosen[path] for path in apart}, reasons)


def _refuse(
    run: _Search, chosen: dict[Path, Any], reasons: Mapping[Path, Sequence[Difference]], lines: Sequence[str]
) -> None:
    """Leave out the settings that the config refuses by their names, and go on with the others."""
    named = {path: line for path in chosen for line in lines if _names(line, path)}
    if not named and len(chosen) > 1:
        _try_parts(run, chosen, (), reasons)
        return
    for path in named or chosen:
        run.refused[path] = named.get(path, lines[0])
    _try(run, {path: value for path, value in chosen.items() if path not in run.refused}, reasons)


def _names(line: str, path: Path) -> bool:
    return f".{'.'.join(path)}:" in line or f".{'.'.join(path)}." in line


def _settled(reasons: Sequence[Difference], after: Sequence[Difference]) -> list[Difference]:
    still = {one.key for one in after}
    return [one for one in reasons if one.key not in still]


def _accept(
    run: _Search,
    taken: Mapping[Path, Any],
    reasons: Mapping[Path, Sequence[Difference]],
    after: Sequence[Difference],
) -> None:
    for path, value in taken.items():
        run.accepted[path] = value
        run.found.append(
            Found(path=path, before=at(run.values, path), value=value, settles=tuple(_settled(reasons[path], after)))
        )
    still = {one.key for one in after}
    if taken:
        run.left = [one for one in run.left if one.key in still]
