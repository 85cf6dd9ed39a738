"""Read a made resource back, as its row says: response to properties, by name, through the SDK's own types."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast, get_args, get_origin

import jmespath

from workbench.sandbox.errors import AwsRefusalError, SandboxError
from workbench.sandbox.making.changing import identity
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.mapping import FLATTENED, plain
from workbench.sandbox.making.schema import is_structure, members, schema
from workbench.sandbox.making.table import Outputs, Read, ResourceRow, Row, Source

_PLACE = re.compile(r"\{(\w+)(\.\.\.)?\}")


@dataclass(frozen=True, kw_only=True)
class Described:
    """A resource as AWS describes it."""

    id: str
    """The provider's."""
    properties: Mapping[str, Any] = field(repr=False)
    """What the answer tells, in the provider's own names."""
    comparable: bool
    """Whether the properties may have changed since it was made."""
    tags: Mapping[str, str] | None
    """All of them; None for a type whose tags are not read."""
    existing: Existing = field(repr=False)
    """The resource, with the described structure as its result."""


def parsed(form: str, identifier: str) -> dict[str, str] | None:
    """Return the parts of an id of a form as ``{cluster}/{name}``; None for one of another form."""
    pattern, end = "", 0
    for place in _PLACE.finditer(form):
        pattern += re.escape(form[end : place.start()]) + f"(?P<{place[1]}>.+{'' if place[2] else '?'})"
        end = place.end()
    found = re.fullmatch(pattern + re.escape(form[end:]), identifier, re.DOTALL)
    return None if found is None else found.groupdict()


def written(form: str, parts: Mapping[str, Any]) -> str:
    """Return the id of such a form that these properties make."""
    return _PLACE.sub(lambda place: f"{parts.get(place[1], '')}", form)


def describe(
    type_token: str, existing: Existing, row: ResourceRow, read: Read, *, compared: Collection[str] | None = None
) -> Described | None:
    """Ask AWS for the resource; None when it is not there.

    No call is spent on a property that is not among ``compared``, if that is given.

    Raises:
        SandboxError: for whatever the API refused.
    """
    service = read.service or existing.service or ""
    parameters = identity(existing, service, read.operation, read.parameters)
    try:
        response = existing.call_on(service, read.operation, **{**read.constants, **parameters})
        answered = replace(existing, result=response)
        structure: Any = _answer(read.result, answered)
        if not structure:
            return None
        found = replace(existing, result=structure if isinstance(structure, Mapping) else {"value": structure})
        found = replace(found, id=existing.id if read.id is None else str(_answer(read.id, found)))
        return Described(
            id=found.id,
            properties=_properties(type_token, found, row, read, compared),
            comparable=not read.unchanging,
            tags=_tags(found, row, read),
            existing=found,
        )
    except AwsRefusalError as error:
        if _is_gone(error):
            return None
        raise


def _is_gone(error: AwsRefusalError) -> bool:
    # A HEAD request has no body that names an error; and moto trips over some things that it does not have.
    return error.is_not_found or error.code == "404" or "KeyError" in f"{error}"


def outputs_of(described: Described, row: ResourceRow, read: Read) -> Outputs:
    """Return the outputs of a resource that somebody else made, beyond what is found by name."""
    # A row's own functions ask for what it is made of.
    existing = replace(described.existing, inputs={**described.existing.outputs, **described.properties})
    sources: dict[str, Source] = {**(row.outputs if isinstance(row, Row) else {}), **read.outputs}
    found: dict[str, Any] = {}
    for name, source in sources.items():
        value: Any = _answer(source, existing)
        if value is not None:
            found[name] = plain(value)
    finished: Outputs = read.finish(existing) if read.finish is not None else {}
    return {**described.properties, **found, **finished}


def inputs_of(type_token: str, state: Mapping[str, Any], row: ResourceRow, read: Read) -> dict[str, Any]:
    """Return the inputs of a resource that somebody else made, as far as they have to be given.

    An input that the provider fills in by itself is none, unless it is the physical name; nor is one whose value says
    nothing.
    """
    of_type = schema(type_token)
    own_name = row.name.property if row.name is not None else None
    return {
        name: value
        for name, value in state.items()
        if name in of_type.required
        or name == own_name
        or (
            name in of_type.inputs - of_type.computed
            and value not in (None, "", 0, False, [], {})
            and value != read.defaults.get(name)
        )
    }


