"""Locks of a state backend: whose they are, which of them may be released, and what is said of the others."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from tests.workbench.operations.failing import refused
from workbench.aws.s3 import S3, StoredObject
from workbench.operations.state.locks import Machine, locks, plan_unlock, this_machine, unlock

PREFIX = ".pulumi/locks/organization/shop/"
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
    plan = plan_unlock(bucket(production=lock), bucket="b", project="shop", stack=None, machine=machine)
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
    plan = plan_unlock(stored, bucket="b", project="shop", stack=None, machine=MACHINE)
    assert plan.lines() == [
        f"{SAID}: its process is dead, will be released",
        f"{SAID.replace('production', 'staging').replace('ann', 'bob')}: stays (ask bob on desk)",
        "When nobody is at work on staging any more: pulumi cancel --stack staging",
    ]
    assert [lock.stack for lock in locks(stored, project="shop", stack="staging")] == ["staging"]
    nothing = plan_unlock(bucket(), bucket="b", project="shop", stack=None, machine=MACHINE)
    assert nothing.lines() == ["No lock in b."]


def test_lock_that_changed_meanwhile_is_not_among_those_released() -> None:
    stored = bucket(production=LOCK, staging=LOCK)
    plan = plan_unlock(stored, bucket="b", project="shop", stack=None, machine=MACHINE)
    assert [lock.stack for lock in unlock(plan, stored)] == ["production"]


@pytest.mark.parametrize(
    "content", ["{broken", [], {}, {**LOCK, "pid": "x"}, {**LOCK, "pid": None}, {**LOCK, "timestamp": "then"}]
)
def test_what_is_no_lock_is_refused_with_its_place(content: object) -> None:
    assert refused(locks, bucket(production=content), project="shop", stack=None) == [
        f"{PREFIX}production/1.json: not a lock as Pulumi writes it; look at it, then "
        "`pulumi cancel --stack production`"
    ]


def test_this_machine_knows_what_runs_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    here = this_machine()
    # The first process is another user's, unless root asks.
    assert (here.runs(os.getpid()), here.runs(1), here.runs(2**22), here.is_throwaway) == (True, True, False, False)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert this_machine().is_throwaway


def test_times_are_those_of_utc() -> None:
    (lock,) = locks(bucket(production=LOCK), project="shop", stack="production")
    assert (lock.line, lock.since.astimezone(UTC)) == (SAID, datetime(2026, 5, 4, 12, 0, 0, 500_000, tzinfo=UTC))
