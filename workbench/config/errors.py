"""Errors of a config as lines for an operator: where, what came, what is allowed."""

import difflib
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from workbench.errors import OperatorError
from zelly_components.limits.errors import LimitError

_LONGEST_VALUE = 60

Schema = Mapping[str, Any]


Model = TypeVar("Model", bound=BaseModel)


def parse_config(model: type[Model], text: str, *, key: str, source: str) -> Model:
    """Return the config in a JSON text.

    ``key`` is what it stands under in its file, and ``source`` that file, both for the error's lines.

    Raises:
        OperatorError: one line for every value that is wrong.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        found = cast(Sequence[Mapping[str, Any]], error.errors(include_url=False))
        schemas = Schemas(model)
        lines = [_line(item, key, schemas) for item in found if not _is_echo(item, found)]
        raise OperatorError(*(f"{source}: {line}" for line in lines)) from None


def _is_echo(item: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a list is only called too short because one of its items was refused."""
    location = tuple(item["loc"])
    return item["type"] == "too_short" and any(
        len(other["loc"]) > len(location) and tuple(other["loc"])[: len(location)] == location for other in found
    )


def _line(item: Mapping[str, Any], key: str, schemas: "Schemas") -> str:
    location = tuple(part for part in item["loc"] if part != "[key]")
    path = ".".join([key, *(_printable(str(part)) for part in location)])
    kind: str = item["type"]
    message = str(item["msg"]).removeprefix("Value error, ")
    if kind == "json_invalid":
        return f"{key}: came {_shown(item['input'])}; {schemas.describe(schemas.root)} is required"
    if kind == "missing":
        return f"{path}: missing; required: {schemas.allowed(location)}"
    if kind == "extra_forbidden":
        return f"{path}: unknown key; allowed: {schemas.siblings(location)}"
    if kind == "value_error" and isinstance(item["input"], Mapping):
        # A check between fields speaks of them itself, beginning with the field's name.
        return f"{path}.{_between_fields(item['ctx']['error'], message)}"
    if kind == "value_error" and message.endswith(" allowed"):
        return f"{path}: came {_shown(item['input'])}; {message}"
    return f"{path}: came {_shown(item['input'])}; allowed: {schemas.allowed(location)}"


def _between_fields(error: Exception, message: str) -> str:
    if isinstance(error, LimitError):
        # A component's rule knows the field's name and not its place in the file.
        return f"{error.field}: {error.came}; allowed: {error.allowed}"
    return message


def _printable(key: str) -> str:
    # A key may hold anything, a line break too.
    return key if key.isprintable() else json.dumps(key)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    if "PRIVATE KEY" in text:
        return "a private key (not shown)"
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


_TYPES: Mapping[str, str] = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "a text",
}


class Schemas:
    """The JSON schema of a model, read by location and put into words."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.root = _schema(model)

    def at(self, location: Sequence[str | int]) -> Schema:
        """Return the schema of a location, through properties, the values of mappings and the items of lists.

        Where null is allowed too, it is the other schema's.
        """
        schema = self.root
        for part in location:
            schema = self._structure(self.resolved(schema))
            schema = schema.get("properties", {}).get(part) or item_schema(schema)
        return self.resolved(schema)

    def has(self, path: str) -> bool:
        """Tell whether a dotted path exists."""
        return bool(self.at(path.split(".")))

    def resolved(self, schema: Schema) -> Schema:
        """Return the schema that a schema refers to, or itself."""
        reference: str | None = schema.get("$ref")
        return schema if reference is None else self.root["$defs"][reference.rsplit("/", 1)[1]]

    def allowed(self, location: Sequence[str | int]) -> str:
        """Return in words the values that are allowed at a location."""
        return self.describe(self.at(location))

    def siblings(self, location: Sequence[str | int]) -> str:
        """Return the keys that are allowed where an unknown one stands, with the one that was probably meant."""
        names = list(self._structure(self.at(location[:-1])).get("properties", {}))
        close = difflib.get_close_matches(str(location[-1]), names, n=1)
        return ", ".join(names) + (f" (did you mean {close[0]}?)" if close else "")

    def describe(self, schema: Schema) -> str:
        """Return in words the values that a schema allows."""
        schema = self.resolved(schema)
        if "anyOf" in schema:
            return " or ".join(self.describe(option) for option in schema["anyOf"])
        return next(in_words(schema[keyword]) for keyword, in_words in _DESCRIPTIONS if keyword in schema)

    def _structure(self, schema: Schema) -> Schema:
        """Return the option of a schema that is not null."""
        options: Sequence[Schema] = schema.get("anyOf", [schema])
        return next(self.resolved(option) for option in options if option.get("type") != "null")


@functools.cache
def _schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def item_schema(schema: Schema) -> Schema:
    """Return the schema of a list's items or a mapping's values, also of one whose keys have to fit a pattern."""
    by_pattern: Mapping[str, Schema] = schema.get("patternProperties", {})
    return next(iter(by_pattern.values()), schema.get("additionalProperties") or schema.get("items", {}))


_FORMATS: Mapping[str, str] = {
    "date": 'a date in quotes, e.g. "2026-11-30"',
    "ipv4": "an IPv4 address",
    "ipv4network": "an IPv4 range",
}

_DESCRIPTIONS: Sequence[tuple[str, Callable[[Any], str]]] = (
    ("properties", lambda properties: f"a mapping with {', '.join(properties)}"),
    ("description", str),
    ("enum", lambda values: " or ".join(str(value) for value in values)),
    ("format", lambda name: _FORMATS[name]),
    ("type", lambda name: _TYPES[name]),
)
"""The words for a schema that is no choice, by the first of these keywords that it has."""