def overlaid(type_token: str, old: Mapping[str, Any], described: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties with what AWS has in the place of each that differs; what says the same stays as it was."""
    types = schema(type_token).properties
    return {
        name: _overlaid(value, described[name], types.get(name)) if name in described else value
        for name, value in old.items()
    }


def _overlaid(old: Any, new: Any, held: Any) -> Any:
    match old, new:
        case dict(), Mapping():
            return _overlaid_map(cast("dict[str, Any]", old), cast("Mapping[str, Any]", new), held)
        case list(), list():
            return _overlaid_list(cast("list[Any]", old), cast("list[Any]", new), held)
        case _:
            return old if is_same(old, new) else cast("object", new)


def _overlaid_map(old: dict[str, Any], new: Mapping[str, Any], held: Any) -> dict[str, Any]:
    if not is_structure(held):
        return old if _is_same_map(old, new) else {**new}
    inner = members(held)
    return {name: _overlaid(value, new[name], inner.get(name)) if name in new else value for name, value in old.items()}


def _overlaid_list(old: list[Any], new: list[Any], held: Any) -> list[Any]:
    """Compare two lists whatever their order: the provider's are mostly sets, and AWS has an order of its own."""
    item: Any = get_args(held)[0] if get_args(held) else None
    left, gone = list(new), list[int]()
    for index, one in enumerate(old):
        match = next((other for other in left if _overlaid(one, other, item) == one), None)
        if match is None:
            gone.append(index)
        else:
            left.remove(match)
    if len(old) == len(new):
        # Those that are left stand for each other.
        return [_overlaid(one, left.pop(0), item) if index in gone else one for index, one in enumerate(old)]
    return [*(one for index, one in enumerate(old) if index not in gone), *left]


def _is_same_map(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return old.keys() == new.keys() and all(is_same(value, new[name]) for name, value in old.items())


def is_same(old: Any, new: Any) -> bool:
    """Tell whether two values say the same: the provider writes many numbers and flags, and all documents, as text."""
    if old == new:
        return True
    if isinstance(old, bool) or isinstance(new, bool):
        return f"{old}".lower() == f"{new}".lower()
    if isinstance(old, str) and isinstance(new, str) and old[:1] in ("{", "["):
        return _document(old) == _document(new)
    try:
        return float(old) == float(new)
    except (TypeError, ValueError):
        return False


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _answer(source: Source, existing: Existing) -> Any:
    return source(existing) if callable(source) else jmespath.search(source, existing.result)


def _tags(existing: Existing, row: ResourceRow, read: Read) -> Mapping[str, str] | None:
    taggable = row.tags is not None if isinstance(row, Row) else row.taggable
    if not taggable or not row.keeps_tags:
        return None
    listed: Any = _answer("Tags || tags || TagList" if read.tags is None else read.tags, existing)
    if isinstance(listed, Mapping):
        return dict(cast("Mapping[str, str]", listed))
    return dict(_pair(tag) for tag in cast("Sequence[Mapping[str, str]]", listed or ()))


def _pair(tag: Mapping[str, str]) -> tuple[str, str]:
    by_name = {name.lower().removeprefix("tag"): value for name, value in tag.items()}
    return by_name["key"], by_name.get("value", "")


def _properties(
    type_token: str, existing: Existing, row: ResourceRow, read: Read, compared: Collection[str] | None
) -> dict[str, Any]:
    renames = {**(row.renames if isinstance(row, Row) else {}), **read.renames}
    types = {
        name: held
        for name, held in schema(type_token).properties.items()
        if name not in read.named and name not in read.unread and name not in ("tags", "tagsAll", "region")
    }
    found = _structure(types, existing.result, renames, "")
    for name, source in read.named.items():
        if compared is not None and (read.unchanging or name not in compared):
            continue
        value: Any = _answer(source, existing)
        if value is not None:
            found[name] = _value(schema(type_token).properties[name], value, renames, name)
    return found


def _structure(types: Mapping[str, Any], described: Mapping[str, Any], renames: Mapping[str, str], path: str) -> Any:
    by_name = {member.casefold(): member for member in described}
    found: dict[str, Any] = {}
    for name, held in types.items():
        own_path = f"{path}.{name}" if path else name
        member = renames.get(own_path)
        value: Any = described if member == FLATTENED else _at(described, member.split(".")) if member else None
        if value is None and name.casefold() in by_name:
            value = described[by_name[name.casefold()]]
        converted = _value(held, value, renames, own_path)
        if converted is not None:
            found[name] = converted
    return found


def _at(described: Any, path: Sequence[str]) -> Any:
    for member in path:
        if not isinstance(described, Mapping):
            return None
        described = cast("Mapping[str, Any]", described).get(member)
    return described


def _value(held: Any, value: Any, renames: Mapping[str, str], path: str) -> Any:
    """Return a described value as the provider has it; None where it is of another kind, and means something else."""
    if value is None:
        return None
    if is_structure(held):
        one: object = next(iter(cast("list[Any]", value)), None) if isinstance(value, list) else value
        found = _structure(members(held), cast("Mapping[str, Any]", one), renames, path) if _is_map(one) else None
        return found or None
    if get_origin(held) is Sequence or held is Sequence:
        items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
        converted = [_value(get_args(held)[0], item, renames, path) for item in items]
        return None if None in converted else converted
    if _is_map(value):
        return {**value} if get_origin(held) is not None else None
    return None if isinstance(value, list) else _scalar(held, plain(value))


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping)


def _scalar(held: Any, value: Any) -> Any:
    try:
        if held is str:
            return f"{value}".lower() if isinstance(value, bool) else f"{value}"
        if held is bool:
            return value if isinstance(value, bool) else {"true": True, "false": False}.get(f"{value}".lower())
        if held is int:
            return int(value)
        return float(value) if held is float else value
    except ValueError:
        return None


def refusal(type_token: str, form: str | None, identifier: str) -> SandboxError:
    """Return the error for an id by which a type cannot be imported."""
    if form is None:
        return SandboxError(f"a {type_token} cannot be imported: the provider has no importer for it")
    return SandboxError(f"import id of a {type_token}: came {identifier}; allowed: {_PLACE.sub(_as_word, form)}")


def _as_word(place: re.Match[str]) -> str:
    return place[1].upper()
