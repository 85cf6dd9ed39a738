"""The state's side: its instances in Pulumi's terms, found by what they have."""

from collections.abc import Mapping, Sequence

from workbench.adopt.matching.values import member, scalar, scalars_at
from workbench.adopt.model import Translated


class Estate:
    """The instances of a state. They are told apart by their position."""

    def __init__(self, items: Sequence[Translated]) -> None:
        self.items = items
        self.by_type: dict[str, list[int]] = {}
        for position, item in enumerate(items):
            if item.type:
                self.by_type.setdefault(item.type, []).append(position)
        self._having: dict[tuple[str, str], Mapping[str, Sequence[int]]] = {}
        self._pointing: dict[tuple[str, str], Mapping[str, int]] = {}

    def value(self, item: int, output: str) -> str | None:
        """Return an output of an instance as a text; None where the state does not have it."""
        return scalar(member(self.items[item].properties, output))

    def having(self, type_token: str, output: str, value: str) -> Sequence[int]:
        """Return the instances of a type whose output has a value."""
        key = (type_token, output)
        if key not in self._having:
            found: dict[str, list[int]] = {}
            for item in self.by_type.get(type_token, ()):
                if (own := self.value(item, output)) is not None:
                    found.setdefault(own, []).append(item)
            self._having[key] = found
        return self._having[key].get(value, ())

    def pointing(self, type_token: str, path: str, value: str) -> int:
        """Return how many instances of a type have a value at a path without positions."""
        key = (type_token, path)
        if key not in self._pointing:
            counts: dict[str, int] = {}
            for item in self.by_type.get(type_token, ()):
                for own in set(scalars_at(self.items[item].properties, path)):
                    counts[own] = counts.get(own, 0) + 1
            self._pointing[key] = counts
        return self._pointing[key].get(value, 0)
