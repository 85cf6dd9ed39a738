"""The secrets of a program, as it describes them to its tools: plain data, and no value."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The secrets of a program, by their names in Secrets Manager with their JSON keys."""

    prefix: str
    """How the names of all of them begin."""
    application: Mapping[str, tuple[str, ...]]
    """Those whose values operators set."""
    own: Mapping[str, tuple[str, ...]]
    """Those whose values the program makes and replaces."""
    hosts: Mapping[str, str]
    """The hosts, and whatever else is no service of the program's, that read a secret: no task definition shows it."""
    once: frozenset[str] = frozenset()
    """Those that only the stack has that owns what the account has once."""

    def operators(self, *, is_owner: bool) -> Mapping[str, tuple[str, ...]]:
        """Return the secrets of one stack whose values operators set."""
        return self._of_stack(self.application, is_owner=is_owner)

    def programs(self, *, is_owner: bool) -> Mapping[str, tuple[str, ...]]:
        """Return the secrets of one stack whose values the program makes."""
        return self._of_stack(self.own, is_owner=is_owner)

    def _of_stack(self, secrets: Mapping[str, tuple[str, ...]], *, is_owner: bool) -> Mapping[str, tuple[str, ...]]:
        return {name: keys for name, keys in secrets.items() if is_owner or name not in self.once}
