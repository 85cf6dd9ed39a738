"""What a program in another language says beside the inputs reaches a component, and what it gets wrong is told."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.languages.conftest import NewStack
from tests.languages.programs import NETWORK, YamlProgram
from tests.support.engine.stacks import Stack
from zelly_components.base import PACKAGE

CLUSTER: Mapping[str, Any] = {
    "type": f"{PACKAGE}:EcsCluster",
    "properties": {"clusterName": "shop", "containerInsights": "enabled"},
}


@pytest.fixture(scope="module")
def stack(new_stack: NewStack) -> Stack:
    return new_stack(YamlProgram().text())


def write(stack: Stack, **resources: Any) -> None:
    (stack.session.folder / "Pulumi.yaml").write_text(YamlProgram(resources=resources).text(), encoding="utf-8")


def test_the_caller_s_provider_and_protection_reach_a_component_s_children(stack: Stack) -> None:
    options = {"protect": True, "provider": "${other}"}
    write(
        stack, other={"type": "pulumi:providers:aws"}, cluster={**CLUSTER, "name": "shop-cluster", "options": options}
    )
    states = [step["newState"] for step in stack.preview().document["steps"]]
    made = {state["urn"].rpartition("::")[2]: state for state in states}
    component = next(state for state in states if state["type"] == f"{PACKAGE}:index:EcsCluster")
    children = [state for state in states if state.get("parent") == component["urn"]]
    assert len(children) == 2
    assert [state.get("protect") for state in (component, *children)] == [True] * 3
    assert {state["provider"].rpartition("::")[0] for state in children} == {made["other"]["urn"]}


def test_an_alias_of_the_caller_s_is_one_of_the_children_too(stack: Stack) -> None:
    write(stack, cluster={**CLUSTER, "name": "shop-cluster"})
    stack.run("up", "--yes", "--skip-preview")
    urn = f"urn:pulumi:{stack.name}::{stack.project}::{PACKAGE}:index:EcsCluster::shop-cluster"
    write(stack, cluster={**CLUSTER, "name": "store-cluster", "options": {"aliases": [urn]}})
    assert set(stack.preview().counts) == {"same"}


def test_a_refusal_names_the_component_and_the_input(stack: Stack) -> None:
    write(stack, wide={**NETWORK, "properties": {**NETWORK["properties"], "cidrBlock": "10.8.0.0/99"}})
    told = stack.session.run("preview", "--non-interactive", "--stack", stack.name).stdout
    assert f"{PACKAGE}:index:Vpc resource 'wide' has a problem" in told
    assert 'property cidrBlock with value "10.8.0.0/99" has a problem: came 10.8.0.0/99; allowed' in told
    assert "Traceback" not in told
