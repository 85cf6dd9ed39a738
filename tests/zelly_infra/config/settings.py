"""The settings that a stack file chooses from lists, read from the models of the environment config."""

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel

from zelly_components.limits.allowed_values import AllowedValues
from zelly_infra.config import EnvironmentConfig

ANY = "*"
"""Every member of a mapping or of a list."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One key of a stack file."""

    path: str
    kind: Any
    members: tuple[Any, ...]
    """All the values that it may have; none where the type says only how they look."""
    allowed: AllowedValues | None = None
    """The long list that it chooses from."""
    is_optional: bool = False


def settings() -> Sequence[Setting]:
    """Return every key of the environment config, as deep as there are any."""
    return [*_of_model(EnvironmentConfig, "")]


def _of_model(model: type[BaseModel], before: str) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        yield from _of(field.annotation, field.metadata, f"{before}{name}")


def _of(annotation: Any, metadata: Sequence[Any], path: str) -> Iterator[Setting]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _of(arguments[0], [*arguments[1:], *metadata], path)
    elif origin in {Union, types.UnionType}:
        (other,) = (argument for argument in arguments if argument is not type(None))
        *below, own = _of(other, metadata, path)
        if own.path == path:
            members = (*own.members, None) if own.members else ()
            yield replace(own, members=members, is_optional=True)
        else:
            yield from (*below, own, Setting(path=path, kind=other, members=(), is_optional=True))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _of_model(annotation, f"{path}/")
    elif origin is tuple or origin is Mapping:
        yield from _of(arguments[0] if origin is tuple else arguments[1], (), f"{path}/{ANY}")
    elif origin is Literal:
        yield Setting(path=path, kind=str, members=arguments)
    elif annotation is bool:
        yield Setting(path=path, kind=bool, members=(False, True))
    else:
        yield Setting(path=path, kind=annotation, members=(), allowed=_list_of(metadata))


def _list_of(metadata: Sequence[Any]) -> AllowedValues | None:
    """Return the list that a validator of the vocabulary closes over."""
    flat = [part for one in metadata for part in getattr(one, "metadata", [one])]
    closed_over = [
        cell.cell_contents
        for part in flat
        if isinstance(part, AfterValidator)
        for cell in getattr(part.func, "__closure__", None) or ()
    ]
    return next((value for value in closed_over if isinstance(value, AllowedValues)), None)


def at(document: Any, path: str) -> Iterator[Any]:
    """Yield the values that a stack file has at a path."""
    first, _, rest = path.partition("/")
    if document is None:
        return
    values: list[Any] = [document[first]] if first != ANY else [*getattr(document, "values", lambda: document)()]
    for value in values:
        if rest:
            yield from at(value, rest)
        else:
            yield value
