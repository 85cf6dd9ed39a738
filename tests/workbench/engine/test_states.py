"""What reaches a resource, and what its state then holds."""

from typing import Any

from pulumi.runtime import rpc

from workbench.engine import states
from workbench.sandbox.services import RESOURCES

CLUSTER = "aws:rds/cluster:Cluster"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
PARAMETER = "aws:ssm/parameter:Parameter"


UNKNOWN = "aws:s3/bucketThing:BucketThing"
"""A type that the table of replacements does not have."""


def difference(type_token: str, old: dict[str, Any], new: dict[str, Any]) -> states.Difference:
    return states.difference(type_token, RESOURCES[type_token], old_inputs=old, new_inputs=new, state={})


def test_what_the_provider_takes_for_no_change_stays_as_it_was() -> None:
    old = {"engine": "aurora-mysql", "kmsKeyId": "k", "engineMode": "provisioned", "backupRetentionPeriod": 1}
    new = {"engine": "aurora-mysql", "backupRetentionPeriod": 7, "port": 3306}

    found = difference(CLUSTER, old, new)

    assert {change.property_path for change in found.changes} == {"backupRetentionPeriod", "port"}
    assert states.to_carry_out(old, new, found) == {**old, "backupRetentionPeriod": 7, "port": 3306}


def test_what_is_taken_away_is_carried_out_as_such() -> None:
    old, new = {"name": "x", "description": "a"}, {"name": "x"}
    found = difference(PARAMETER, old, new)
    assert states.to_carry_out(old, new, found) == {"name": "x"}


def test_a_type_of_unknown_replacement_is_replaced_by_what_its_row_cannot_carry_out() -> None:
    old, new = {"bucket": "a", "policy": "1"}, {"bucket": "b", "policy": "2"}
    found = states.difference(UNKNOWN, RESOURCES[POLICY], old_inputs=old, new_inputs=new, state={})
    assert {change.top for change in found.replacing} == {"bucket"}
    assert not found.delete_before_replace


def test_tags_of_a_type_of_unknown_replacement_are_changed_in_place() -> None:
    old, new = {"tags": {"a": "1"}, "tagsAll": {"a": "1"}}, {"tags": {"a": "2"}, "tagsAll": {"a": "2"}}
    found = states.difference(UNKNOWN, RESOURCES[PARAMETER], old_inputs=old, new_inputs=new, state={})
    assert {change.property_path for change in found.changes} == {"tags.a", "tagsAll.a"}
    assert found.replacing == frozenset()


def test_outputs_that_repeat_a_secret_or_are_one_are_marked() -> None:
    inputs = {"masterPassword": rpc.wrap_rpc_secret("s"), "port": 3306}
    state = states.created_state(inputs, {"masterPassword": "s", "port": 3306, "token": "t"}, {"token"})
    assert state == {
        "masterPassword": rpc.wrap_rpc_secret("s"),
        "port": 3306,
        "token": rpc.wrap_rpc_secret("t"),
    }


def test_a_changed_state_keeps_its_outputs_and_its_name_and_loses_what_is_not_given_any_more() -> None:
    state = {"name": "made-1", "value": "one", "description": "a", "keyId": "k", "arn": "arn:x", "version": 1}
    changed = states.updated_state(
        state,
        old_inputs={"name": "made-1", "value": "one", "description": "a", "keyId": "k"},
        new_inputs={"value": rpc.wrap_rpc_secret("two")},
        carried_out={"value", "keyId"},
        outputs={"version": 2, "value": "two"},
        row=RESOURCES[PARAMETER],
    )
    assert changed == {
        "name": "made-1",
        "value": rpc.wrap_rpc_secret("two"),
        "keyId": "k",
        "arn": "arn:x",
        "version": 2,
    }


def test_outputs_that_repeat_a_secret_under_another_name_are_marked() -> None:
    secret = "swordfish-1"
    inputs = {"settings": [[rpc.wrap_rpc_secret(secret)]], "engine": "redis"}
    outputs = {"endpoint": f"redis://:{secret}@host", "all": [{"of": [secret]}], "engine": "redis", "arn": "a"}
    state = states.created_state(inputs, outputs, ())
    hidden = {name: rpc.wrap_rpc_secret(outputs[name]) for name in ("endpoint", "all")}
    assert state == {**inputs, "arn": "a", **hidden}
