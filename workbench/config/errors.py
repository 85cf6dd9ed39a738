"""Turns what pydantic found into lines for an operator: where, what came, what is allowed."""

import difflib
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from workbench.errors import OperatorError
from zelly_infra.config import EnvironmentConfig

KEY = "zelly:env"

_LONGEST_VALUE = 60

Schema = Mapping[str, Any]


def parse_environment(text: str, *, source: str) -> EnvironmentConfig:
    """Return the environment config in a JSON text; ``source`` is the file it came from, for the error's lines.

    Raises:
        OperatorError: one line for every value that is wrong.
    """
    try:
        return EnvironmentConfig.model_validate_json(text)
    except ValidationError as error:
        found = cast(Sequence[Mapping[str, Any]], error.errors(include_url=False))
        raise OperatorError(*(f"{source}: {_line(item)}" for item in found if not _is_echo(item, found))) from None


def _is_echo(item: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a list is only called too short because one of its items was refused."""
    location = tuple(item["loc"])
    return item["type"] == "too_short" and any(
        len(other["loc"]) > len(location) and tuple(other["loc"])[: len(location)] == location for other in found
    )


def _line(item: Mapping[str, Any]) -> str:
    location = tuple(part for part in item["loc"] if part != "[key]")
    path = ".".join([KEY, *(_printable(str(part)) for part in location)])
    kind: str = item["type"]
    message = str(item["msg"]).removeprefix("Value error, ")
    if kind == "json_invalid":
        return f"{KEY}: came {_shown(item['input'])}; {describe(_root())} is required"
    if kind == "missing":
        return f"{path}: missing; required: {_allowed(location)}"
    if kind == "extra_forbidden":
        return f"{path}: unknown key; allowed: {_siblings(location)}"
    if kind == "value_error" and isinstance(item["input"], Mapping):
        # A check between fields speaks of them itself, beginning with the field's name.
        return f"{path}.{message}"
    if kind == "value_error" and message.endswith(" allowed"):
        return f"{path}: came {_shown(item['input'])}; {message}"
    return f"{path}: came {_shown(item['input'])}; allowed: {_allowed(location)}"


def _printable(key: str) -> str:
    # A key may hold anything, a line break too.
    return key if key.isprintable() else json.dumps(key)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    if "PRIVATE KEY" in text:
        return "a private key (not shown)"
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


@functools.cache
def _root() -> Schema:
    return EnvironmentConfig.model_json_schema()


def _allowed(location: Sequence[str | int]) -> str:
    return describe(schema_at(location))


def _siblings(location: Sequence[str | int]) -> str:
    names = list(_structure(schema_at(location[:-1])).get("properties", {}))
    close = difflib.get_close_matches(str(location[-1]), names, n=1)
    return ", ".join(names) + (f" (did you mean {close[0]}?)" if close else "")


def schema_at(location: Sequence[str | int]) -> Schema:
    """Return the schema of a location, through properties, the values of mappings and the items of lists.

    Where null is allowed too, it is the other schema's.
    """
    schema = _root()
    for part in location:
        schema = _structure(resolved(schema))
        schema = schema.get("properties", {}).get(part) or item_schema(schema)
    return resolved(schema)


def _structure(schema: Schema) -> Schema:
    """Return what a schema is unless it is null."""
    options: Sequence[Schema] = schema.get("anyOf", [schema])
    return next(resolved(option) for option in options if option.get("type") != "null")


def item_schema(schema: Schema) -> Schema:
    """Return the schema of a list's items or a mapping's values, also of one whose keys have to fit a pattern."""
    by_pattern: Mapping[str, Schema] = schema.get("patternProperties", {})
    return next(iter(by_pattern.values()), schema.get("additionalProperties") or schema.get("items", {}))


def resolved(schema: Schema) -> Schema:
    """Return what a schema refers to, or itself."""
    reference: str | None = schema.get("$ref")
    return schema if reference is None else _root()["$defs"][reference.rsplit("/", 1)[1]]


_TYPES: Mapping[str, str] = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "a text",
}

_DESCRIPTIONS: Sequence[tuple[str, Callable[[Any], str]]] = (
    ("anyOf", lambda options: " or ".join(describe(option) for option in options)),
    ("properties", lambda properties: f"a mapping with {', '.join(properties)}"),
    ("description", str),
    ("enum", lambda values: " or ".join(str(value) for value in values)),
    ("format", lambda name: {"ipv4": "an IPv4 address", "ipv4network": "an IPv4 range"}[name]),
    ("type", lambda name: _TYPES[name]),
)
"""What to say of a schema, by the first of these keywords that it has."""


def describe(schema: Schema) -> str:
    """Return what a schema allows, as an operator reads it."""
    schema = resolved(schema)
    return next(in_words(schema[keyword]) for keyword, in_words in _DESCRIPTIONS if keyword in schema)
