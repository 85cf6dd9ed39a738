"""Composite alarms over time: which of them act when the alarms of their rules change, as CloudWatch documents it.

"Suppressing composite alarm actions" (CloudWatch User Guide): an alarm acts when its state changes; while its
suppressor rings it does not. One that rings while its suppressor does not waits for it first; and once the suppressor
is over it waits again, and acts if it still rings then.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_NAMED = re.compile(r'ALARM\("([^"]+)"\)')
_RULE = re.compile(r'ALARM\("[^"]+"\)(?: OR ALARM\("[^"]+"\))*')


@dataclass(frozen=True, kw_only=True)
class Suppressor:
    """The alarm that keeps a composite alarm from acting."""

    alarm: str
    wait_seconds: int
    extension_seconds: int


@dataclass(frozen=True, kw_only=True)
class Composite:
    """A composite alarm."""

    name: str
    any_of: frozenset[str]
    suppressor: Suppressor | None

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> "Composite":
        """Return it from the provider's inputs; a rule of another form than ours is an error."""
        rule: str = inputs["alarmRule"]
        assert _RULE.fullmatch(rule), rule
        given: Mapping[str, Any] | None = inputs.get("actionsSuppressor")
        suppressor = None
        if given is not None:
            suppressor = Suppressor(
                alarm=given["alarm"], wait_seconds=given["waitPeriod"], extension_seconds=given["extensionPeriod"]
            )
        return cls(name=inputs["alarmName"], any_of=frozenset(_NAMED.findall(rule)), suppressor=suppressor)


@dataclass
class _Memory:
    rings: bool = False
    owes_since: int | None = None
    """When it began to ring, if it has not acted since."""
    suppressed_until: int | None = None


@dataclass
class Timeline:
    """The alarms, second by second."""

    composites: Sequence[Composite]
    ringing: set[str] = field(default_factory=set[str])
    """The alarms that ring by themselves."""
    _memories: dict[str, _Memory] = field(default_factory=dict[str, _Memory])
    _now: int = 0

    def run(self, changes: Iterable[tuple[int, str, bool]], *, until: int) -> list[tuple[int, str]]:
        """Return when each composite alarm acted because it began to ring: (second, name).

        ``changes`` are (second, alarm, whether it rings from then on), in any order.
        """
        by_second: dict[int, list[tuple[str, bool]]] = {}
        for second, alarm, rings in changes:
            by_second.setdefault(second, []).append((alarm, rings))
        acted: list[tuple[int, str]] = []
        for self._now in range(until + 1):
            for alarm, rings in by_second.get(self._now, ()):
                (self.ringing.add if rings else self.ringing.discard)(alarm)
            acted += [(self._now, each.name) for each in self.composites if self._acts(each)]
        return acted

    def _acts(self, composite: Composite) -> bool:
        memory = self._memories.setdefault(composite.name, _Memory())
        began = self._rings(composite.name) and not memory.rings
        memory.rings = self._rings(composite.name)
        if began:
            memory.owes_since = self._now
        if not memory.rings:
            memory.owes_since = None
        if self._is_suppressed(composite, memory) or memory.owes_since is None:
            return False
        memory.owes_since = None
        return True

    def _is_suppressed(self, composite: Composite, memory: _Memory) -> bool:
        suppressor = composite.suppressor
        if suppressor is None:
            return False
        if self._rings(suppressor.alarm):
            memory.suppressed_until = self._now + suppressor.extension_seconds
            return True
        if memory.suppressed_until is not None and self._now < memory.suppressed_until:
            return True
        return memory.owes_since is not None and self._now - memory.owes_since < suppressor.wait_seconds

    def _rings(self, name: str) -> bool:
        composite = next((each for each in self.composites if each.name == name), None)
        return name in self.ringing if composite is None else bool(composite.any_of & self.ringing)
