"""Values of properties as the engine sends them: known or not, secret or not, and what each waits for.

The SDK has such a type, too, which is experimental and does not read an Output whose value is unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf.struct_pb2 import Struct
from google.protobuf.struct_pb2 import Value as Message
from pulumi.runtime.rpc import UNKNOWN


class Unknown:
    """The content of a value that is known after deployment only."""


_UNKNOWN: Final = Unknown()

# The keys and marks of ``sdk/go/common/resource/properties.go``, by which the engine tells special objects apart.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a mark)
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

Content: TypeAlias = "bool | float | str | tuple[Value, ...] | Mapping[str, Value] | Unknown | None"


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value of a property."""

    content: Content
    """Of an unsupported kind, such as an asset: the object of properties that stands for it."""
    is_secret: bool = False
    urns: frozenset[str] = frozenset()
    """The resources that it waits for."""

    def bare(self) -> "Value":
        """Return the value without what is said of it and of its parts."""
        match self.content:
            case tuple() as items:
                return Value(content=tuple(item.bare() for item in items))
            case Mapping() as items:
                return Value(content={key: item.bare() for key, item in items.items()})
            case content:
                return Value(content=content)

    @property
    def is_unknown(self) -> bool:
        """Whether it, or a part of it, is known after deployment only."""
        return any(isinstance(value.content, Unknown) for value in self.parts())

    @property
    def has_secret(self) -> bool:
        """Whether it, or a part of it, is a secret."""
        return any(value.is_secret for value in self.parts())

    @property
    def all_urns(self) -> frozenset[str]:
        """The resources that it, or a part of it, waits for."""
        return frozenset[str]().union(*(value.urns for value in self.parts()))

    def parts(self) -> Iterator["Value"]:
        """Yield the value and every value in it."""
        yield self
        items: tuple[Value, ...] = ()
        match self.content:
            case tuple():
                items = self.content
            case Mapping():
                items = tuple(self.content.values())
            case _:
                pass
        for item in items:
            yield from item.parts()


def read_values(properties: Struct, urns_by_key: Mapping[str, frozenset[str]]) -> Mapping[str, Value]:
    """Return the values of a component's inputs, by their names in the schema."""
    return {
        key: _read(message, is_secret=False, urns=urns_by_key.get(key, frozenset()))
        for key, message in properties.fields.items()
    }


def _read(message: Message, *, is_secret: bool = False, urns: frozenset[str] = frozenset()) -> Value:
    match message.WhichOneof("kind"):
        case "struct_value":
            return _read_object(message.struct_value.fields, is_secret=is_secret, urns=urns)
        case "list_value":
            content: Content = tuple(_read(item) for item in message.list_value.values)
        case "string_value":
            content = _UNKNOWN if message.string_value == UNKNOWN else message.string_value
        case "number_value":
            content = message.number_value
        case "bool_value":
            content = message.bool_value
        case _:
            content = None
    return Value(content=content, is_secret=is_secret, urns=urns)


def _read_object(fields: Mapping[str, Any], *, is_secret: bool, urns: frozenset[str]) -> Value:
    signature = fields[_SIGNATURE].string_value if _SIGNATURE in fields else ""
    if signature == _SECRET:
        return _read(fields["value"], is_secret=True, urns=urns)
    if signature == _OUTPUT:
        is_secret = is_secret or ("secret" in fields and fields["secret"].bool_value)
        if "dependencies" in fields:
            urns |= {item.string_value for item in fields["dependencies"].list_value.values}
        # An Output without a value is one that nobody knows yet.
        if "value" not in fields:
            return Value(content=_UNKNOWN, is_secret=is_secret, urns=urns)
        return _read(fields["value"], is_secret=is_secret, urns=urns)
    # Maps come in no order; what a component makes of one has to be the same each time.
    return Value(content={key: _read(fields[key]) for key in sorted(fields)}, is_secret=is_secret, urns=urns)
