"""What every component promises to whoever imports it, held for each one that stands in the package."""

import dataclasses
import importlib
import inspect
import pkgutil
import sys
import typing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws
import pytest

import zelly_components
from workbench.evaluate import Evaluation, RecordedResource, evaluate
from zelly_components.base import PACKAGE, Component
from zelly_components.package.descriptions import example

TESTS = Path(__file__).parent

ComponentClass = type[Component]


def _discover() -> tuple[list[ComponentClass], dict[str, str]]:
    found: list[ComponentClass] = []
    broken: dict[str, str] = {}
    for module_info in pkgutil.walk_packages(zelly_components.__path__, "zelly_components."):
        try:
            module = importlib.import_module(module_info.name)
        except Exception as error:
            # One broken module must not hide the findings about the others.
            broken[module_info.name] = repr(error)
            continue
        found += [
            member
            for member in vars(module).values()
            if inspect.isclass(member)
            and issubclass(member, Component)
            and member is not Component
            and member.__module__ == module.__name__
        ]
    return found, broken


COMPONENTS, BROKEN_MODULES = _discover()

each_component = pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)


# What is audited: each function returns the violations of one rule, in words.


def argument_violations(component: ComponentClass) -> Iterator[str]:
    name = f"{component.__name__}Args"
    arguments = _arguments_class(component)
    fields: dict[str, Any] = getattr(arguments, "__dataclass_fields__", {})
    if "__dataclass_fields__" not in vars(arguments or object):
        yield f"no dataclass {name} in {component.__module__}"
        return
    if not arguments.__dataclass_params__.frozen:
        yield f"{name} is not frozen"
    if not all(field.kw_only for field in fields.values()):
        yield f"{name} takes positional arguments"


def constructor_violations(component: ComponentClass) -> Iterator[str]:
    signature = inspect.signature(component.__init__)
    hints = typing.get_type_hints(component.__init__)
    expected = {"name": str, "args": _arguments_class(component), "opts": pulumi.ResourceOptions | None}
    if list(signature.parameters) != ["self", *expected]:
        yield f"constructor takes {', '.join(signature.parameters)}"
        return
    for parameter, hint in expected.items():
        if hints.get(parameter) != hint:
            yield f"constructor's {parameter} is {hints.get(parameter)}"
    if signature.parameters["opts"].default is not None:
        yield "constructor's opts has no default None"


def documentation_violations(component: ComponentClass) -> Iterator[str]:
    if not (component.__doc__ or "").strip():
        yield "no docstring"
    elif not example(component):
        yield "no Example:: block in the docstring"
    test_file = TESTS / f"test_{component.__module__.removeprefix('zelly_components.').replace('.', '_')}.py"
    if not test_file.exists():
        yield f"no tests/components/{test_file.name}"


def output_violations(component: ComponentClass, declared: list[tuple[Component, set[str]]]) -> Iterator[str]:
    annotated = _annotated_outputs(component)
    if not declared:
        yield "register_outputs is not called"
    for instance, names in declared:
        if names != annotated:
            yield f"register_outputs lacks {sorted(annotated - names)} and has beyond {sorted(names - annotated)}"
        unset = sorted(name for name in annotated if not hasattr(instance, name))
        if unset:
            yield f"annotated and not set: {unset}"


def child_violations(component: ComponentClass, plain: Evaluation, called: Evaluation, caller: str) -> Iterator[str]:
    """Compare a run without options with one whose caller gives a parent and options that children must not inherit."""
    for resource in called.resources:
        if resource.parent == caller and resource.type != component.component_type:
            yield f"{resource.type} {resource.name} stands beside the component, not below it"
        if resource.custom and resource.parent in (None, _stack_urn(called)):
            yield f"{resource.type} {resource.name} has no parent"
    own = {_key(resource): _own_options(resource) for resource in plain.resources}
    for resource in called.resources:
        if resource.type == component.component_type or resource.urn == caller:
            continue
        if _own_options(resource) != own.get(_key(resource)):
            yield f"{resource.type} {resource.name} takes options of the component's caller"


def _arguments_class(component: ComponentClass) -> Any:
    return getattr(sys.modules[component.__module__], f"{component.__name__}Args", None)


def _annotated_outputs(component: ComponentClass) -> set[str]:
    return {
        name
        for own_class in component.__mro__[: component.__mro__.index(Component)]
        for name, hint in inspect.get_annotations(own_class, eval_str=True).items()
        if not name.startswith("_") and typing.get_origin(hint) is not ClassVar
    }


def _key(resource: RecordedResource) -> tuple[str, str]:
    return resource.type, resource.name


def _own_options(resource: RecordedResource) -> tuple[object, ...]:
    return resource.ignore_changes, resource.delete_before_replace, resource.retain_on_delete, resource.protect


def _stack_urn(evaluation: Evaluation) -> str:
    return evaluation.one("pulumi:pulumi:Stack").urn


# How an example is run: as it stands, or with its components placed under a caller that has options of its own.


class Caller(pulumi.ComponentResource):
    def __init__(self) -> None:
        super().__init__("test:index:Caller", "caller")


def _options_of_a_caller(caller: Caller) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(
        parent=caller, ignore_changes=["callers"], delete_before_replace=True, retain_on_delete=True
    )


