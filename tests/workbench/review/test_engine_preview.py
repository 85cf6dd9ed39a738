"""The engine's preview as the typed difference: operations, details, secrets, orders, protection."""

from collections.abc import Mapping
from typing import Any

from workbench.review.danger.assessment import ExitCode, assess
from workbench.review.difference.comparison import Action, Comparison, Order
from workbench.review.difference.engine_preview import difference

STACK = "urn:pulumi:staging::zelly::pulumi:pulumi:Stack::zelly-staging"
COMPONENT = "urn:pulumi:staging::zelly::components:index:AuroraCluster::shop"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
GROUP = "aws:ec2/securityGroup:SecurityGroup"
CLUSTER = "aws:rds/cluster:Cluster"


def _urn(type_: str, name: str) -> str:
    return f"urn:pulumi:staging::zelly::{type_}::{name}"


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
