"""Stale entries of ``adopted.STACK.yaml``: what they name is gone, or would not be replaced."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from workbench.config.adopted import Adopted, adopted_file, keep_adopted
from workbench.errors import OperatorError
from workbench.evaluate import RecordedResource
from workbench.providers.replacement import can_replace

_OBEYING = f"{keep_adopted.__module__}.{keep_adopted.__name__}"


class Evaluated(Protocol):
    """An evaluation, as far as it is looked at here."""

    @property
    def stack(self) -> str:
        """The stack's name."""
        ...

    @property
    def resources(self) -> Sequence[RecordedResource]:
        """What the program registered."""
        ...


def check_adopted(entries: Iterable[Adopted], evaluation: Evaluated) -> None:
    """Refuse entries that nothing is ignored by, or that hide a change which would be made in place.

    Raises:
        OperatorError: with a line for each of them.
    """
    source = adopted_file(evaluation.stack)
    by_name: dict[str, list[RecordedResource]] = {}
    for resource in evaluation.resources:
        if resource.custom:
            by_name.setdefault(resource.name, []).append(resource)
    problems = [
        f"{source}: {entry.resource}: {line}"
        for entry in entries
        for line in _problems(entry, by_name.get(entry.resource, []))
    ]
    if problems:
        raise OperatorError(*problems)


def _problems(entry: Adopted, named: Sequence[RecordedResource]) -> Iterator[str]:
    if not named:
        yield "no such resource in the program (any more); delete the entry"
        return
    for path in entry.properties:
        if not any(can_replace(resource.type, path) in (True, None) for resource in named):
            yield f"{path}: its change replaces nothing; delete it from the entry, and the update makes the change"
        elif not all(path in resource.ignore_changes for resource in named):
            yield f"{path}: the program does not ignore it; before its first resource it has to call {_OBEYING}"
