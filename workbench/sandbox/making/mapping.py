"""Provider inputs to API parameters, and API responses to outputs, by name, through botocore's service model."""

import base64
import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from workbench.sandbox.errors import InputTypeError, UnmappedInputError

FLATTENED = "."
"""As a rename: the members of this structure belong to the one around it."""


class ParameterMapper:
    """Maps the inputs of one resource to the parameters of one operation.

    Where one side has a structure and the other a list of one, as the provider's schema often has it, it is wrapped or
    unwrapped.

    ``renames`` and ``dropped`` hold dotted input paths as :class:`~workbench.sandbox.making.table.Row` describes them.
    """

    def __init__(self, *, operation: str, renames: Mapping[str, str], dropped: Collection[str]) -> None:
        self._operation = operation
        self._renames = renames
        self._dropped = dropped

    def structure(self, shape: Any, values: Mapping[str, Any], path: str = "") -> dict[str, Any]:
        """Return ``values`` as the members of a structure shape.

        Raises:
            UnmappedInputError: for a value that no member takes.
            InputTypeError: for a value whose type its member does not take.
        """
        mapped: dict[str, Any] = {}
        by_name = {member.casefold(): member for member in shape.members}
        for property_name, value in values.items():
            own_path = f"{path}.{property_name}" if path else property_name
            if own_path in self._dropped:
                continue
            member_path = self._renames.get(own_path) or by_name.get(property_name.casefold())
            if member_path is None:
                raise UnmappedInputError(own_path, self._operation, shape.members)
            if member_path == FLATTENED:
                mapped |= self.structure(shape, _structure(value, own_path), own_path)
            else:
                self._place(mapped, shape, member_path.split("."), value, own_path)
        return mapped

    def _place(self, mapped: dict[str, Any], shape: Any, members: list[str], value: Any, path: str) -> None:
        first, *deeper = members
        if first not in shape.members:
            raise UnmappedInputError(path, self._operation, shape.members)
        if deeper:
            self._place(mapped.setdefault(first, {}), shape.members[first], deeper, value, path)
        else:
            placed = self._value(shape.members[first], value, path)
            # A structure that another input is a part of, in whatever order the two come.
            mapped[first] = {**mapped[first], **placed} if first in mapped and isinstance(placed, dict) else placed

    def _value(self, shape: Any, value: Any, path: str) -> Any:
        match shape.type_name:
            case "structure":
                return self.structure(shape, _structure(value, path), path)
            case "list":
                return [self._value(shape.member, item, path) for item in _items(value, path)]
            case "map":
                return {key: self._value(shape.value, item, path) for key, item in _structure(value, path).items()}
            case _:
                return scalar(shape.type_name, value, path)


def _structure(value: Any, path: str) -> Mapping[str, Any]:
    match value:
        case Mapping():
            return cast("Mapping[str, Any]", value)
        case [Mapping()]:
            return cast("list[Mapping[str, Any]]", value)[0]
        case _:
            raise InputTypeError(path, value, "a structure")


def _items(value: Any, path: str) -> list[Any]:
    match value:
        case list():
            return cast("list[Any]", value)
        case Mapping():
            return [value]
        case _:
            raise InputTypeError(path, value, "a list")


def scalar(type_name: str, value: Any, path: str) -> Any:
    """Return a value as botocore wants it for a scalar shape; the provider writes many numbers and flags as text.

    Raises:
        InputTypeError: when it cannot be read as that type.
    """
    given: object = value
    if isinstance(given, list | dict):
        raise InputTypeError(path, cast("object", given), type_name)
    match type_name:
        case "boolean":
            return _boolean(value, path)
        case "integer" | "long" | "float" | "double":
            return _number(value, type_name, path)
        case "blob":
            return value.encode() if isinstance(value, str) else value
        case "timestamp":
            return value
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)


def _boolean(value: Any, path: str) -> bool:
    known = {"true": True, "false": False}
    text = str(value).lower()
    if text not in known:
        raise InputTypeError(path, value, "true or false")
    return known[text]


def _number(value: Any, type_name: str, path: str) -> int | float:
    try:
        number = float(value)
    except ValueError as error:
        raise InputTypeError(path, value, type_name) from error
    if type_name in {"float", "double"}:
        return number
    if not number.is_integer():
        raise InputTypeError(path, value, type_name)
    return int(value)


def tag_parameters(shape: Any, member: str, resource_type: str | None, tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters that carry ``tags`` in an operation whose input is ``shape``; none without tags."""
    if not tags:
        return {}
    if resource_type is not None:
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        return {member: [{"ResourceType": resource_type, "Tags": listed}]}
    tag_shape = shape.members[member]
    if tag_shape.type_name == "map":
        return {member: dict(tags)}
    key_name, value_name = _key_and_value(tag_shape.member.members)
    return {member: [{key_name: key, value_name: value} for key, value in tags.items()]}


def _key_and_value(members: Collection[str]) -> tuple[str, str]:
    by_suffix = {suffix: name for name in members for suffix in ("key", "value") if name.lower().endswith(suffix)}
    return by_suffix["key"], by_suffix["value"]


@dataclass(frozen=True, kw_only=True)
class OutputProperty:
    """A resource type's output that is a scalar or a list of scalars."""

    name: str
    """In the provider's spelling."""
    value_type: type
    """``bool``, ``int``, ``float`` or ``str``; of the items, if it is a list."""
    is_list: bool = False


def outputs(result: Mapping[str, Any], asked: Mapping[str, OutputProperty]) -> dict[str, Any]:
    """Return the members of a response that a type has an output of the same name and the same kind for.

    ``asked`` holds the type's outputs by their names in lower case. A member of another kind is something else: EC2
    calls ``Monitoring`` a structure where the provider has a flag. A structure has too many inner names of its own to
    be trusted; a row that wants one says so in its ``outputs``.
    """
    found: dict[str, Any] = {}
    for member, value in result.items():
        property_ = asked.get(member.casefold())
        if property_ is not None and _is_of(property_, written := plain(value)):
            found[property_.name] = written
    return found


def _is_of(property_: OutputProperty, value: object) -> bool:
    if property_.is_list:
        return isinstance(value, list) and all(
            _is_scalar_of(property_.value_type, item) for item in cast("list[object]", value)
        )
    return _is_scalar_of(property_.value_type, value)


def _is_scalar_of(value_type: type, value: object) -> bool:
    # In Python a truth value is a number too.
    if isinstance(value, bool) or value_type is bool:
        return isinstance(value, bool) and value_type is bool
    return isinstance(value, (int, float) if value_type in {int, float} else value_type)


def plain(value: Any) -> Any:
    """Return a response's value as the provider writes it: camelCase names, RFC 3339 times, bytes in base64."""
    match value:
        case Mapping():
            return {camel_case(key): plain(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case list():
            return [plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case datetime.datetime():
            return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value


def camel_case(member: str) -> str:
    """Return an API member's name as the provider writes it: ``VpcId`` -> ``vpcId``, ``DNSName`` -> ``dnsName``."""
    leading = re.match(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+$|[A-Z]", member)
    return leading[0].lower() + member[leading.end() :] if leading else member
