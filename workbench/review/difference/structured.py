"""Differences within texts that have a structure: JSON documents item by item, other long texts line by line."""

import difflib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from workbench.counting import counted
from workbench.placeholders import is_placeholder, placeholder_prefix
from workbench.providers.changes import Segment, written
from workbench.review.difference.lines import Line, Sign, value_text

_MOST_TEXT_LINES = 30
_MOST_MEMBERS = 4
"""With more members an item of a list is no longer told in one line."""
_NAMES = ("name", "Name", "Sid", "id", "Id", "key", "Key")
"""By which of its members an item of a list is known, whatever its position."""


def text_lines(path: str, old: str, new: str, renewed: Iterable[str] = ()) -> list[Line] | None:
    """Return what differs between two texts of the input at ``path``; None where they have no structure.

    ``renewed`` are the names of resources whose placeholders stand for other values than before: an item that holds
    one is another one although it is written as before.
    """
    prefixes = [placeholder_prefix(name) for name in renewed]
    before, after = _document(old), _document(new)
    if before is not None and after is not None:
        return list(_Documents(path, prefixes).differences((), before[0], after[0]))
    return list(_text(path, old, new, prefixes)) if "\n" in old and "\n" in new else None


def list_lines(path: str, old: Any, new: Any) -> list[Line] | None:
    """Return what differs between two lists of named items, such as parameters; None for anything else."""
    if not isinstance(old, list) or not isinstance(new, list):
        return None
    if not _shared_name([*cast("list[Any]", old), *cast("list[Any]", new)]):
        return None
    return list(_Documents(path, []).differences((), old, new))


def _document(text: str) -> list[Any] | None:
    """Return what a JSON text holds, in a list of its own; None for any other text."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return [json.loads(text)]
    except ValueError:
        return None


@dataclass(frozen=True)
class _Documents:
    """The differences between two JSON documents that one input holds."""

    path: str
    prefixes: Sequence[str]

    def differences(self, at: tuple[Segment, ...], old: Any, new: Any) -> Iterator[Line]:
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from self._members(at, cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new), self._leaves)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._lists(at, cast("list[Any]", old), cast("list[Any]", new))
        elif old != new:
            yield self._line(Sign.OLD, at, old)
            yield self._line(Sign.NEW, at, new)
        elif self._is_renewed(new):
            yield Line(Sign.NOTE, f"{self._where(at)}: another value of {value_text(new)}")

    def _lists(self, at: tuple[Segment, ...], old: list[Any], new: list[Any]) -> Iterator[Line]:
        name = _shared_name([*old, *new]) if _shared_name(old) != "" and _shared_name(new) != "" else ""
        if name:
            before, after = ({item[name]: item for item in items} for items in (old, new))
            if len(before) == len(old) and len(after) == len(new):
                yield from self._members(at, before, after, self._item)
                return
        if all(isinstance(item, str | int | float) for item in [*old, *new]):
            yield from self._scalars(at, old, new)
            return
        for position in range(max(len(old), len(new))):
            own = (*at, position)
            if position >= len(new):
                yield from self._leaves(Sign.OLD, own, old[position])
            elif position >= len(old):
                yield from self._leaves(Sign.NEW, own, new[position])
            else:
                yield from self.differences(own, old[position], new[position])

    def _members(
        self,
        at: tuple[Segment, ...],
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        whole: Callable[[Sign, tuple[Segment, ...], Any], Iterator[Line]],
    ) -> Iterator[Line]:
        for name in sorted(old.keys() | new.keys()):
            own = (*at, name)
            if name not in new:
                yield from whole(Sign.OLD, own, old[name])
            elif name not in old:
                yield from whole(Sign.NEW, own, new[name])
            else:
                yield from self.differences(own, old[name], new[name])

    def _scalars(self, at: tuple[Segment, ...], old: list[Any], new: list[Any]) -> Iterator[Line]:
        before, after = Counter(old), Counter(new)
        yield from (self._line(Sign.OLD, at, item) for item in (before - after).elements())
        yield from (self._line(Sign.NEW, at, item) for item in (after - before).elements())
        if before == after and old != new:
            yield Line(Sign.NOTE, f"{self._where(at)}: in another order")
        kept = [item for item in new if item in before and self._is_renewed(item)]
        yield from (Line(Sign.NOTE, f"{self._where(at)}: another value of {value_text(item)}") for item in kept)

    def _item(self, sign: Sign, at: tuple[Segment, ...], item: Mapping[str, Any]) -> Iterator[Line]:
        """Yield a whole item of a list: its name and its values, without those that nobody knows yet."""
        *above, name = at
        values = [value for value in item.values() if value != name]
        if len(values) > _MOST_MEMBERS or not all(isinstance(value, str | int | float | bool) for value in values):
            yield from self._leaves(sign, at, item)
            return
        known = [f"{value}" for value in values if not is_placeholder(f"{value}")]
        yield Line(sign, f"{self._where(tuple(above))} → {' '.join([f'{name}', *known])}")

    def _leaves(self, sign: Sign, at: tuple[Segment, ...], value: Any) -> Iterator[Line]:
        if isinstance(value, Mapping) and value:
            for name, member in sorted(cast("Mapping[str, Any]", value).items()):
                yield from self._leaves(sign, (*at, name), member)
        elif isinstance(value, list) and value:
            for position, member in enumerate(cast("list[Any]", value)):
                yield from self._leaves(sign, (*at, position), member)
        else:
            yield self._line(sign, at, value)

    def _line(self, sign: Sign, at: tuple[Segment, ...], value: Any) -> Line:
        return Line(sign, f"{self._where(at)}: {value_text(value)}")

    def _where(self, at: tuple[Segment, ...]) -> str:
        return f"{self.path} → {written(at)}" if at else self.path

    def _is_renewed(self, value: Any) -> bool:
        return isinstance(value, str) and any(prefix in value for prefix in self.prefixes)


def _shared_name(items: Sequence[Any]) -> str | None:
    """Return which member names the items of a list; None for an empty list, and an empty text where none does."""
    if not items:
        return None
    structures = [cast("Mapping[str, Any]", item) for item in items if isinstance(item, Mapping)]
    if len(structures) != len(items):
        return ""
    return next((name for name in _NAMES if all(isinstance(one.get(name), str) for one in structures)), "")


def _text(path: str, old: str, new: str, prefixes: Sequence[str]) -> Iterator[Line]:
    before, after = old.splitlines(), new.splitlines()
    # Two lines of file names are first: a line of the text may begin with dashes, too.
    differing = [
        Line(Sign(line[0]), f"{path} → {value_text(line[1:])}")
        for line in list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
        if not line.startswith("@@")
    ]
    kept = [line for line in after if line in before and any(prefix in line for prefix in prefixes)]
    differing += [Line(Sign.NOTE, f"{path} → another value of {value_text(line)}") for line in kept]
    yield from differing[:_MOST_TEXT_LINES]
    if len(differing) > _MOST_TEXT_LINES:
        yield Line(Sign.NOTE, f"{path} → {counted(len(differing) - _MOST_TEXT_LINES, 'line')} more")
