"""What commands make of a PostgreSQL instance that was read: verdicts, the row of the status screen, points."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workbench.operations.answering import answering
from tests.workbench.operations.doctor.test_facts import Answers
from tests.workbench.operations.environments import DENIED, NOW, WHERE
from tests.workbench.operations.stores.databases import COPY, LIVE, MOMENT, SETTINGS, STORE
from workbench.aws.rds.instances import Instance, InstanceSettings, Snapshot
from workbench.aws.rds.maintenance import CertificateAuthority, PendingAction
from workbench.operations.doctor.report import Judgement, Verdict
from workbench.operations.readings import Unread
from workbench.operations.status.screen import State
from workbench.operations.stores.kind import Examination
from workbench.operations.stores.postgresql import checks, versions
from workbench.operations.stores.postgresql.facts import Measured, PostgresFacts
from workbench.operations.stores.postgresql.kind import KIND

FACTS = PostgresFacts(
    instance=replace(LIVE, restorable_until=NOW - timedelta(minutes=4)),
    actions=(),
    authority=CertificateAuthority(identifier="rds-ca-rsa2048-g1", valid_till=datetime(2061, 5, 25, tzinfo=UTC)),
    told="shop-db.abc.rds.example",
)


def judged(check: Any, facts: PostgresFacts = FACTS, *, addresses: tuple[str, ...] = ("10.0.0.7",)) -> Judgement:
    one = Examination(where=WHERE, store=STORE, facts=facts, addresses={LIVE.endpoint or "": addresses})
    return check(one)


def spoilt(**changes: Any) -> PostgresFacts:
    of_instance = {name: changes.pop(name) for name in [*changes] if name in Instance.__dataclass_fields__}
    of_settings = {name: changes.pop(name) for name in [*changes] if name in InstanceSettings.__dataclass_fields__}
    assert isinstance(FACTS.instance, Instance)
    instance = replace(FACTS.instance, **of_instance, settings=replace(SETTINGS, **of_settings))
    return replace(FACTS, instance=instance, **changes)


@pytest.mark.parametrize(
    ("check", "facts", "verdict", "seen"),
    [
        (checks.closed, FACTS, Verdict.DONE, "not publicly accessible"),
        (checks.closed, spoilt(is_publicly_accessible=True), Verdict.BROKEN, "shop-db is publicly accessible"),
        (checks.told, FACTS, Verdict.DONE, "shop/postgresql names shop-db"),
        (
            checks.told,
            spoilt(told=f"{COPY}.abc.rds.example"),
            Verdict.BROKEN,
            f"shop/postgresql names {COPY}; the stack",
        ),
        (checks.told, spoilt(told=None), Verdict.TO_DO, "shop/postgresql names no host"),
        (checks.in_sync, FACTS, Verdict.DONE, "shop-db-parameters-postgres16-1234567 is in-sync"),
        (checks.in_sync, spoilt(parameters_status="pending-reboot"), Verdict.TO_DO, "a parameter of"),
        (checks.in_sync, spoilt(parameters_status="failed-to-apply"), Verdict.BROKEN, "shop-db-parameters"),
        (
            checks.in_sync,
            spoilt(parameter_group="default.postgres16"),
            Verdict.BROKEN,
            "its parameter group is default",
        ),
        (checks.in_sync, spoilt(pending=("DBInstanceClass",)), Verdict.TO_DO, "DBInstanceClass changes in the main"),
        (checks.backup, FACTS, Verdict.DONE, "can be restored until"),
        (checks.backup, spoilt(restorable_until=NOW - timedelta(hours=2)), Verdict.BROKEN, "can be restored until"),
        (checks.backup, spoilt(restorable_until=None), Verdict.TO_DO, "cannot be restored yet"),
        (checks.backup, spoilt(backup_retention_days=0), Verdict.BROKEN, "backups are off"),
        (checks.authority, FACTS, Verdict.DONE, "rds-ca-rsa2048-g1 is valid until 2061-05-25T00:00:00Z"),
        (
            checks.authority,
            spoilt(authority=CertificateAuthority(identifier="old", valid_till=NOW + timedelta(days=300))),
            Verdict.BROKEN,
            "old is valid until",
        ),
    ],
)
def test_verdicts(check: Any, facts: PostgresFacts, verdict: Verdict, seen: str) -> None:
    judgement = judged(check, facts)
    assert (judgement.verdict, judgement.seen[0][: len(seen)]) == (verdict, seen)


@pytest.mark.parametrize("check", [checks.closed, checks.told, checks.in_sync, checks.backup, checks.authority])
def test_what_is_not_there_or_not_read_is_no_verdict_on_it(check: Any) -> None:
    gone = PostgresFacts(instance=None, actions=())
    assert judged(check, gone).verdict is Verdict.TO_DO
    denied = PostgresFacts(instance=DENIED, actions=DENIED, authority=DENIED)
    assert judged(check, denied).verdict is Verdict.CANNOT_TELL


def test_name_that_leads_to_a_public_address_is_told() -> None:
    judgement = judged(checks.closed, addresses=("203.0.113.9",))
    assert (judgement.verdict, judgement.seen) == (Verdict.BROKEN, ("its name leads to 203.0.113.9, which is public",))


@pytest.mark.parametrize(
    ("facts", "state", "what"),
    [
        (
            replace(FACTS, measured=Measured(free_storage_bytes=20 * 1024**3, connections=37)),
            State.WELL,
            "available; db.t4g.medium, with a standby, 50 GiB: 40 % free, connections: 37",
        ),
        (spoilt(status="backing-up", has_standby=False), State.CHANGING, "backing-up; db.t4g.medium, 50 GiB: no data"),
        (spoilt(status="storage-full"), State.BROKEN, "storage-full; "),
        (replace(FACTS, measured=Unread("cloudwatch: no")), State.UNREAD, "available; db.t4g.medium, with a standby"),
        (replace(FACTS, instance=None), State.BROKEN, ""),
    ],
)
def test_row_of_the_status_screen(facts: PostgresFacts, state: State, what: str) -> None:
    row = KIND.row(STORE, facts)
    assert (row.state, row.what[: len(what)]) == (state, what)


def test_maintenance_of_copies_is_not_told_as_the_live_ones() -> None:
    action = PendingAction(
        resource="arn:aws:rds:x:1:db:shop-db", action="system-update", description="", applied_at=None
    )
    of_copy = replace(action, resource=f"arn:aws:rds:x:1:db:{COPY}")
    announced = KIND.announced(STORE, replace(FACTS, actions=[action, of_copy]), "eu-west-1")
    assert [one.what for one in announced] == ["shop-db: system-update"]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType, reportUnknownMemberType, reportAttributeAccessIssue]


def test_releases_name_the_major_version_and_a_minor_one_whose_end_is_known() -> None:
    assert [one.release for one in versions.releases(STORE)] == ["16"]
    assert [one.release for one in versions.releases(replace(STORE, version="16.8"))] == ["16", "16.8"]
    assert versions.difference(STORE, "16.11") is None
    found = versions.difference(STORE, "16.13")
    assert found is not None
    assert (found.setting, found.difference) == ('postgresql.engine_version: "16.13"', "ahead")


def test_points_are_both_ends_and_the_snapshots_that_were_taken_on_purpose() -> None:
    snapshots = [
        Snapshot(name="before-1a2b", taken_at=MOMENT, kind="manual"),
        Snapshot(name="rds:shop-db-2026-11-25", taken_at=MOMENT - timedelta(hours=3), kind="automated"),
    ]
    earliest = datetime(2026, 11, 11, tzinfo=UTC)
    rds = answering(instance=LIVE, restorable_from=earliest, snapshots=snapshots)
    found = KIND.points(STORE, Answers(RdsInstances=rds))
    assert [(point.id, point.kind) for point in found.points] == [
        ("latest", "continuous"),
        ("before-1a2b", "snapshot"),
        ("earliest", "continuous"),
    ]
