"""Back to what was last healthy, and on to the next stack with the same bytes."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.workbench.operations.releases.small import SERVICES, Bucket, Host, Parameters, answer, place
from tests.workbench.operations.releases.test_deploy import entry, pushed
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.releases.promote import copy, plan_promote
from workbench.operations.releases.record import Entry, entries, write_record
from workbench.operations.releases.rollback import earlier, plan_rollback, roll_back

A, B, C = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"


def back(release: str, service: str | None = None, **services: str) -> Entry:
    return replace(entry(release, **services), action="rollback", service=service)


@pytest.mark.parametrize(
    ("record", "service", "expected"),
    [
        ([], None, None),
        ([entry(A)], None, None),
        ([entry(A), entry(B)], None, {"web": A, "worker": A, "search": A}),
        ([entry(A), entry(B)], "web", {"web": A}),
        # Two rollbacks in a row go back two steps, and a deploy reaches again what was left.
        ([entry(A), entry(B), entry(C), back(B)], None, {"web": A, "worker": A, "search": A}),
        ([entry(A), entry(B), back(A), entry(B)], None, {"web": A, "worker": A, "search": A}),
        # One service's rollback belongs to the step that it is in.
        ([entry(A), entry(B), back(B, "web", web=A)], None, {"web": A, "worker": A, "search": A}),
    ],
)
def test_record_tells_where_a_rollback_goes(
    record: list[Entry], service: str | None, expected: dict[str, str] | None
) -> None:
    present = {} if not record else {k: v for k, v in record[-1].services.items() if service in {None, k}}
    assert earlier(record, present, service) == expected


def test_rollback_is_recorded_as_the_host_says_it_ended() -> None:
    host, ssm = Host(dict.fromkeys(SERVICES, B)), Parameters()
    where = place(host, ssm=ssm)
    for each in (entry(A), entry(B)):
        write_record(where.ssm, where.record_name, each)
    plan = plan_rollback(where, service="web")
    assert plan.lines() == ["web of staging: back to what was last healthy.", f"  1 service from {B} to {A}: web"]
    host.answers = {"rollback": answer("healthy", {**dict.fromkeys(SERVICES, B), "web": A})}
    recorded = roll_back(plan, where, by="arn:me")
    assert (recorded.release, recorded.is_mixed, recorded.service, recorded.action) == (B, True, "web", "rollback")
    assert entries(ssm.history(where.record_name))[-1] == recorded


def test_refused_rollback_records_nothing() -> None:
    host, ssm = Host(), Parameters()
    where = place(host, ssm=ssm)
    host.answers = {"rollback": answer("refused", {}, stage="", reason="nothing that was healthy before is left")}
    with pytest.raises(OperatorError, match="refused in the beginning: nothing that was healthy before is left"):
        roll_back(plan_rollback(where, service=None), where, by="arn:me")
    assert ssm.values == ["{}"]


def test_promotion_copies_what_is_missing_compares_it_and_writes_the_manifest_last(tmp_path: Path) -> None:
    first, second = Bucket("first"), Bucket("second")
    release = pushed(tmp_path, first, web="1")
    host, ssm = Host(dict.fromkeys(SERVICES, release)), Parameters()
    source = place(host, bucket=first, ssm=ssm)
    with pytest.raises(OperatorError, match="staging: nothing was released there yet"):
        plan_promote(None, source, place(Host(), bucket=second))
    write_record(source.ssm, source.record_name, entry(release))
    plan = plan_promote(None, source, place(Host(), bucket=second))
    assert sorted(plan.copied) == ["migrations", "search", "web"]
    copy(plan, first, second, lambda _: None)
    assert second.objects == first.objects
    assert list(second.objects)[-1] == f"releases/{release}.json"
    assert plan_promote(None, source, place(Host(), bucket=second)).copied == {}


def test_damaged_artefact_is_not_promoted(tmp_path: Path) -> None:
    first, second = Bucket("first"), Bucket("second")
    release = pushed(tmp_path, first)
    source = place(Host(dict.fromkeys(SERVICES, release)), bucket=first)
    write_record(source.ssm, source.record_name, entry(release))
    plan = plan_promote(None, source, place(Host(), bucket=second))
    key = next(key for key in first.objects if key.startswith("artefacts/"))
    first.objects[key] = bytes(len(first.objects[key]))
    with pytest.raises(OperationFailedError, match="nothing of the release was deployed, and its manifest was not"):
        copy(plan, first, second, lambda _: None)
    assert f"releases/{release}.json" not in second.objects


def test_stack_of_several_releases_or_unready_services_promotes_nothing(tmp_path: Path) -> None:
    bucket = Bucket()
    release = pushed(tmp_path, bucket)
    host = Host()
    source = place(host, bucket=bucket)
    write_record(source.ssm, source.record_name, entry(release, web=A))
    with pytest.raises(OperatorError, match=f"its services run several releases \\({', '.join(sorted((A, release)))}"):
        plan_promote(None, source, place(Host(), bucket=Bucket()))
    write_record(source.ssm, source.record_name, entry(release))
    host.status_answer = answer("failed", dict.fromkeys(SERVICES, release), unready=["web"])
    with pytest.raises(OperatorError, match=r"staging is not healthy, nothing is promoted: web is failed$"):
        plan_promote(None, source, place(Host(), bucket=Bucket()))
