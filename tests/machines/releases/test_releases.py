"""Releases of nineteen services on one machine, good ones and others; the power goes, the operator goes.

The tests share the machine, in this order: each leaves it with a healthy release.
"""

import json

from benchmarks.release_requests import Lost, measure
from tests.machines.machine import wait_for
from tests.machines.releases.host import ReleaseMachine, migrations
from tests.machines.services.behaviour import Behaviour
from tests.machines.services.host import PLATFORM, RELEASES, SERVICES, UNITS

FIRST, SECOND, BROKEN = "20260101120000_init", "20260201120000_more", "20260301120000_broken"
RECOVER = f"{PLATFORM}-release-recover.service"
TIMER = f"{PLATFORM}-release-undo.timer"


def everywhere(release: str) -> dict[str, str]:
    """Return what answers when all services run a release."""
    return dict.fromkeys(SERVICES, release)


def healthy(host: ReleaseMachine) -> str:
    """Return the release that was confirmed last."""
    return previously_healthy(host)[0]


def previously_healthy(host: ReleaseMachine) -> list[str]:
    """Return the releases that were confirmed, the last one first."""
    return [each["release"] for each in reversed(host.history()) if each["outcome"] == "healthy"]


def test_first_release_that_fails_leaves_all_stopped(host: ReleaseMachine) -> None:
    """deploy-rs' first deploy: there is nothing to go back to."""
    host.start_database()
    ran = host.agent("deploy", host.release({"config": Behaviour(exit=3)}))
    assert ran.end == (1, "undone", "switch")
    assert ran.document["reason"].endswith("stopped, since there is nothing to go back to: config")
    assert {state.active for state in host.services.states().values()} == {"inactive"}
    assert host.failed() == []


def test_good_release_runs_everywhere_with_its_migrations(host: ReleaseMachine) -> None:
    release = host.release(migrated=migrations(FIRST))
    host.deploy_and_confirm(release)
    assert host.answering() == everywhere(release)
    assert host.services.ask("/health")[0] == 200
    assert host.failed() == []
    # PF4, PF10: a venv of its own path, made without network by a user that can't change it afterwards.
    place = f"{RELEASES}/{release}/moderation"
    assert host.machine.run("stat", "--format=%U", place, f"{place}/venv/pyvenv.cfg").stdout.split() == ["root"] * 2
    assert f"{place}/venv" in (host.machine.root / f"{place[1:]}/venv/bin/activate").read_text()
    assert host.machine.run("systemctl", "is-active", TIMER, check=False).stdout == "inactive\n"
    assert host.machine.mentions("DATABASE_URL '\"") == []


def test_service_that_never_gets_ready_takes_all_back(host: ReleaseMachine) -> None:
    """PF7, PF8: the first failure brings every touched service back."""
    good = healthy(host)
    host.configure(ready_seconds=6)
    before = host.services.processes()
    ran = host.agent("deploy", host.release({"pricing": Behaviour(ready=False)}))
    assert ran.end == (1, "undone", "switch"), ran.talk
    assert ran.document["reason"].startswith(
        "did not get ready within 6 seconds: pricing (failed, 0 restarts); taken back: "
    )
    assert host.answering() == everywhere(good)
    after = host.services.processes()
    assert [unit for unit in UNITS if before[unit] == after[unit]] == []
    host.configure(ready_seconds=40)


def test_service_that_dies_while_it_settles_takes_all_back(host: ReleaseMachine) -> None:
    good = healthy(host)
    ran = host.agent("deploy", host.release({"notifications": Behaviour(crash_after_seconds=1)}), "notifications")
    assert ran.end == (1, "undone", "settle"), ran.talk
    assert ran.document["reason"].endswith("; taken back: notifications")
    assert host.answering() == everywhere(good)


def test_service_that_dies_after_settling_is_noticed_at_the_confirmation(host: ReleaseMachine) -> None:
    good = healthy(host)
    release = host.release({"backend": Behaviour(crash_after_seconds=5)})
    assert host.agent("deploy", release, "backend").end == (0, "waiting", "confirm")
    wait_for(lambda: host.services.state("backend").active != "active", "the crash")
    ran = host.agent("confirm", release)
    assert ran.end == (1, "undone", "confirm"), ran.talk
    assert host.answering() == everywhere(good)


