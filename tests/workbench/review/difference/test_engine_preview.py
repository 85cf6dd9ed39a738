"""The engine's preview as the typed difference: operations, details, secrets, orders, protection."""

from collections.abc import Mapping
from typing import Any

import pytest

from workbench.review.danger.assessment import ExitCode, assess
from workbench.review.difference.comparison import Action, Comparison, Order
from workbench.review.difference.engine_preview import difference

STACK = "urn:pulumi:staging::shop::pulumi:pulumi:Stack::shop-staging"
COMPONENT = "urn:pulumi:staging::shop::zelly-components:index:AuroraCluster::shop"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
GROUP = "aws:ec2/securityGroup:SecurityGroup"
CLUSTER = "aws:rds/cluster:Cluster"


def _urn(type_: str, name: str) -> str:
    return f"urn:pulumi:staging::shop::{type_}::{name}"


def _state(type_: str, parent: str = COMPONENT, **fields: Any) -> dict[str, Any]:
    return {"type": type_, "custom": True, "parent": parent, "inputs": {}, "outputs": {}, **fields}


def _step(operation: str, type_: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"op": operation, "urn": _urn(type_, name), **fields}


def _difference(*steps: Mapping[str, Any]) -> Comparison:
    around = [
        {"op": "same", "urn": STACK, "newState": {"type": "pulumi:pulumi:Stack", "custom": False}},
        {"op": "same", "urn": COMPONENT, "newState": {"type": "x", "custom": False, "parent": STACK}},
    ]
    return difference({"steps": [*around, *steps]}, stack="staging", region="r", base="what AWS has")


def test_what_only_was_read_is_the_same() -> None:
    read = _step("refresh", GROUP, "a", oldState=_state(GROUP), newState=_state(GROUP))
    found = _difference(read, _step("same", GROUP, "a", oldState=_state(GROUP), newState=_state(GROUP)))
    assert (found.changes, found.unchanged, assess(found).exit_code) == ((), 1, ExitCode.SAME)


def test_change_by_hand_is_told_property_by_property_from_what_aws_has_to_what_the_program_says() -> None:
    before = _state(CLUSTER, inputs={"backupRetentionPeriod": 1, "masterPassword": SECRET}, outputs={"port": 3307})
    after = _state(CLUSTER, inputs={"backupRetentionPeriod": 7, "masterPassword": SECRET, "port": 3306})
    details = {path: {"kind": "update"} for path in ("backupRetentionPeriod", "masterPassword")}
    details["port"] = {"kind": "add"}
    found = _difference(
        _step("refresh", CLUSTER, "db", oldState=before, newState=before),
        _step("update", CLUSTER, "db", oldState=before, newState=after, detailedDiff=details),
    )
    (change,) = found.changes
    assert (change.action, change.components, change.name) == (Action.CHANGED, ("shop",), "db")
    assert [(one.path, one.kind.name, one.old, one.new, one.replaces) for one in change.properties] == [
        ("backupRetentionPeriod", "CHANGED", 1, 7, False),
        ("masterPassword", "CHANGED", "[secret]", "[secret]", False),
        ("port", "ADDED", 3307, 3306, False),
    ]
    assert change.new is not None
    assert change.new.inputs["masterPassword"] == "[secret]"
    assert assess(found).exit_code is ExitCode.CHANGES


def test_what_somebody_deleted_is_made_again() -> None:
    found = _difference(_step("create", GROUP, "a", newState=_state(GROUP)))
    assert [(change.action, change.old) for change in found.changes] == [(Action.ADDED, None)]
    assert assess(found).exit_code is ExitCode.CHANGES


def test_replacement_knows_its_reason_and_its_order() -> None:
    steps = [
        _step(
            operation,
            CLUSTER,
            "db",
            oldState=_state(CLUSTER, inputs={"masterUsername": "admin"}),
            newState=_state(CLUSTER, inputs={"masterUsername": "root"}),
            detailedDiff={"masterUsername": {"kind": "update-replace"}},
            replaceReasons=["masterUsername"],
        )
        for operation in ("delete-replaced", "replace", "create-replacement")
    ]
    (deleted_first,) = _difference(*steps).changes
    (created_first,) = _difference(*reversed(steps)).changes
    assert (deleted_first.action, deleted_first.order) == (Action.REPLACED, Order.DELETE_FIRST)
    assert created_first.order is Order.CREATE_FIRST
    assert [one.path for one in deleted_first.replacing] == ["masterUsername"]
    assert assess(_difference(*steps)).exit_code is ExitCode.DESTRUCTIVE


