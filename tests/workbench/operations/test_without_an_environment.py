"""What operations judge by themselves: locks, the VPN's peers, what AWS has under a name, an account's settings."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any, cast

import pytest

from workbench.aws.account.settings import AccountSetting, AccountSettings
from workbench.aws.iam.service_linked_roles import ServiceLinkedRoles
from workbench.aws.s3 import S3, StoredObject
from workbench.aws.shared.connection import Connection
from workbench.errors import OperatorError
from workbench.operations.account.bootstrap import plan_roles, plan_settings
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.operations.account.settings import GLOBAL, OF_REGISTRY, WANTED
from workbench.operations.drift import reading as drift_reading
from workbench.operations.drift.reading import read
from workbench.operations.readings import Unread
from workbench.operations.state.bootstrap import Condition
from workbench.operations.state.locks import Machine, locks, plan_unlock, this_machine, unlock
from zelly_infra.config_sections import Peer
from zelly_infra.vpn import check_peer, client_config, peer_rows

PREFIX = ".pulumi/locks/organization/zelly/"
LOCK = {"username": "ann", "hostname": "desk", "pid": 7, "timestamp": "2026-05-04T14:00:00.5+02:00"}
SAID = "production: ann@desk, process 7, since 2026-05-04T12:00:00Z"


class Bucket:
    def __init__(self, **objects: object) -> None:
        self.objects = {
            f"{PREFIX}{name}/1.json": content if isinstance(content, str) else json.dumps(content)
            for name, content in objects.items()
        }
        self.gone: list[str] = []

    def keys(self, prefix: str) -> list[str]:
        return [key for key in self.objects if key.startswith(prefix)]

    def read(self, key: str) -> StoredObject | None:
        content = self.objects[key]
        return None if content == "released" else StoredObject(key=key, etag="e", content=content.encode())

    def delete_unchanged(self, stored: StoredObject) -> bool:
        self.gone.append(stored.key)
        return "staging" not in stored.key


def bucket(**objects: object) -> S3:
    return cast("S3", Bucket(**objects))


MACHINE = Machine(username="ann", hostname="desk", runs=lambda pid: pid == 8, is_throwaway=False)


@pytest.mark.parametrize(
    ("machine", "lock", "reason"),
    [
        (MACHINE, LOCK, None),
        (MACHINE, {**LOCK, "pid": 8}, "process 8 runs on this machine"),
        (MACHINE, {**LOCK, "username": "bob"}, "ask bob on desk"),
        (MACHINE, {**LOCK, "hostname": "lap"}, "ask ann on lap"),
        (
            replace(MACHINE, is_throwaway=True),
            LOCK,
            "on a runner of GitHub Actions a lock is nobody's own: the names of those machines repeat",
        ),
    ],
)
def test_only_a_dead_command_of_ones_own_is_released(
    machine: Machine, lock: Mapping[str, Any], reason: str | None
) -> None:
    plan = plan_unlock(bucket(production=lock), bucket="b", project="zelly", stack=None, machine=machine)
    assert [why for _, why in plan.keeping] == ([] if reason is None else [reason])
    assert len(plan.releasing) == (reason is None)
    document = {
        **LOCK,
        **lock,
        "stack": "production",
        "since": "2026-05-04T12:00:00Z",
        "key": f"{PREFIX}production/1.json",
    }
    del document["timestamp"]
    kept = [] if reason is None else [{**document, "reason": reason}]
    assert plan.document() == {"bucket": "b", "releasing": [document] * (reason is None), "keeping": kept}


def test_plan_names_what_goes_what_stays_and_the_way_out() -> None:
    stored = bucket(production=LOCK, staging={**LOCK, "username": "bob"}, old="released")
    plan = plan_unlock(stored, bucket="b", project="zelly", stack=None, machine=MACHINE)
    assert plan.lines() == [
        f"{SAID}: its process is dead, will be released",
        f"{SAID.replace('production', 'staging').replace('ann', 'bob')}: stays (ask bob on desk)",
        "When nobody is at work on staging any more: pulumi cancel --stack staging",
    ]
    assert [lock.stack for lock in locks(stored, project="zelly", stack="staging")] == ["staging"]
    nothing = plan_unlock(bucket(), bucket="b", project="zelly", stack=None, machine=MACHINE)
    assert nothing.lines() == ["No lock in b."]


def test_lock_that_changed_meanwhile_is_not_among_those_released() -> None:
    stored = bucket(production=LOCK, staging=LOCK)
    plan = plan_unlock(stored, bucket="b", project="zelly", stack=None, machine=MACHINE)
    assert [lock.stack for lock in unlock(plan, stored)] == ["production"]


@pytest.mark.parametrize(
    "content", ["{broken", [], {}, {**LOCK, "pid": "x"}, {**LOCK, "pid": None}, {**LOCK, "timestamp": "then"}]
)
def test_what_is_no_lock_is_refused_with_its_place(content: object) -> None:
    with pytest.raises(OperatorError) as raised:
        locks(bucket(production=content), project="zelly", stack=None)
    assert raised.value.lines == (
        f"{PREFIX}production/1.json: not a lock as Pulumi writes it; look at it, then "
        "`pulumi cancel --stack production`",
    )


def test_this_machine_knows_what_runs_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    here = this_machine()
    # The first process is another user's, unless root asks.
    assert (here.runs(os.getpid()), here.runs(1), here.runs(2**22), here.is_throwaway) == (True, True, False, False)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert this_machine().is_throwaway


def refuse(_pid: int, _signal: int) -> None:
    raise PermissionError


def test_process_of_another_user_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "kill", refuse)
    assert this_machine().runs(1)


ANN, BOB = Peer(address=IPv4Address("10.0.0.2")), Peer(address=IPv4Address("10.0.0.3"), public_key="k" * 43 + "=")
PEERS = {"ann": ANN, "bob": BOB}


def entry(name: str, address: str, key: str) -> dict[str, str]:
    return {"name": name, "address": address, "public_key": key}


@pytest.mark.parametrize(
    ("fetched", "states"),
    [
        (None, ["added", "added"]),
        ([entry("ann", "10.0.0.2", "made"), entry("bob", "10.0.0.3", "k" * 43 + "=")], ["in sync", "in sync"]),
        ([entry("ann", "10.0.0.9", "made"), entry("bob", "10.0.0.3", "other")], ["changed", "changed"]),
        ([entry("eve", "10.0.0.4", "e")], ["added", "added", "removed"]),
    ],
)
def test_peers_are_compared_with_those_that_the_bastion_fetches(
    fetched: list[dict[str, str]] | None, states: list[str]
) -> None:
    words = {
        "added": "not in AWS yet: the next `pulumi up` adds it",
        "changed": "differs in AWS: the next `pulumi up` changes it",
        "removed": "not in the stack file: the next `pulumi up` removes it",
        "in sync": "in sync",
    }
    rows = peer_rows(PEERS, None if fetched is None else json.dumps(fetched))
    assert [row.state for row in rows] == [words[state] for state in states]
    assert [row.document()["in_sync"] for row in rows] == [state == "in sync" for state in states]


def test_row_of_a_peer_has_the_key_that_was_made_for_it() -> None:
    (row, other) = peer_rows(PEERS, json.dumps([entry("ann", "10.0.0.2", "made")]))
    assert row.document() == {
        "peer": "ann",
        "address": "10.0.0.2",
        "public_key": "made",
        "in_sync": True,
        "state": "in sync",
    }
    assert other.public_key == BOB.public_key


@pytest.mark.parametrize("text", ["{", "7", '[{"name": "ann"}]', '["ann"]'])
def test_parameter_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(OperatorError, match="the peers' parameter: not the list that the program writes"):
        peer_rows(PEERS, text)


def test_configuration_of_a_peer_says_whether_its_key_is_in_it() -> None:
    configs = {"ann": "[Interface]", "bob": "[Interface]"}
    found = [client_config(name, PEERS, configs) for name in PEERS]
    assert [(one.peer, one.text, one.holds_private_key) for one in found] == [
        ("ann", "[Interface]", True),
        ("bob", "[Interface]", False),
    ]
    with pytest.raises(OperatorError, match=r"^peer ann: in the stack file, and not made yet; `pulumi up` makes it$"):
        client_config("ann", PEERS, {})


def test_name_that_is_no_peers_is_refused_with_those_there_are() -> None:
    check_peer("ann", PEERS, "staging")
    for peers, allowed in ((PEERS, "ann, bob"), ({}, "none, its file has no peer")):
        with pytest.raises(OperatorError, match=f"^peer: came eve; allowed in staging: {allowed}$"):
            check_peer("eve", peers, "staging")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    urn: str
    type: str = "aws:cloudwatch/logGroup:LogGroup"
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    ignore_changes: tuple[str, ...] = ()
    custom: bool = True


def test_what_aws_has_is_compared_input_by_input(monkeypatch: pytest.MonkeyPatch) -> None:
    present: dict[str, Mapping[str, Any] | None] = {
        "same": {"retentionInDays": 7, "unasked": 1},
        "differs": {"retentionInDays": 9},
        "ignored": {"retentionInDays": 9},
        "unknown": {"retentionInDays": 9},
        "gone": None,
        "nested": {"tags": {"a": "1", "more": "2"}},
        "nested differently": {"tags": {"a": "2"}},
        "nested less": {"tags": {}},
    }

    def answer(_row: object, name: str, _wanted: object, _connection: object) -> Mapping[str, Any] | Unread | None:
        return present.get(name, Unread("no"))

    monkeypatch.setattr(drift_reading, "_read", answer)

    def of(name: str, **changes: Any) -> Wanted:
        inputs = changes.pop("inputs", {"retentionInDays": 7})
        return Wanted(urn=name, inputs={"name": name, **inputs}, **changes)

    resources = [
        of("same"),
        of("differs"),
        of("ignored", ignore_changes=("retentionInDays[0].x",)),
        of("unknown", inputs={"retentionInDays": [{"a": "${x.id}"}]}),
        of("gone"),
        of("nested", inputs={"tags": {"a": "1"}}),
        of("nested differently", inputs={"tags": {"a": "1"}}),
        of("nested less", inputs={"tags": {"a": "1"}}),
        of("refused"),
        of("${name}"),
        of("[secret]"),
        Wanted(urn="without a name"),
        of("component", custom=False),
        of("provider", type="pulumi:providers:aws"),
        of("other", type="aws:sqs/queue:Queue"),
    ]
    found = read(resources, cast("Connection", None))
    assert found.absent == ("gone",)
    assert found.differing == {
        "differs": {"retentionInDays": 9},
        "nested differently": {"tags": {"a": "2"}},
        "nested less": {"tags": {}},
    }
    assert (found.same, found.unread, found.compared) == (4, (Unread("no"),), 8)
    assert found.not_compared == {"aws:cloudwatch/logGroup:LogGroup": 3, "aws:sqs/queue:Queue": 1}


class Account:
    def __init__(self, found: Mapping[AccountSetting, Mapping[str, Any]]) -> None:
        self.found = dict(found)

    def setting(self, setting: AccountSetting) -> Mapping[str, Any]:
        return self.found.get(setting, {})

    def set(self, setting: AccountSetting, value: Mapping[str, Any]) -> None:
        self.found[setting] = value


def test_settings_of_all_regions_are_looked_at_once_and_the_registrys_in_its_own() -> None:
    here, there = Account(WANTED), Account({AccountSetting.METADATA: {"HttpTokens": "optional"}})
    accounts = cast("Mapping[str, AccountSettings]", {"here": here, "there": there})
    steps = plan_settings(accounts, registry_region="there")
    regional = [setting for setting in WANTED if setting not in GLOBAL]
    assert [step.name for step in steps] == [
        *(f"{'account' if one in GLOBAL else 'here'}, {one.value}" for one in WANTED if one not in OF_REGISTRY),
        *(f"there, {one.value}" for one in regional),
    ]
    conditions = {step.name: step.condition for step in steps}
    assert {one for name, one in conditions.items() if not name.startswith("there")} == {Condition.SO}
    assert conditions["there, IMDSv2 by default"] is Condition.DIFFERS
    assert conditions["there, ECR registry scanning"] is Condition.MISSING
    assert {step.line for step in steps} == {"is so", "differs, will be corrected", "will be set"}
    for step in steps[-len(regional) :]:
        step.act()
    assert there.found == {setting: WANTED[setting] for setting in regional}


def test_every_setting_that_is_wanted_tightens() -> None:
    values = {name: value for wanted in WANTED.values() for name, value in wanted.items()}
    assert {name: value for name, value in values.items() if isinstance(value, int) and value is not True} == {
        "MinimumPasswordLength": 14,
        "PasswordReusePrevention": 24,
    }


class Roles:
    def __init__(self, *present: str) -> None:
        self.present = [*present]

    def services(self) -> frozenset[str]:
        return frozenset(self.present)

    def create(self, service: str) -> None:
        self.present.append(service)


def test_roles_that_are_missing_are_made_each_for_its_service() -> None:
    there, *missing = SERVICES
    roles = Roles(there)
    steps = plan_roles(cast("ServiceLinkedRoles", roles))
    assert [(step.name, step.condition, step.line) for step in steps] == [
        (f"service-linked role of {there}", Condition.SO, "is so"),
        *((f"service-linked role of {service}", Condition.MISSING, "will be made") for service in missing),
    ]
    for step in steps[1:]:
        step.act()
    assert roles.present == [*SERVICES]


def test_times_are_those_of_utc() -> None:
    (lock,) = locks(bucket(production=LOCK), project="zelly", stack="production")
    assert (lock.line, lock.since.astimezone(UTC)) == (SAID, datetime(2026, 5, 4, 12, 0, 0, 500_000, tzinfo=UTC))