def test_release_that_is_not_what_its_id_says_touches_nothing(host: ReleaseMachine) -> None:
    before = host.services.processes()
    bucket = host.services.host.bucket
    release = host.release()
    manifest = json.loads((host.machine.root / f"machine/s3/{bucket}/releases/{release}.json").read_text())
    digest, size = manifest["services"]["fraud"]["sha256"], manifest["services"]["fraud"]["size"]
    host.machine.put_object(bucket, f"artefacts/{digest}.tar.gz", b"!" * size)
    tampered = host.agent("deploy", release)
    assert tampered.end == (2, "refused", "verify")
    (host.machine.root / f"machine/s3/{bucket}/artefacts/{digest}.tar.gz").unlink()
    assert host.agent("deploy", release).end == (2, "refused", "fetch")
    assert host.agent("deploy", "0" * 16).end == (2, "refused", "fetch")
    assert host.services.processes() == before


def test_full_disk_is_seen_before_anything_is_written(host: ReleaseMachine) -> None:
    before = host.services.processes()
    release = host.release()
    host.machine.resize_disk(room=32 << 20)
    try:
        ran = host.agent("deploy", release)
    finally:
        host.machine.resize_disk(room=None)
    assert ran.end == (2, "refused", "fetch"), ran.talk
    assert "have to stay free" in ran.document["reason"]
    assert host.services.processes() == before


def test_failing_migration_touches_no_service(host: ReleaseMachine) -> None:
    before = host.services.processes()
    ran = host.agent("deploy", host.release(migrated=migrations(FIRST, BROKEN)))
    assert ran.end == (1, "failed", "migrate"), ran.talk
    assert "the database is as it was; no service was touched" in ran.document["reason"]
    assert host.services.processes() == before


def test_operator_who_vanishes_is_made_up_for_by_a_timer(host: ReleaseMachine) -> None:
    good = healthy(host)
    host.configure(confirm_seconds=1)
    release = host.release()
    with host.deploying(release):
        # Two at once: the second one is told of the first.
        host.wait_for_phase("switch", touched=1)
        second = host.agent("deploy", release, "coupon")
        assert (second.code, f"deploy of {release} has been running since" in second.document["reason"]) == (2, True)
        host.wait_for_phase("waiting")
        before = host.services.processes()
        wait_for(lambda: host.transaction() is None, "the timer")
    after = host.services.processes()
    assert [unit for unit in UNITS if before[unit] == after[unit]] == []
    assert host.answering() == everywhere(good)
    late = host.agent("confirm", release)
    assert (late.code, late.document["outcome"]) == (1, "undone")
    host.configure(confirm_seconds=300)


def test_power_cut_in_the_middle_ends_with_the_healthy_release(host: ReleaseMachine) -> None:
    good = healthy(host)
    release = host.release({"gateway": Behaviour(start_seconds=60)})
    with host.deploying(release):
        host.wait_for_phase("switch", touched=2)
        host.machine.cut_power()
    assert host.services.boot() == "success"
    for service in SERVICES:
        host.services.wait_until_ready(service)
    assert host.answering() == everywhere(good)
    assert host.transaction() is None
    last = host.history()[-1]
    assert (last["action"], last["outcome"], last["release"]) == ("recover", "undone", release)
    assert host.failed() == []
    assert host.machine.show(RECOVER, "Result") == "success"


def test_no_request_is_lost_while_every_service_is_restarted(host: ReleaseMachine) -> None:
    """PF9: the same measurement as the benchmark's, small."""
    measured = measure(host, requests=300)
    assert measured == Lost(
        releases=measured.releases,
        restarted=19 * measured.releases,
        requests=measured.requests,
        lost=0,
        problems={},
        slowest_seconds=measured.slowest_seconds,
    )
    assert measured.requests >= 300


def test_rollback_of_all_and_of_one(host: ReleaseMachine) -> None:
    """PF23, PF24."""
    release = healthy(host)
    good = next(each for each in previously_healthy(host) if each != release)
    one = host.agent("rollback", service="scheduler")
    assert one.end == (0, "healthy", "settle"), one.talk
    assert host.answering() == {**everywhere(release), "scheduler": good}
    all_of_them = host.agent("rollback")
    assert all_of_them.end == (0, "healthy", "settle"), all_of_them.talk
    assert host.answering() == everywhere(good)
