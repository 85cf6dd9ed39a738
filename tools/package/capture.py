"""What a component's example in Python makes: its components with their arguments, as the schema spells them."""

import contextlib
import dataclasses
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast
from unittest import mock

import pulumi

from workbench.evaluate import Evaluation, evaluate
from zelly_components.base import Component
from zelly_components.package.descriptions import example
from zelly_components.package.shapes import camel, components, outputs_of


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An output of another component of the example."""

    name: str
    """The component's."""
    path: tuple[str | int, ...]
    """The output, and a key or position in it."""


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A value that is a secret."""

    value: str


Tree: TypeAlias = "str | int | float | bool | list[Tree] | dict[str, Tree] | Reference | Secret"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A component of an example."""

    component: str
    name: str
    arguments: Mapping[str, Tree]


@dataclass(frozen=True, kw_only=True)
class Example:
    """A component's example: its program, what that makes, and every resource that comes of it."""

    component: str
    made: tuple[Made, ...]
    calls_verbs: bool
    """Whether it calls methods of its components."""
    evaluation: Evaluation


@dataclass(frozen=True, kw_only=True)
class _Recorded:
    """What a program constructs, and the secrets that it makes of texts."""

    constructed: list[tuple[Component, str, Any]] = field(default_factory=list[tuple[Component, str, Any]])
    secrets: list[tuple[Any, str]] = field(default_factory=list[tuple[Any, str]])

    def known(self) -> Mapping[int, Tree]:
        """Return what stands for an Output in an argument, by the Output's identity."""
        known: dict[int, Tree] = {id(output): Secret(value=text) for output, text in self.secrets}
        for component, name, _ in self.constructed:
            known.update(_outputs(component, name))
        return known


def example_of(component: type[Component]) -> Example:
    """Return a component's example.

    Raises:
        ValueError: for an argument that no other language could write down.
    """
    recorded = _Recorded()

    def program() -> None:
        with _recording(recorded):
            exec(example(component), {"__name__": "example"})  # noqa: S102 (the component's own documentation)

    evaluation = evaluate(program)
    known = recorded.known()
    made = [
        Made(component=type(each).__name__, name=name, arguments=_fields(arguments, known))
        for each, name, arguments in recorded.constructed
    ]
    calls = re.search(r"^(?!pulumi\.)[a-z_]+\.[a-z_]+\(", example(component), flags=re.MULTILINE)
    return Example(component=component.__name__, made=tuple(made), calls_verbs=calls is not None, evaluation=evaluation)


@contextlib.contextmanager
def _recording(recorded: _Recorded) -> Generator[None]:
    """Record each component that the program itself constructs; those that one makes of others are not it."""
    depth = [0]
    make_secret: Any = pulumi.Output.secret

    def recording(constructor: Any) -> Any:
        def construct(self: Any, name: str, args: Any, opts: pulumi.ResourceOptions | None = None) -> None:
            depth[0] += 1
            try:
                constructor(self, name, args, opts)
            finally:
                depth[0] -= 1
            if depth[0] == 0:
                recorded.constructed.append((self, name, args))

        return construct

    def secret(text: str) -> Any:
        made = make_secret(text)
        recorded.secrets.append((made, text))
        return made

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(pulumi.Output, "secret", secret))
        for each in components().values():
            stack.enter_context(mock.patch.object(each, "__init__", recording(each.__init__)))
        yield


def _outputs(component: Component, name: str) -> Iterator[tuple[int, Reference]]:
    for output in outputs_of(type(component)):
        value: Any = getattr(component, output.name)
        yield id(value), Reference(name=name, path=(output.key,))
        for key, each in _items(value):
            yield id(each), Reference(name=name, path=(output.key, key))


def _items(value: Any) -> Iterator[tuple[str | int, Any]]:
    """Yield the elements of a map or a list with their keys; a scalar has none."""
    if isinstance(value, dict):
        yield from cast(dict[str, Any], value).items()
    elif isinstance(value, list | tuple):
        yield from enumerate(cast(list[Any], value))


def _fields(record: Any, known: Mapping[int, Tree]) -> dict[str, Tree]:
    given: dict[str, Tree] = {}
    for each in dataclasses.fields(record):
        value = getattr(record, each.name)
        default = each.default_factory() if each.default_factory is not dataclasses.MISSING else each.default
        if value is not None and value != default:
            given[camel(each.name)] = _tree(value, known, f"{type(record).__name__}.{each.name}")
    return given


def _tree(value: Any, known: Mapping[int, Tree], where: str) -> Tree:
    if id(value) in known and not isinstance(value, str | int | float):
        return known[id(value)]
    if isinstance(value, bool | int | float | str):
        return value
    if dataclasses.is_dataclass(value):
        return _fields(value, known)
    if isinstance(value, dict):
        return {str(key): _tree(each, known, where) for key, each in _items(cast(Any, value))}
    if isinstance(value, list | tuple):
        return [_tree(each, known, where) for _, each in _items(cast(Any, value))]
    raise ValueError(f"{where}: {value!r}; allowed: literals, secrets of texts, outputs of the example's components")
