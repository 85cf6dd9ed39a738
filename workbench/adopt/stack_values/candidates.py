"""Settings that may be what a property comes from, the likeliest first."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from workbench.adopt.stack_values.settings import Path, Setting
from workbench.providers.changes import parsed

_NOTHING = object()
_INPUT_AND_KEY = 2
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
        if value is _NOTHING or value == setting.value:
            continue
        named = len(own & _words(setting.path[-1]))
        shared = len(words & _words(" ".join(setting.path))) + 3 * named
        # A setting that says nothing yet may say anything: it has to be called like the property.
        if (shared and (named or setting.value is not None)) or not _is_common(setting.value):
            ranked.append((-shared, number, Candidate(path=setting.path, value=value)))
    return [candidate for *_, candidate in sorted(ranked, key=lambda one: one[:2])]


def _is_common(value: Any) -> bool:
    """Tell whether a value is everywhere, so that having it says nothing."""
    return value is None or isinstance(value, bool) or (isinstance(value, int) and value < 100)


def _value(difference: Difference, setting: Setting) -> Any:
    """Return the setting's value that fits the property; ``_NOTHING`` where the two have nothing in common."""
    found, wanted, present = difference.found, difference.wanted, setting.value
    if isinstance(present, list):
        return _list(found, wanted, cast("list[Any]", present))
    if isinstance(present, Mapping) or isinstance(found, Mapping | list) or _tag(difference) is not None:
        return _NOTHING
    is_same = present is not None and _text(present) == _text(wanted)
    if found is None:
        return None if is_same else _NOTHING
    return _like(found, present) if present is None or is_same else _inside(f"{found}", wanted, present)


def _list(found: Any, wanted: Any, present: list[Any]) -> Any:
    """Return a list's other members, where it is the property's in whatever order."""
    if not isinstance(wanted, list) or not isinstance(found, list):
        return _NOTHING
    is_same = sorted(map(str, present)) == sorted(map(str, cast("list[Any]", wanted)))
    return cast("list[Any]", found) if is_same else _NOTHING


def of_tags(
    differences: Sequence[Difference], known: Iterable[Setting]
) -> Mapping[Path, tuple[dict[str, str], list[Difference]]]:
    """Return each mapping of tags with the tags that resources have, where all that have one have the same.

    A tag that says who manages the resource is left out: it is no longer Terraform.
    """
    tagged = [one for one in differences if _tag(one) is not None]
    found: dict[str, set[str]] = {}
    for one in tagged:
        found.setdefault(f"{_tag(one)}", set()).add("" if one.found is None else f"{one.found}")
    # What the program tags by itself can be no setting, in whatever case it is written.
    own = {f"{_tag(one)}".lower() for one in tagged if one.found is None}
    common = {key: next(iter(values)) for key, values in found.items() if len(values) == 1}
    taken = {key: value for key, value in common.items() if value.lower() != "terraform"}
    found_settings: dict[Path, tuple[dict[str, str], list[Difference]]] = {}
    for setting in known:
        if setting.path[-1] == "tags" and isinstance(setting.value, Mapping):
            present = cast("Mapping[str, str]", setting.value)
            programs = own - {key.lower() for key in present}
            tags = _with_tags(present, {key: value for key, value in taken.items() if key.lower() not in programs})
            if tags != present:
                found_settings[setting.path] = (tags, tagged)
    return found_settings


def _with_tags(present: Mapping[str, str], taken: Mapping[str, str]) -> dict[str, str]:
    """Return tags with those that resources have; an empty one is a tag that none has."""
    kept = {key: value for key, value in present.items() if taken.get(key) != ""}
    return {**kept, **{key: value for key, value in taken.items() if value}}


def _tag(difference: Difference) -> str | None:
    path = parsed(difference.path)
    return f"{path[1]}" if len(path) == _INPUT_AND_KEY and path[0] == "tags" else None


def _inside(found: str, wanted: Any, present: Any) -> Any:
    """Return what stands in the place of a part of a text, where all around it is the same."""
    if not isinstance(present, str) or not isinstance(wanted, str) or len(present) < _TELLING or present not in wanted:
        return _NOTHING
    before, _, after = wanted.partition(present)
    is_around = found.startswith(before) and found.endswith(after) and len(found) > len(before) + len(after)
    return found[len(before) : len(found) - len(after)] if is_around else _NOTHING


def _like(found: Any, present: Any) -> Any:
    """Return a value of the same type as the setting's; the state writes many numbers as texts."""
    if isinstance(present, bool):
        return {"true": True, "false": False}.get(_text(found), _NOTHING)
    if isinstance(present, int) and re.fullmatch(r"-?\d+", _text(found)):
        return int(_text(found))
    if isinstance(present, float):
        return float(found) if re.fullmatch(r"-?[\d.]+", _text(found)) else _NOTHING
    return f"{found}" if isinstance(present, str) else found


def _text(value: Any) -> str:
    return f"{value}".lower() if isinstance(value, bool) else f"{value}"


def _words(text: str) -> frozenset[str]:
    return frozenset(_split(text)) - _COMMON


def _split(text: str) -> Iterator[str]:
    for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", text):
        yield part.lower().removesuffix("s")
