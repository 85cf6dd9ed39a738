"""Sources of a row's reading that many services share."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import jmespath

from workbench.sandbox.making.making import Existing

_MADE_OF_A_PREFIX = re.compile(r"(.*)[0-9a-f]{26}")


def or_empty(member: str) -> Callable[[Existing], Any]:
    """Return a source that is an empty text where the answer has no such member: it may have been taken away."""
    return lambda existing: jmespath.search(member, existing.result) or ""


def document(member: str) -> Callable[[Existing], str]:
    """Return a source for a policy, which botocore reads into a structure and the provider has as text."""

    def read(existing: Existing) -> str:
        found: Any = existing.result[member]
        return found if isinstance(found, str) else json.dumps(found)

    return read


def name_prefix(member: str) -> Callable[[Existing], str | None]:
    """Return a source for the ``namePrefix``: the beginning of a name that the provider made of one.

    As in the provider's ``NamePrefixFromName`` (terraform-provider-aws, ``internal/create/naming.go``).
    """

    def read(existing: Existing) -> str | None:
        found = _MADE_OF_A_PREFIX.fullmatch(existing.result[member])
        return None if found is None else found[1]

    return read


def asked(operation: str, path: str, /, **parameters: str) -> Callable[[Existing], Any]:
    """Return a source that asks another operation; each parameter is a JMESPath into what is described.

    A path that begins with ``id`` is the resource's id.
    """

    def read(existing: Existing) -> Any:
        values: Mapping[str, Any] = {
            name: existing.id if source == "id" else jmespath.search(source, existing.result)
            for name, source in parameters.items()
        }
        return jmespath.search(path, existing.call(operation, **values))

    return read


def asked_for_one(operation: str, path: str, member: str, source: str = "id") -> Callable[[Existing], Any]:
    """Return a source as :func:`asked` does, for an operation that takes a list of what it is asked about."""

    def read(existing: Existing) -> Any:
        value: Any = existing.id if source == "id" else jmespath.search(source, existing.result)
        return jmespath.search(path, existing.call(operation, **{member: [value]}))

    return read
