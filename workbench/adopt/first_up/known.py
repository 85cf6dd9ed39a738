"""Placeholders of a plan with the values that a Terraform state has for them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from workbench.adopt.first_up.same import LOOKED_UP
from workbench.adopt.model import Pair

_PLACEHOLDER = re.compile(r"\$\{([^${}]+)\}")
_SEGMENT = re.compile(r"\.(\w+)|\[([^\]]*)\]")


class Known:
    """The outputs of the resources that exist, by the names that the program gives them.

    What the program looks up counts as what the state has: only AWS could tell otherwise.
    """

    def __init__(self, pairs: Iterable[Pair], names: Collection[str]) -> None:
        self._names = frozenset(names)
        self._pairs: dict[str, list[Pair]] = {}
        for pair in pairs:
            self._pairs.setdefault(pair.resource.name, []).append(pair)

    def filled(self, value: Any) -> Any:
        """Return a value of the program's with what the state knows; placeholders of what is not there stay."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {name: self.filled(member) for name, member in cast("Mapping[str, Any]", value).items()}
        if isinstance(value, list):
            return [self.filled(member) for member in cast("list[Any]", value)]
        return value

    def _text(self, text: str) -> Any:
        whole = _PLACEHOLDER.fullmatch(text)
        if whole is not None:
            return self._value(whole)
        return _PLACEHOLDER.sub(lambda match: f"{self._value(match)}", text)

    def _value(self, match: "re.Match[str]") -> Any:
        found = self._output(match[1])
        if found is not None:
            return found
        return match[0] if self._is_named(match[1]) else LOOKED_UP

    def _is_named(self, path: str) -> bool:
        return any(path[:at] in self._names for at, letter in enumerate(path) if letter == ".")

    def _output(self, path: str) -> Any:
        """Return the value at ``name.output``; names have dots, too, so that the longest that is known counts."""
        for end in sorted((at for at, letter in enumerate(path) if letter == "."), reverse=True):
            for pair in self._pairs.get(path[:end], ()):
                segments = [member or key for member, key in _SEGMENT.findall(path[end:])]
                if (found := _at(_outputs(pair), segments)) is not None:
                    return found
        return None


def _outputs(pair: Pair) -> Mapping[str, Any]:
    own = {"id": pair.found.instance.attributes.get("id")}
    return {**own, **pair.found.properties}


def _at(value: Any, segments: Sequence[str]) -> Any:
    for segment in segments:
        if isinstance(value, Mapping):
            value = cast("Mapping[str, Any]", value).get(segment)
        elif isinstance(value, list):
            value = _member(cast("list[Any]", value), segment)
        else:
            return None
    return value


def _member(values: list[Any], key: str) -> Any:
    """Return a list's member by its position, or by a value that it holds, such as the domain of a validation."""
    if key.isdigit():
        return values[int(key)] if int(key) < len(values) else None
    holding = (cast("Mapping[str, Any]", value) for value in values if isinstance(value, Mapping))
    return next((value for value in holding if key in value.values()), None)
