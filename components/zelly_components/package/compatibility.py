"""The changes of a schema that break somebody's program."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]


def breaking_changes(before: Document, after: Document) -> Iterator[str]:
    """Yield a line for each change that breaks a program, with whose."""
    for token, old in before["resources"].items():
        new = after["resources"].get(token)
        if new is None:
            yield f"{token}: is gone: breaks every program that has one; what stands has to be known by an alias"
            continue
        inputs = _inputs(old["inputProperties"], new["inputProperties"], old["requiredInputs"], new["requiredInputs"])
        yield from (f"{token}: {line}" for line in inputs)
        yield from (f"{token}: {line}" for line in _outputs(old, new))
    for token, old in before["types"].items():
        new = after["types"].get(token)
        if new is None:
            yield f"{token}: is gone: breaks programs that name the type"
        elif "enum" in old:
            gone = [value for value in _values(old) if value not in _values(new)]
            yield from (f"{token}: {value} is gone: breaks programs that give it" for value in gone)
        else:
            inputs = _inputs(old["properties"], new["properties"], old["required"], new["required"])
            yield from (f"{token}: {line}" for line in inputs)


def unannounced(before: Document, after: Document) -> Iterator[str]:
    """Yield a line for each change that breaks a program and is no new release's that may: see semantic versioning."""
    if _series(after) == _series(before):
        yield from breaking_changes(before, after)


def _series(schema: Document) -> tuple[str, ...]:
    """Return the part of the version within which nothing breaks: below 1.0 the second number is of it, too."""
    major, minor, _ = schema["version"].split(".")
    return (major, minor) if major == "0" else (major,)


def _inputs(old: Document, new: Document, required_before: Iterable[str], required_now: Iterable[str]) -> Iterator[str]:
    for key, property_ in old.items():
        if key not in new:
            yield f"input {key} is gone: breaks programs that give it"
        elif _type(property_) != _type(new[key]):
            yield f"input {key} has another type: breaks programs that give it"
        elif new[key].get("plain", False) and not property_.get("plain", False):
            yield f"input {key} takes no Output any more: breaks programs that give it one"
    for key in required_now:
        if key not in required_before:
            yield f"input {key} is required now: breaks programs that leave it out"


def _outputs(old: Document, new: Document) -> Iterator[str]:
    for key, property_ in old["properties"].items():
        if key not in new["properties"]:
            yield f"output {key} is gone: breaks programs that read it"
        elif _type(property_) != _type(new["properties"][key]):
            yield f"output {key} has another type: breaks programs that read it"
        elif key in old["required"] and key not in new["required"]:
            yield f"output {key} may be absent now: breaks programs that rely on it"


def _type(property_: Document) -> Document:
    """Return the type of a property without its description, and without whether an Output may be given."""
    nested = {key: _type(property_[key]) for key in ("items", "additionalProperties") if key in property_}
    return {key: property_[key] for key in ("type", "$ref", "oneOf") if key in property_} | nested


def _values(choice: Document) -> list[str]:
    return [each["value"] for each in choice["enum"]]
