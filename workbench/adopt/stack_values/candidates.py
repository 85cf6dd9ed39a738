"""Settings that may be what a property comes from, the likeliest first."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from workbench.adopt.stack_values.settings import Path, Setting
from workbench.providers.changes import parsed

_TELLING = 4
"""Characters from which a text is looked for inside of longer ones."""
_COMMON = frozenset({"aws", "this", "main", "of", "the", "config", "settings"})


@dataclass(frozen=True)
class Difference:
    """One property that the program wants otherwise than it is."""

    urn: str
    address: str
    path: str
    found: Any
    """As the state has it; None where it has none."""
    wanted: Any
    """As the program gives it; None where it gives none."""

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by in every evaluation."""
        return self.urn, self.path

    @property
    def shown(self) -> str:
        """The property and whose it is, by Terraform's address."""
        return f"{self.address}: {self.path}"


@dataclass(frozen=True)
class Candidate:
    """A setting, and the value with which the property may be what it is."""

    path: Path
    value: Any


def candidates(difference: Difference, known: Iterable[Setting]) -> list[Candidate]:
    """Return what is worth a trial."""
    words = _words(f"{difference.urn.rpartition('::')[2]} {difference.urn.rpartition(':')[0]} {difference.path}")
    own = _words(difference.path)
    ranked: list[tuple[int, int, Candidate]] = []
    for number, setting in enumerate(known):
        value = _value(difference, setting)
        if value is None or value == setting.value:
            continue
        shared = len(words & _words(" ".join(setting.path))) + 3 * len(own & _words(setting.path[-1]))
        if shared or not _is_common(setting.value):
            ranked.append((-shared, number, Candidate(path=setting.path, value=value)))
    return [candidate for *_, candidate in sorted(ranked, key=lambda one: one[:2])]


def _is_common(value: Any) -> bool:
    """Tell whether a value is everywhere, so that having it says nothing."""
    return value is None or isinstance(value, bool) or (isinstance(value, int) and value < 100)


def _value(difference: Difference, setting: Setting) -> Any:
    """Return the setting's value that fits the property, or None where the two have nothing in common."""
    found, wanted, present = difference.found, difference.wanted, setting.value
    if isinstance(present, Mapping):
        return _mapping(difference, cast("Mapping[str, str]", present))
    if isinstance(present, list):
        return _list(found, wanted, cast("list[Any]", present))
    if isinstance(found, Mapping | list) or found is None:
        return None
    if present is None or _text(present) == _text(wanted):
        return _like(found, present)
    if isinstance(present, str) and isinstance(wanted, str) and len(present) >= _TELLING and present in wanted:
        return _inside(f"{found}", wanted, present)
    return None


def _list(found: Any, wanted: Any, present: list[Any]) -> list[Any] | None:
    """Return a list's other members, where it is the property's in whatever order."""
    if not isinstance(wanted, list) or not isinstance(found, list):
        return None
    is_same = sorted(map(str, present)) == sorted(map(str, cast("list[Any]", wanted)))
    return cast("list[Any]", found) if is_same else None


def _mapping(difference: Difference, present: Mapping[str, str]) -> Any:
    """Return a mapping, such as one of tags, with one member more, less or otherwise."""
    path = parsed(difference.path)
    if len(path) != 2 or path[0] not in ("tags", "parameters"):
        return None
    key = f"{path[1]}"
    if difference.found is None:
        return {name: value for name, value in present.items() if name != key} if key in present else None
    return {**present, key: f"{difference.found}"}


def _inside(found: str, wanted: str, present: str) -> str | None:
    """Return what stands in the place of a part of a text, where all around it is the same."""
    before, _, after = wanted.partition(present)
    is_around = found.startswith(before) and found.endswith(after) and len(found) > len(before) + len(after)
    return found[len(before) : len(found) - len(after)] if is_around else None


def _like(found: Any, present: Any) -> Any:
    """Return a value of the same type as the setting's; the state writes many numbers as texts."""
    if isinstance(present, bool):
        return {"true": True, "false": False}.get(_text(found))
    if isinstance(present, int) and re.fullmatch(r"-?\d+", _text(found)):
        return int(_text(found))
    if isinstance(present, float):
        return float(found) if re.fullmatch(r"-?[\d.]+", _text(found)) else None
    return f"{found}" if isinstance(present, str) else found


def _text(value: Any) -> str:
    return f"{value}".lower() if isinstance(value, bool) else f"{value}"


def _words(text: str) -> frozenset[str]:
    return frozenset(_split(text)) - _COMMON


def _split(text: str) -> Iterator[str]:
    for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", text):
        yield part.lower().removesuffix("s")
