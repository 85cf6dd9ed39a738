"""The base of every component: its type token, the options of its children, its outputs."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar, cast, get_origin

import pulumi

PACKAGE = "zelly-components"
"""The Pulumi package of the type tokens: the name under which the components can be served to other languages."""
_FORMER_PACKAGE = "components"
"""The former package of the tokens. It stands in the state of every stack that was made with it."""


class Component(pulumi.ComponentResource):
    """A component resource whose type token is ``zelly-components:index:<ClassName>``.

    It is also known by the token that it had before, ``components:index:<ClassName>``: whatever was made under that
    one is the same resource, and so are its children.

    The caller's options (provider, aliases, protect) belong to the component itself. Children never receive them:
    they name the component as their parent and inherit from it what Pulumi lets them inherit, which is why they take
    their options from :meth:`child` alone.
    """

    component_type: ClassVar[str]
    former_names: ClassVar[tuple[str, ...]] = ()
    """Its former class names, and those of components that it took in: they stand in states, too."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.component_type = f"{PACKAGE}:index:{cls.__name__}"

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        former = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=token) for token in self._former_types()])
        super().__init__(self.component_type, name, None, pulumi.ResourceOptions.merge(opts, former))

    @classmethod
    def _former_types(cls) -> list[str]:
        names = (cls.__name__, *cls.former_names)
        tokens = [f"{package}:index:{name}" for package in (_FORMER_PACKAGE, PACKAGE) for name in names]
        return [token for token in tokens if token != cls.component_type]

    def child(self) -> pulumi.ResourceOptions:
        """Return the options of a child: this component as its parent and nothing else."""
        return pulumi.ResourceOptions(parent=self)

    def child_with(self, own: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        """Return the options of a child that has some of its own (protect, ignore_changes, …); never the caller's."""
        return pulumi.ResourceOptions.merge(own, self.child())

    def register_annotated_outputs(self) -> None:
        """Register the component's outputs: the public attributes that its class annotates, under their own names.

        A constructor ends with this call. Every annotated attribute has to be set by then.

        Raises:
            AttributeError: naming an attribute that is annotated and not set.
        """
        self.register_outputs({name: as_property(getattr(self, name)) for name in output_names(type(self))})


def output_names(component: type[Component]) -> Iterator[str]:
    """Iterate over the names of a component's outputs, those of the classes that it derives from first."""
    ancestors = component.__mro__[: component.__mro__.index(Component)]
    for each in reversed(ancestors):
        for name, hint in inspect.get_annotations(each).items():
            if not name.startswith("_") and get_origin(hint) is not ClassVar:
                yield name


def as_property(value: Any) -> Any:
    """Return a value as Pulumi's properties hold it: every key a text, every sequence a list."""
    if isinstance(value, Mapping):
        return {str(key): each for key, each in cast(Mapping[object, object], value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(cast(Sequence[object], value))
    return value


_Value = TypeVar("_Value")
_Derived = TypeVar("_Derived")
_Elements = TypeVar("_Elements", bound=Sequence[Any] | Mapping[Any, Any])


@dataclass(frozen=True)
class KnownOutput:
    """The mark of an input that may be another component's output, of which the value is known in a preview."""


Known: TypeAlias = Annotated[_Value, KnownOutput()]
"""An input that names or counts resources and that another component may hand on, such as its ports. In Python it is
plain, as that attribute is. In the schema it is not: in other languages every output of a component is an Output."""


def counted(field: str, values: _Elements) -> _Elements:
    """Return a list or a map whose elements a component counts, or names resources after.

    An element may be unknown in a preview, but not how many there are. A list that is only handed on is taken whole.

    Raises:
        ValueError: for one that is an Output as a whole, as another component's list is in other languages.
    """
    if isinstance(values, pulumi.Output):
        raise ValueError(f"{field}: came one Output of all elements; allowed the elements one by one")
    return values


def handed_on(values: Sequence[_Value]) -> list[_Value]:
    """Return a list that a component hands on uncounted: as a list, or as the one Output that it came as.

    The resource that takes it takes either; only the annotations of Python know lists alone.
    """
    return cast(list[_Value], values) if isinstance(values, pulumi.Output) else list(values)


def resolved_after(value: pulumi.Output[_Value], *resources: pulumi.Resource) -> pulumi.Output[_Value]:
    """Return ``value`` as an Output that also depends on ``resources``: whatever uses it waits until they exist.

    It waits for their URNs, which a preview knows already, so that the value does not turn unknown there.
    """
    awaited: pulumi.Output[list[Any]] = pulumi.Output.all(value, *[resource.urn for resource in resources])
    return awaited.apply(lambda values: cast(_Value, values[0]))


def derived(value: pulumi.Output[_Value], derive: Callable[[_Value], _Derived]) -> pulumi.Output[_Derived]:
    """Return a value derived from an output of a resource, or None where the resource gave the output no value.

    A provider gives every output a value. Mocks in a unit test that only echo the inputs give none to what AWS makes
    up, and a component has to be constructible under them.
    """
    return value.apply(lambda given: cast(_Derived, None) if given is None else derive(given))
