"""Every component from YAML on the real engine: the same as from Python, and the same again the second time."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest

from tests.languages.conftest import NewStack
from tests.languages.programs import CERTIFICATES, CLUSTER, ROLES, YamlProgram, program_of_examples, really_made
from tests.support.engine.stacks import Stack
from zelly_components.base import PACKAGE


@pytest.fixture(scope="module")
def program() -> YamlProgram:
    return program_of_examples()


@pytest.fixture(scope="module")
def stack(new_stack: NewStack, program: YamlProgram) -> Stack:
    return new_stack(program.text())


@pytest.fixture(scope="module")
def preview(stack: Stack) -> Mapping[str, Mapping[str, Any]]:
    """What the program would make, by its place."""
    return dict(_inputs(stack))


def _inputs(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for step in stack.preview().document["steps"]:
        yield _place(step["urn"]), step["newState"].get("inputs", {})


def _place(urn: str) -> str:
    """Return what a URN says behind the stack and the project: the types of the parents, the own one, and the name."""
    return urn.split("::", 2)[2]


_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that is known after deployment only."""


def _differs(python: Any, yaml: Any) -> bool:
    """Tell whether a value is another one. What one side knows later may be anything that is on the other."""
    if yaml == _UNKNOWN:
        return python is None
    match python:
        case str() if "${" in python or python == "[secret]":
            return yaml is None
        case dict():
            return not isinstance(yaml, dict) or bool(_differing(cast(Any, python), cast(Any, yaml)))
        case list():
            elements = cast(list[Any], python)
            return len(elements) != len(yaml) or any(map(_differs, elements, yaml))
        case _:
            return python != yaml


def _differing(python: Mapping[str, Any], yaml: Mapping[str, Any]) -> Mapping[str, tuple[Any, Any]]:
    # What a provider fills in by itself is no input of the program's.
    filled = {"tagsAll", "__defaults", *yaml.get("__defaults", ())}
    return {
        name: (python.get(name), yaml.get(name))
        for name in sorted({*python, *yaml} - (filled - {*python}))
        if _differs(python.get(name), yaml.get(name))
    }


def test_yaml_makes_what_the_example_in_python_makes(
    program: YamlProgram, preview: Mapping[str, Mapping[str, Any]]
) -> None:
    differing = {
        f"{example.component}: {each.type} {each.name}": found
        for example in program.examples
        for each in example.evaluation.custom()
        # What an example makes by a verb, programs in YAML make by a component of its own.
        if not (example.calls_verbs and _place(each.urn) not in preview)
        if (found := _differing(each.inputs, preview.get(_place(each.urn), {})))
    }
    assert differing == {}


@pytest.fixture(scope="module")
def standing(program: YamlProgram, stack: Stack, preview: Mapping[str, Mapping[str, Any]]) -> Stack:
    """Everything, really made in the embedded AWS, after what would be made of the examples was seen."""
    assert preview
    for role in ROLES:
        stack.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17"}))
    certificates = [
        stack.client("acm").request_certificate(DomainName=f"{number}.shop.example")["CertificateArn"]
        for number in range(CERTIFICATES)
    ]
    stack.client("ecs").create_cluster(clusterName=CLUSTER)
    made = really_made(program, certificates)
    (stack.session.folder / "Pulumi.yaml").write_text(made.text(), encoding="utf-8")
    stack.run("up", "--yes", "--skip-preview")
    return stack


def test_everything_stands_and_a_second_preview_changes_nothing(program: YamlProgram, standing: Stack) -> None:
    constructed = {each.rsplit("$", 1)[-1] for each in _types(standing)}
    assert {name for name in constructed if name.startswith(PACKAGE)} >= {
        f"{PACKAGE}:index:{made.component}" for example in program.examples for made in example.made
    }
    assert set(standing.preview().counts) == {"same"}


def _types(stack: Stack) -> list[str]:
    return [resource["urn"].split("::", 3)[2] for resource in stack.state["resources"]]


def test_a_secret_input_stays_one_in_the_state(standing: Stack) -> None:
    assert "integration/0123abcd" not in standing.state_file.read_text(encoding="utf-8")