def test_protected_resource_that_would_go_is_refused() -> None:
    found = _difference(_step("delete", CLUSTER, "db", oldState=_state(CLUSTER, protect=True)))
    assert [(change.action, change.refused_by_engine) for change in found.changes] == [(Action.REMOVED, True)]
    assert assess(found).exit_code is ExitCode.DESTRUCTIVE


def test_provider_without_details_still_names_the_inputs() -> None:
    found = _difference(
        _step(
            "update",
            GROUP,
            "a",
            oldState=_state(GROUP, inputs={"description": "by hand", "tags": {"a": 1}}),
            newState=_state(GROUP, inputs={"description": "ours", "tags": {"a": 2}}),
            detailedDiff={"tags.a": {"kind": "update"}},
            diffReasons=["description", "tags"],
        )
    )
    assert [(one.path, one.old, one.new) for one in found.changes[0].properties] == [
        ("description", "by hand", "ours"),
        ("tags.a", 1, 2),
    ]


@pytest.mark.parametrize(
    ("operations", "action"),
    [
        (["create"], Action.ADDED),
        (["update"], Action.CHANGED),
        (["delete"], Action.REMOVED),
        (["replace"], Action.REPLACED),
        (["create-replacement"], Action.REPLACED),
        (["delete-replaced"], Action.REPLACED),
        (["refresh", "update"], Action.CHANGED),
        (["refresh", "same"], None),
        (["read"], None),
    ],
)
def test_action_of_each_operation(operations: list[str], action: Action | None) -> None:
    state = _state(GROUP)
    found = _difference(*(_step(each, GROUP, "a", oldState=state, newState=state) for each in operations))
    assert [change.action for change in found.changes] == ([] if action is None else [action])
    assert found.unchanged == (action is None)
    assert [resource.name for resource in found.plan.resources] == ["a"]


@pytest.mark.parametrize(
    ("operation", "protect", "refused"),
    [("delete", True, True), ("delete", False, False), ("replace", True, True), ("update", True, False)],
)
def test_only_what_would_go_is_refused_for_its_protection(operation: str, protect: bool, refused: bool) -> None:
    (change,) = _difference(_step(operation, GROUP, "a", oldState=_state(GROUP, protect=protect))).changes
    assert change.refused_by_engine is refused


def test_components_and_providers_are_none_of_its_resources() -> None:
    found = _difference(
        _step("update", "x:index:Part", "part", oldState=_state("x:index:Part", custom=False)),
        _step("update", "pulumi:providers:aws", "p", oldState=_state("pulumi:providers:aws")),
    )
    assert (found.changes, found.unchanged) == ((), 0)


def test_kind_and_replacement_of_each_detail() -> None:
    details = {
        "a": "add",
        "b": "add-replace",
        "c": "delete",
        "d": "delete-replace",
        "e": "update",
        "f": "odd",
        "g": "update",
    }
    (change,) = _difference(
        _step(
            "update",
            GROUP,
            "a",
            oldState=_state(GROUP, inputs={"c": {"x": [1]}}, outputs={"e": 2, "f": None}),
            newState=_state(GROUP, inputs={"e": 3, "a": {"__defaults": [], "y": SECRET}}),
            detailedDiff={path: {"kind": kind} for path, kind in details.items()} | {"c.x[0]": {}, "c.x[1]": {}},
            replaceReasons=["g"],
        )
    ).changes
    assert {one.path: (one.kind.name, one.old, one.new, one.replaces) for one in change.properties} == {
        "a": ("ADDED", None, {"y": "[secret]"}, False),
        "b": ("ADDED", None, None, True),
        "c": ("REMOVED", {"x": [1]}, None, False),
        "c.x[0]": ("CHANGED", 1, None, False),
        "c.x[1]": ("CHANGED", None, None, False),
        "d": ("REMOVED", None, None, True),
        "e": ("CHANGED", 2, 3, False),
        "f": ("CHANGED", None, None, False),
        "g": ("CHANGED", None, None, True),
    }


def test_changes_stand_by_component_the_outermost_first() -> None:
    inner = "urn:pulumi:staging::shop::x:index:Inner::inner"
    found = _difference(
        {"op": "same", "urn": inner, "newState": {"type": "x", "custom": False, "parent": COMPONENT}},
        _step("update", GROUP, "in", oldState=_state(GROUP, parent=inner)),
        _step("update", GROUP, "b", oldState=_state(GROUP)),
        _step("update", GROUP, "a", oldState=_state(GROUP)),
        _step("update", GROUP, "top", oldState=_state(GROUP, parent=STACK)),
    )
    assert [(change.components, change.name) for change in found.changes] == [
        ((), "top"),
        (("shop",), "a"),
        (("shop",), "b"),
        (("shop", "inner"), "in"),
    ]
