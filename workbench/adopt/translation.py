"""Translation of a Terraform instance into Pulumi's terms: type token, property names, structures.

Terraform writes every block as a list, Pulumi one that occurs once as an object; which is which say the annotations of
the SDK. So do the plural names: ``default_action`` is ``defaultActions``.
"""

import functools
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Union, cast, get_args, get_origin

from workbench.adopt.model import Instance, Translated
from workbench.adopt.types import TYPES, Row
from workbench.evaluate.shapes import properties, sdk_class


def translated(instance: Instance) -> Translated:
    """Return an instance in Pulumi's terms. Without a row its type is empty, and it has no properties."""
    row = TYPES.get(instance.type)
    if row is None:
        return Translated(instance=instance, type="", properties={})
    return Translated(instance=instance, type=row.type, properties=_properties(row, instance.attributes))


def _properties(row: Row, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    renamed = {attribute: value for attribute, value in attributes.items() if attribute in row.renames}
    plain = {attribute: value for attribute, value in attributes.items() if attribute not in row.renames}
    found = _structure(sdk_class(row.type, row.type.rpartition(":")[2]), plain)
    for attribute, value in renamed.items():
        if value not in (None, ""):
            found[row.renames[attribute]] = value
    if attributes.get("id") is not None:
        found["id"] = attributes["id"]
    return found


def _structure(of: type | None, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes by property; null, and a block that is not there, are left out."""
    found: dict[str, Any] = {}
    for attribute, value in attributes.items():
        if value is None:
            continue
        name, hint = _property(of, attribute)
        member = _value(hint, value)
        if member is not None:
            found[name] = member
    return found


def _value(hint: Any, value: Any) -> Any:
    is_list = get_origin(hint) in (list, Sequence)
    if isinstance(value, list):
        members = cast("list[Any]", value)
        if is_list:
            (member,) = get_args(hint) or (None,)
            return [_value(_plain(member), each) for each in members]
        if hint is None:
            return members
        # A list of one, where the SDK has the one.
        return _value(hint, members[0]) if len(members) == 1 else (members or None)
    if isinstance(value, dict):
        attributes = cast("dict[str, Any]", value)
        return _structure(hint, attributes) if isinstance(hint, type) and hint not in _SCALARS else attributes
    return value


_SCALARS = (str, int, float, bool)


@functools.cache
def _property(of: type | None, attribute: str) -> tuple[str, Any]:
    """Return the property of an attribute, and its type."""
    known = _known(of)
    name = next((name for name in _names(attribute) if name in known), None)
    return (camel_case(attribute), None) if name is None else (name, known[name])


@functools.cache
def _known(of: type | None) -> Mapping[str, Any]:
    return {} if of is None else {found.name: _plain(found.hint) for found in properties(of)}


def _names(attribute: str) -> Iterator[str]:
    name = camel_case(attribute)
    yield name
    # As the bridge makes plurals (pulumi-terraform-bridge, pkg/tfbridge/names.go), by the rules of English.
    yield f"{name}s"
    yield f"{name}es"
    yield f"{name.removesuffix('y')}ies"


@functools.cache
def camel_case(attribute: str) -> str:
    """Return a Terraform name as Pulumi writes it: ``vpc_id`` is ``vpcId``."""
    first, *others = attribute.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def _plain(hint: Any) -> Any:
    """Return the type of a value that is there."""
    if get_origin(hint) in (Union, types.UnionType):
        allowed = [each for each in get_args(hint) if each is not type(None)]
        return str if str in allowed else _plain(allowed[0])
    return hint
