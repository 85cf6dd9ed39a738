"""What every component promises of its inputs: they are documented, and programs in every language can give them."""

import dataclasses
import datetime
import re
import typing
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pulumi
import pytest

from tests.components.inputs import argument_classes, attribute_docstrings, input_violations
from tests.components.test_contract import COMPONENTS, ComponentClass, each_component
from tests.components.types_of_schema import input_type_violations, output_type_violations
from tests.components.whole_lists import with_one_whole_list
from tests.support.examples import constructed_by_example
from workbench.evaluate import evaluate
from zelly_components.base import Component, output_names


@pytest.mark.parametrize("arguments", argument_classes(COMPONENTS), ids=lambda arguments: arguments.__name__)
def test_every_input_says_what_it_is_and_has_a_type_for_every_language(arguments: type[Any]) -> None:
    assert [*input_violations(arguments), *input_type_violations(arguments)] == []


@each_component
def test_every_output_has_a_type_for_every_language(component: ComponentClass) -> None:
    assert list(output_type_violations(component)) == []


@each_component
def test_every_output_says_what_it_is(component: ComponentClass) -> None:
    assert set(output_names(component)) - set(attribute_docstrings(component)) == set()


def whole_list_violations(component: ComponentClass, name: str, arguments: Any) -> Iterator[str]:
    """Give each list of Inputs as one Output: it is handed on as it comes, or refused in one line by its name."""

    def made(of: Any) -> list[tuple[str, str, Any]]:
        make: Callable[..., Component] = component

        def program() -> None:
            make(name, of)

        return [(each.type, each.name, each.inputs) for each in evaluate(program).resources if each.custom]

    expected = made(arguments)
    for path, changed in with_one_whole_list(arguments):
        try:
            if made(changed) != expected:
                yield f"{path}: makes something else"
        except Exception as error:
            field = path.rpartition(".")[2]
            refusal = rf"(.*\.)?{field}: came one Output of all elements; allowed the elements one by one"
            if re.fullmatch(refusal, str(error)) is None:
                yield f"{path}: {error!r}"


@each_component
def test_list_that_is_one_output_is_handed_on_or_refused_by_its_name(component: ComponentClass) -> None:
    assert list(whole_list_violations(component, *constructed_by_example(component))) == []


# The audit finds what it is there for.


@dataclasses.dataclass
class SilentArgs:
    """Arguments whose docstrings say nothing."""

    size: int
    name: str
    """The name."""
    zone: str | None
    """The zone in which all disks stand."""
    count: int = 0
    """The number of disks, at most 4."""
    region: str | None = None
    """The region of the disks. Left out, that of the provider."""


@dataclasses.dataclass
class UnsayableArgs:
    """Arguments of types that only Python has."""

    either: str | int
    anything: dict[str, Any]
    when: datetime.date
    chosen: typing.Literal["a", 1]
    one_or_several: pulumi.Input[str] | Sequence[pulumi.Input[str]]
    by_port: dict[int, pulumi.Input[str]]


def test_audit_finds_inputs_that_say_too_little() -> None:
    assert list(input_violations(SilentArgs)) == [
        "SilentArgs.size: no docstring",
        "SilentArgs.name: no sentence that says more than the name",
        "SilentArgs.zone: does not say what leaving it out does",
        "SilentArgs.count: does not say what leaving it out does",
    ]


def test_audit_finds_inputs_that_other_languages_cannot_have() -> None:
    found = [violation.partition(":")[0] for violation in input_type_violations(UnsayableArgs)]
    assert found == [f"UnsayableArgs.{name}" for name in ("either", "anything", "when", "chosen")]