def _run(
    component: ComponentClass, code: str, options: Callable[[Caller], pulumi.ResourceOptions] | None = None
) -> Any:
    """Return the evaluation of an example and what each instance of the component declared as its outputs."""
    declared: list[tuple[Component, set[str]]] = []
    # Every component's constructor also takes arguments, which the base class knows nothing of.
    constructor: Callable[..., None] = component.__init__
    register = component.register_outputs

    def program() -> None:
        caller = Caller()

        def construct(self: Any, name: str, args: Any, opts: pulumi.ResourceOptions | None = None) -> None:
            constructor(self, name, args, options(caller) if options else opts)

        def register_outputs(self: Any, outputs: Any) -> None:
            declared.append((self, set(outputs)))
            register(self, outputs)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(component, "__init__", construct)
            patch.setattr(component, "register_outputs", register_outputs)
            exec(code, {"__name__": "example"})  # noqa: S102 (the example is the component's own documentation)

    return evaluate(program), declared


def _audit_children(component: ComponentClass, code: str) -> list[str]:
    plain, _ = _run(component, code)
    called, _ = _run(component, code, _options_of_a_caller)
    return list(child_violations(component, plain, called, called.one("test:index:Caller").urn))


# The audit.


def _assert_none(violations: Iterable[str]) -> None:
    found = list(violations)
    assert found == [], "\n".join(found)


def test_every_module_can_be_imported() -> None:
    assert BROKEN_MODULES == {}


def test_components_are_found() -> None:
    assert {"Vpc", "SecurityGroup", "Observability"} <= {component.__name__ for component in COMPONENTS}


def test_at_the_top_of_the_package_lie_components_and_helpers_in_folders() -> None:
    top = {module.name for module in pkgutil.iter_modules(zelly_components.__path__) if not module.ispkg}
    components = {component.__module__.rpartition(".")[2] for component in COMPONENTS}
    # A resource of its own kind, what every component stands on, and the provider's start.
    assert top - components == {"dns_record", "base", "naming", "__main__"}


@each_component
def test_arguments_are_a_frozen_keyword_only_dataclass(component: ComponentClass) -> None:
    _assert_none(argument_violations(component))


@each_component
def test_constructor_takes_name_arguments_and_options(component: ComponentClass) -> None:
    _assert_none(constructor_violations(component))


@each_component
def test_component_has_a_type_token_docstring_example_and_test(component: ComponentClass) -> None:
    assert component.component_type == f"{PACKAGE}:index:{component.__name__}"
    _assert_none(documentation_violations(component))


@each_component
def test_example_runs_and_declares_every_annotated_output(component: ComponentClass) -> None:
    evaluation, declared = _run(component, example(component))
    assert len(evaluation.of_type(component.component_type)) == len(declared)
    _assert_none(output_violations(component, declared))


@each_component
def test_children_stand_below_the_component_and_take_nothing_from_its_caller(component: ComponentClass) -> None:
    _assert_none(_audit_children(component, example(component)))


# The audit finds what it is there for.


class Careless(Component):
    """Breaks each rule that can be broken in a constructor."""

    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]

    def __init__(self, name: str, args: object, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(parent=self))
        beside = pulumi.ResourceOptions(parent=opts.parent if opts else None)
        self.bucket_name = aws.s3.Bucket(f"{name}-merged", opts=merged).bucket
        aws.s3.Bucket(f"{name}-beside", opts=beside)
        aws.s3.Bucket(f"{name}-orphan")
        self.register_outputs({"bucket_name": self.bucket_name, "url": "", "args": args})


@dataclasses.dataclass
class LooseArgs:
    size: int


class Loose(Component):
    def __init__(self, name: str, args: int, opts: pulumi.ResourceOptions) -> None:
        super().__init__(name, opts)
        self.size = args


class Shuffled(Component):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **args: int) -> None:
        super().__init__(name, opts)
        self.args = args


CARELESS_EXAMPLE = f"from {__name__} import Careless\nCareless('careless', None)"


def test_audit_finds_missing_and_loose_arguments() -> None:
    assert list(argument_violations(Careless)) == [f"no dataclass CarelessArgs in {__name__}"]
    assert list(argument_violations(Loose)) == ["LooseArgs is not frozen", "LooseArgs takes positional arguments"]


def test_audit_finds_a_constructor_of_another_shape() -> None:
    assert list(constructor_violations(Shuffled)) == ["constructor takes self, name, opts, args"]
    assert list(constructor_violations(Loose)) == [
        "constructor's args is <class 'int'>",
        f"constructor's opts is {pulumi.ResourceOptions}",
        "constructor's opts has no default None",
    ]


def test_audit_finds_missing_documentation() -> None:
    no_test = f"no tests/components/test_{__name__.replace('.', '_')}.py"
    assert list(documentation_violations(Careless)) == ["no Example:: block in the docstring", no_test]
    assert list(documentation_violations(Loose)) == ["no docstring", no_test]


def test_audit_finds_outputs_that_are_not_declared_or_not_set() -> None:
    _, declared = _run(Careless, CARELESS_EXAMPLE)
    assert list(output_violations(Careless, declared)) == [
        "register_outputs lacks ['bucket_arn'] and has beyond ['args', 'url']",
        "annotated and not set: ['bucket_arn']",
    ]
    assert list(output_violations(Careless, [])) == ["register_outputs is not called"]


def test_audit_finds_children_that_are_no_children() -> None:
    assert sorted(_audit_children(Careless, CARELESS_EXAMPLE)) == [
        "aws:s3/bucket:Bucket careless-beside stands beside the component, not below it",
        "aws:s3/bucket:Bucket careless-merged takes options of the component's caller",
        "aws:s3/bucket:Bucket careless-orphan has no parent",
    ]
