"""Placeholders: what stands in a plan for a value that only a deployment can tell.

``${vpc.id}`` is the output ``id`` of the resource that is named ``vpc``; an element or a member of a structured output
follows it, as in ``${zone.nameServers[0]}``. ``${ec2/getVpc(1a2b3c).id}`` is looked up by a provider's function, with
the digest of its arguments. In ``${role deployer.arn}`` the kind of what is looked up stands before its name.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, cast

_ANY = re.compile(r"\$\{[^${}]+\}")
_LOOK_UP = re.compile(r"\$\{[\w/]+\([0-9a-f]*\)\.")
_REFERENCE = re.compile(r"\$\{(?P<name>[^${}]+)\.(?P<output>\w+(?:\[\w*\])?)\}")


class Reference(NamedTuple):
    """What a placeholder stands for."""

    name: str
    """The resource's logical name."""
    output: str


def placeholder(name: str, output: str) -> str:
    """Return the placeholder of a resource's output."""
    return f"${{{name}.{output}}}"


def placeholder_prefix(name: str) -> str:
    """Return how the placeholder of any output of a resource of that name begins."""
    return f"${{{name}."


def is_placeholder(value: object) -> bool:
    """Tell whether a value is a placeholder as a whole."""
    return isinstance(value, str) and _ANY.fullmatch(value) is not None


def holds_placeholder(value: object) -> bool:
    """Tell whether a placeholder stands anywhere in a text."""
    return isinstance(value, str) and "${" in value


def holds_look_up(value: object) -> bool:
    """Tell whether a placeholder of something that is looked up stands anywhere in ``value``."""
    if isinstance(value, Mapping):
        return any(map(holds_look_up, cast("Mapping[str, Any]", value).values()))
    if isinstance(value, list):
        return any(map(holds_look_up, cast("list[Any]", value)))
    return isinstance(value, str) and _LOOK_UP.search(value) is not None


def reference(value: object) -> Reference | None:
    """Return what a value that is a placeholder as a whole stands for; None for every other value."""
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return None if match is None else Reference(match["name"], match["output"])


def references(text: str) -> Iterator[Reference]:
    """Yield what the placeholders in a text stand for."""
    return (Reference(match["name"], match["output"]) for match in _REFERENCE.finditer(text))


def without(text: str, stand_in: str) -> str:
    """Return a text with a stand-in in the place of each placeholder."""
    return _ANY.sub(stand_in, text)


def filled(text: str, answer: Callable[[Reference], str | None]) -> str:
    """Return a text with answers in the place of its placeholders; one without an answer stays."""

    def filling(match: "re.Match[str]") -> str:
        found = answer(Reference(match["name"], match["output"]))
        return match[0] if found is None else found

    return _REFERENCE.sub(filling, text)


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return ``value`` with the placeholders of the resources in ``names`` as they are for those names."""
    if isinstance(value, Mapping):
        return {key: renamed(member, names) for key, member in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [renamed(member, names) for member in cast("list[Any]", value)]
    if isinstance(value, str) and "${" in value:
        for name, other in names.items():
            value = value.replace(placeholder_prefix(name), placeholder_prefix(other))
    return value
