"""Secrets on the state's side of a comparison: what the program, or Terraform, says is secret is masked there too."""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, cast

from workbench.adopt.model import Instance
from workbench.evaluate.secret_values import MASK
from workbench.providers.changes import Segment, parsed, value_at, written
from workbench.review.plan_document import PlannedResource

_LONG_ENOUGH = 8
"""Characters from which a secret is also looked for inside of longer texts."""


def masked(
    resource: PlannedResource, wanted: Mapping[str, Any], found: Mapping[str, Any], instance: Instance
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the state's inputs without secrets, and a digest for each: the program's own where the secret is its."""
    digests: dict[str, list[str]] = {}
    texts = frozenset(text for path in instance.sensitive for text in _texts(value_at(instance.attributes, path)))
    of_program = {parsed(path): digest for path, digest in resource.secret_digests.items()}

    def walk(path: tuple[Segment, ...], value: Any) -> Any:
        if path in of_program:
            same = value_at(wanted, path) == value
            digests[written(path)] = list(of_program[path]) if same else [secrets.token_hex(16)]
            return MASK
        if isinstance(value, Mapping):
            return {name: walk((*path, name), member) for name, member in cast("Mapping[str, Any]", value).items()}
        if isinstance(value, list):
            return [walk((*path, position), member) for position, member in enumerate(cast("list[Any]", value))]
        if _shows(value, texts) and value_at(wanted, path) != value:
            digests[written(path)] = [secrets.token_hex(16)]
            return MASK
        return value

    return {name: walk((name,), value) for name, value in found.items()}, digests


def _shows(value: Any, texts: frozenset[str]) -> bool:
    if not isinstance(value, str):
        return False
    return value in texts or any(len(text) >= _LONG_ENOUGH and text in value for text in texts)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for member in cast("Mapping[str, Any]", value).values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in cast("list[Any]", value):
            yield from _texts(member)
    elif isinstance(value, str) and value:
        yield value
