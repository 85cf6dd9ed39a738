"""What a deploy changes, when it may not be, and what is left when it goes wrong: said before and after."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.operations.releases.small import (
    COMMIT,
    CREATED,
    SERVICES,
    Alarms,
    Bucket,
    Host,
    Parameters,
    answer,
    built,
    place,
)
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.operations.releases.deploy import DeployPlan, plan_deploy
from workbench.operations.releases.execute import carry_out
from workbench.operations.releases.push import plan_push, push
from workbench.operations.releases.record import Entry


def pushed(folder: Path, bucket: Bucket, **contents: Any) -> str:
    plan = plan_push(
        built(folder, **contents),
        stack="staging",
        platform="shop",
        commit=COMMIT,
        created=CREATED,
        services=SERVICES,
        bucket=bucket,
    )
    push(plan, bucket, lambda _: None)
    return plan.manifest.id


def entry(release: str, **services: str) -> Entry:
    return Entry(
        release=release,
        commit=COMMIT,
        services={**dict.fromkeys(SERVICES, release), **services},
        at=CREATED,
        by="arn:me",
        source=None,
        action="deploy",
        service=None,
        hotfix=None,
    )


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def old(tmp_path: Path, bucket: Bucket) -> str:
    return pushed(tmp_path / "old", bucket)


@pytest.fixture
def new(tmp_path: Path, bucket: Bucket) -> str:
    return pushed(tmp_path / "new", bucket, web="changed", migrations=("20261101_init", "20261102_more"))


def planned(release: str, host: Host, bucket: Bucket, **given: Any) -> DeployPlan:
    options: dict[str, Any] = {"service": None, "before": None, "hotfix": None, **given}
    return plan_deploy(release, place(host, bucket=bucket), **options)


def test_plan_tells_what_changes_and_which_migrations_are_new(bucket: Bucket, old: str, new: str) -> None:
    plan = planned(new, Host(dict.fromkeys(SERVICES, old)), bucket)
    assert {change.service: (change.before, change.is_same) for change in plan.changes} == {
        "web": (old, False),
        "worker": (old, True),
        "search": (old, True),
    }
    assert plan.migrations == ("20261102_more",)
    assert plan.lines() == [
        f"Release {new} of commit 01234567 to all services of staging.",
        f"  1 service changed, from {old}: web",
        f"  2 services with the same artefact, from {old}: worker, search",
        "1 new migration: 20261102_more.",
        "No snapshot is taken.",
        "The host takes it back by itself unless it is confirmed within 300 s of being ready.",
    ]


def test_unknown_release_names_those_that_are_there(bucket: Bucket, old: str) -> None:
    with pytest.raises(OperatorError, match=f"^release: 0000000000000000 is not in shop-releases; allowed: {old}$"):
        planned("0000000000000000", Host(), bucket)


def test_release_that_lacks_an_artefact_is_refused_before_the_host_is_asked(bucket: Bucket, old: str) -> None:
    key = next(key for key in bucket.objects if key.startswith("artefacts/"))
    del bucket.objects[key]
    host = Host()
    with pytest.raises(OperatorError, match=rf"is not whole, nothing was asked of the host:\n.*{key} is not in"):
        planned(old, host, bucket)
    assert host.asked == []


def test_manifest_that_somebody_changed_is_refused(bucket: Bucket, old: str) -> None:
    bucket.objects[f"releases/{old}.json"] += b" "
    with pytest.raises(OperatorError, match=f"and the name of {old}: somebody changed it$"):
        planned(old, Host(), bucket)


def test_release_has_to_have_been_healthy_in_the_stack_before(bucket: Bucket, old: str, new: str) -> None:
    mixed = entry(old, web=new)
    with pytest.raises(OperatorError, match=f"{new} was never healthy in first; deploy it there first, or say with"):
        planned(new, Host(), bucket, before=("first", [entry(old), mixed]))
    assert planned(new, Host(), bucket, before=("first", [mixed]), service="web").rehearsal is not None
    assert planned(old, Host(), bucket, before=("first", [entry(old), entry(new)])).lines()[-2] == (
        f"It was healthy in first at {CREATED}."
    )
    hotfix = planned(new, Host(), bucket, before=("first", []), hotfix="the shop is down")
    assert hotfix.lines()[-2] == "It never ran in first; hotfix, which the record tells: the shop is down."
    with pytest.raises(OperatorError, match=r"^--hotfix: it was healthy in first, so there is nothing to go without"):
        planned(old, Host(), bucket, before=("first", [entry(old)]), hotfix="just so")


def test_nothing_is_deployed_while_another_waits_to_be_confirmed(bucket: Bucket, old: str) -> None:
    with pytest.raises(OperatorError, match="waits to be confirmed until 2026-11-30T18:05:00Z"):
        planned(old, Host(waiting_until="2026-11-30T18:05:00Z"), bucket)


def run(plan: DeployPlan, host: Host, *, ssm: Parameters | None = None, alarms: Alarms | None = None) -> Entry:
    where = place(host, ssm=ssm, alarms=alarms)
    return carry_out(plan, where, by="arn:me", source=None, look_seconds=30)


def waiting(release: str) -> Any:
    return answer(
        "waiting", dict.fromkeys(SERVICES, release), unconfirmed_until="2026-11-30T18:05:00Z", release=release
    )


def test_healthy_release_is_confirmed_after_a_look_and_recorded(bucket: Bucket, old: str) -> None:
    host, ssm, alarms = Host(), Parameters(), Alarms()
    plan = planned(old, host, bucket)
    host.answers = {"deploy": waiting(old), "confirm": answer("healthy", dict.fromkeys(SERVICES, old))}
    recorded = run(plan, host, ssm=ssm, alarms=alarms)
    assert host.asked == [("deploy", old, "all"), ("confirm", old, "all")]
    assert alarms.looks == 5
    assert (recorded.release, recorded.commit, recorded.services) == (old, COMMIT, dict.fromkeys(SERVICES, old))
    assert json.loads(ssm.values[-1])["by"] == "arn:me"


def test_ringing_alarm_takes_the_release_back_and_nothing_is_recorded(bucket: Bucket, old: str) -> None:
    host, ssm = Host(), Parameters()
    plan = planned(old, host, bucket)
    host.answers = {"deploy": waiting(old), "rollback": answer("healthy", {}, reason=f"{old} was not confirmed")}
    with pytest.raises(OperationFailedError, match=f"^release {old} in staging: shop-errors began to ring; {old} was"):
        run(plan, host, ssm=ssm, alarms=Alarms(rings_at=3))
    assert [action for action, *_ in host.asked] == ["deploy", "rollback"]
    assert ssm.values == ["{}"]


def test_undone_release_says_why_and_what_runs(bucket: Bucket, old: str, new: str) -> None:
    host = Host(dict.fromkeys(SERVICES, old))
    plan = planned(new, host, bucket)
    runs = {"web": old, "worker": old, "search": new}
    host.answers = {"deploy": answer("undone", runs, stage="settle", reason="web died", unready=["search"])}
    with pytest.raises(OperationFailedError) as error:
        run(plan, host)
    assert error.value.lines == (
        f"release {new} in staging: undone in settle: web died",
        f"What runs: 2 services on {old}; search on {new}; search is failed.",
    )


def test_refused_release_is_the_operators_to_change(bucket: Bucket, old: str) -> None:
    host = Host()
    plan = planned(old, host, bucket)
    host.answers = {"deploy": answer("refused", {}, stage="room", reason="no room on the disk")}
    with pytest.raises(
        OperatorError, match=f"^release {old} in staging: refused in room: no room on the disk$"
    ) as error:
        run(plan, host)
    assert error.value.exit_code == 2


@pytest.mark.parametrize("when", ["deploy", "confirm"])
def test_operator_who_leaves_is_told_what_the_host_does_and_until_when(bucket: Bucket, old: str, when: str) -> None:
    def leave() -> Any:
        raise KeyboardInterrupt

    host = Host()
    plan = planned(old, host, bucket)
    host.answers = {"deploy": waiting(old), "confirm": leave} if when == "confirm" else {"deploy": leave}
    with pytest.raises(OperationInterruptedError) as error:
        run(plan, host)
    until = "at 2026-11-30T18:05:00Z" if when == "confirm" else "300 s after it is ready"
    assert error.value.lines[1] == (
        f"Nobody confirms release {old} now: the host of staging takes it back by itself {until}."
    )


def test_lost_connection_says_the_same(bucket: Bucket, old: str) -> None:
    def lose() -> Any:
        raise AwsError(
            operation="ssm:GetCommandInvocation", target="x", code="Gone", message="gone", reason=Reason.CREDENTIALS
        )

    host = Host()
    plan = planned(old, host, bucket)
    host.answers = {"deploy": lose}
    with pytest.raises(OperationFailedError, match="takes it back by itself 300 s after it is ready"):
        run(plan, host)
