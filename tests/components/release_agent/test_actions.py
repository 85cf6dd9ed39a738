"""What an operator does, and what operators who vanish, hurry or come late do."""

import fcntl
import json
import signal
import time

import pytest

from tests.components.release_agent.agent_host import SERVICES, AgentHost, everywhere
from tests.components.release_agent.conftest import FIRST_MIGRATION
from tests.components.release_agent.practice import HANGS, NEVER_READY

BACKWARDS = ["worker", "scheduler", "gateway", "config"]
TIMER_ON = "systemd-run --quiet --collect --unit=shop-release-undo "
TIMER_OFF = "systemctl stop shop-release-undo.timer"


def steps(host: AgentHost) -> list[str]:
    """Return, and forget, what was asked of systemd, without questions."""
    return [call for call in host.calls("system") if not call.startswith("systemctl show")]


# A good release


def test_good_release_whole(host: AgentHost, good: str) -> None:
    """PF1, PF2, PF3, PF7, PF30: one order, artefacts by id, each service in its release, ready, none doubled."""
    release = host.release("b")
    assert host.deploy(release).end == (0, "waiting", "confirm")
    services = {wave: [f"shop-{name}.service" for name in wave.split()] for wave in ("config", "gateway")}
    sockets = {wave: [unit.replace(".service", ".socket") for unit in units] for wave, units in services.items()}
    assert steps(host) == [
        TIMER_OFF,
        f"{TIMER_ON}--description=Take back a release that nobody confirms --on-active=15s "
        "--timer-property=OnUnitInactiveSec=15s --timer-property=AccuracySec=1s --property=SuccessExitStatus=1 2 "
        "--property=StandardOutput=null -- /usr/local/sbin/release-agent recover",
        *(
            f"systemctl {step}"
            for wave in ("config", "gateway")
            for step in (
                "daemon-reload",
                f"reset-failed {services[wave][0]} {sockets[wave][0]}",
                f"enable --quiet {services[wave][0]} {sockets[wave][0]}",
                f"start {sockets[wave][0]}",
                f"restart {services[wave][0]}",
            )
        ),
        "systemctl daemon-reload",
        "systemctl reset-failed shop-worker.service shop-scheduler.service shop-worker.socket shop-scheduler.socket",
        "systemctl enable --quiet shop-worker.service shop-scheduler.service shop-worker.socket shop-scheduler.socket",
        "systemctl stop shop-scheduler.service",
        "systemctl start shop-worker.socket shop-scheduler.socket",
        "systemctl restart shop-worker.service",
        "systemctl start shop-scheduler.service",
    ]
    assert host.read("etc/systemd/system/shop-worker.service.d/release.conf") == (
        "[Service]\n"
        f"WorkingDirectory=/opt/shop/releases/{release}/worker\n"
        "ExecStart=\n"
        f"ExecStart=/opt/shop/releases/{release}/worker/start\n"
    )
    assert (host.root / "opt/shop/current").readlink().as_posix() == f"releases/{release}"
    assert host.agent("confirm", release).end == (0, "healthy", "confirm")
    assert steps(host) == [TIMER_OFF]
    # The artefacts are gone, the release before is not.
    assert (host.unpacked(), list(host.root.glob("opt/shop/artefacts/*"))) == (sorted([good, release]), [])


def test_release_that_runs_already_is_not_started_again(host: AgentHost, good: str) -> None:
    again = host.deploy(good)
    assert (again.end, again.reason) == ((0, "healthy", None), f"{good} runs already and is confirmed")
    confirmed = host.agent("confirm", good)
    assert (confirmed.end, confirmed.reason) == ((0, "healthy", None), "confirmed before")
    assert host.started() == []


def test_status_shows_what_runs_what_waits_and_what_happened(host: AgentHost, good: str) -> None:
    release = host.release("b")
    host.deploy(release, "worker")
    status = host.agent("status")
    mixed = {**dict.fromkeys(SERVICES, good), "worker": release}
    assert (status.code, status.plain) == (
        0,
        {
            "action": "status",
            "environment": "live",
            "release": release,
            "service": "all",
            "outcome": "waiting",
            "stage": None,
            "reason": None,
            "stages": [],
            "services": {name: {"release": each, "state": "ready", "restarts": 0} for name, each in mixed.items()},
            "unconfirmed_until": "<time>",
            "history": [
                {"release": release, "at": "<time>", "outcome": "waiting", "services": mixed},
                {"release": good, "at": "<time>", "outcome": "healthy", "services": dict.fromkeys(SERVICES, good)},
                {"release": good, "at": "<time>", "outcome": "waiting", "services": dict.fromkeys(SERVICES, good)},
            ],
        },
    )
    host.put("gateway", "failed", 10)
    status = host.agent("status")
    assert (status.end, status.reason) == ((0, "failed", None), "not ready: gateway (failed, 10 restarts)")


def test_host_without_any_release_says_so(fresh: AgentHost) -> None:
    status = fresh.agent("status")
    assert (status.end, status.reason) == ((0, "healthy", None), "nothing has been released yet")
    assert status.states == everywhere(None, "not released")
    assert fresh.agent("rollback").reason == "all: nothing that was healthy before is left to go back to"
    assert fresh.agent("restart").reason == "all: nothing has been released to it yet"


# Refusals


REFUSED = {
    ("deploy", "0" * 16, "all", "staging"): "environment: came staging; this host is of live",
    ("status", "none", "all", "staging"): "environment: came staging; this host is of live",
    ("deploy", "none", "all", "live"): "release: came none; allowed 16 hexadecimal digits",
    ("deploy", "../../etc/x", "all", "live"): "release: came ../../etc/x; allowed 16 hexadecimal digits",
    ("rollback", "0" * 16, "all", "live"): f"release: came {'0' * 16}; allowed none for rollback",
    ("restart", "none", "pricing", "live"): "service: came pricing; allowed all, config, gateway, scheduler, worker",
    ("confirm", "0" * 16, "all", "live"): f"{'0' * 16} does not wait to be confirmed",
}
"""By the arguments of an action, why it is refused."""


@pytest.mark.parametrize("arguments", REFUSED, ids=str)
def test_wrong_arguments_are_refused_and_touch_nothing(arguments: tuple[str, str, str, str], host: AgentHost) -> None:
    """PF14: host and command carry the environment and have to agree."""
    ran = host.agent(*arguments)
    assert (ran.end, ran.reason) == ((2, "refused", None), REFUSED[arguments])
    assert steps(host) == []


def test_second_action_is_refused_with_whose_and_since_when_the_first_is(host: AgentHost) -> None:
    first = host.begin("deploy", host.release("b", starts={"config": HANGS}))
    while not host.transaction:
        time.sleep(0.02)
    second = host.deploy(host.release("c"))
    recovering = host.recover()
    status = host.agent("status")
    first.send_signal(signal.SIGTERM)
    out, _ = first.communicate(timeout=60)
    running = f"deploy of {json.loads(out)['release']} has been running since <time> as process {first.pid}"
    assert (second.end, second.reason) == ((2, "refused", None), f"{running}; wait for its end")
    assert (recovering.code, recovering.reason) == (2, f"{running}; wait for its end")
    assert status.reason == running


def test_action_waits_for_the_timer_that_only_looks(host: AgentHost) -> None:
    lock = host.root / "run/lock/shop-release"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("recover of all has been running since 2026-11-30T18:00:00Z as process 1\n")
        file.flush()
        waiting = host.begin("deploy", host.release("b"))
        time.sleep(1)
        assert (waiting.poll(), host.calls()) == (None, [])
    assert json.loads(waiting.communicate(timeout=60)[0])["outcome"] == "waiting"


def test_agent_that_is_told_to_end_takes_back_first(host: AgentHost, good: str) -> None:
    process = host.begin("deploy", host.release("b", starts={"gateway": HANGS}))
    while "activating" not in host.running()["gateway"]:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    document = json.loads(out)
    assert (process.returncode, document["outcome"], document["reason"]) == (
        1,
        "undone",
        "told to end (SIGTERM); taken back: config, gateway",
    )
    assert host.running() == everywhere(good, "active")


def test_deploy_while_another_waits_is_refused(host: AgentHost) -> None:
    first = host.release("b")
    host.deploy(first)
    second = host.deploy(host.release("c"))
    assert (second.end, second.reason) == (
        (2, "refused", None),
        f"{first}, deployed at <time>, waits to be confirmed until <time>: confirm it or roll it back first",
    )


def test_migration_waits_for_nobody_for_ever(host: AgentHost) -> None:
    """PF6: once, under a lock."""
    path = host.root / "run/lock/shop-migrations"
    path.touch()
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        ran = host.deploy(host.release("b", migrations=[FIRST_MIGRATION, "20260201120000_next"]))
    assert (ran.end, ran.reason) == (
        (2, "refused", "migrate"),
        "somebody else has held the lock on migrations (shop-migrations) for 0 seconds; no migration was begun; "
        "no service was touched",
    )


# The operator vanishes


def test_release_that_nobody_confirms_is_taken_back_with_every_service_restarted(host: AgentHost, good: str) -> None:
    host.configure(confirm_seconds=0)
    release = host.release("b")
    assert host.deploy(release).end == (0, "waiting", "confirm")
    host.started()
    time.sleep(1.1)
    ran = host.recover()
    assert (ran.end, ran.reason) == (
        (1, "undone", "recover"),
        "nobody confirmed before <time>; taken back: config, gateway, worker, scheduler",
    )
    assert host.started() == BACKWARDS
    assert host.running() == everywhere(good, "active")
    # Nobody is told that it has succeeded.
    late = host.agent("confirm", release)
    assert (late.end, late.reason) == (
        (1, "undone", None),
        "gone since <time>, before it was confirmed: nobody confirmed before <time>; "
        "taken back: config, gateway, worker, scheduler",
    )
    assert [each["outcome"] for each in host.agent("status").document["history"]][:2] == ["undone", "waiting"]


def test_confirmation_that_comes_too_late_takes_back(host: AgentHost, good: str) -> None:
    host.configure(confirm_seconds=0)
    release = host.release("b")
    host.deploy(release)
    time.sleep(1.1)
    assert host.agent("confirm", release).end == (1, "undone", "confirm")
    assert host.running() == everywhere(good, "active")


def test_service_that_dies_after_settling_is_noticed_at_the_confirmation(host: AgentHost, good: str) -> None:
    release = host.release("b")
    host.deploy(release)
    host.put("gateway", "active", 1)
    host.started()
    ran = host.agent("confirm", release)
    assert (ran.end, ran.reason) == (
        (1, "undone", "confirm"),
        "did not stay ready: gateway (ready, 1 restarts); taken back: config, gateway, worker, scheduler",
    )
    assert host.started() == BACKWARDS
    assert host.running() == everywhere(good, "active")


def test_first_release_of_all_that_fails_or_is_not_confirmed_leaves_all_stopped(fresh: AgentHost) -> None:
    failed = fresh.deploy(fresh.release("a", starts={"gateway": NEVER_READY}))
    assert (failed.end, failed.reason) == (
        (1, "undone", "switch"),
        "did not get ready: gateway (failed, 0 restarts); "
        "stopped, since there is nothing to go back to: config, gateway",
    )
    assert fresh.running() == everywhere(None, "inactive")
    assert not list(fresh.root.glob("world/enabled/*"))
    fresh.configure(confirm_seconds=0)
    assert fresh.deploy(fresh.release("b")).code == 0
    time.sleep(1.1)
    vanished = fresh.recover()
    assert (vanished.end, vanished.reason) == (
        (1, "undone", "recover"),
        "nobody confirmed before <time>; "
        "stopped, since there is nothing to go back to: config, gateway, worker, scheduler",
    )
    assert fresh.running() == everywhere(None, "inactive")
    assert not (fresh.root / "opt/shop/current").is_symlink()


def test_what_cannot_be_taken_back_is_said(host: AgentHost, good: str) -> None:
    host.write(f"opt/shop/releases/{good}/config/start", NEVER_READY)
    ran = host.deploy(host.release("b", starts={"gateway": NEVER_READY}))
    assert (ran.end, ran.reason) == (
        (3, "failed", "switch"),
        "did not get ready: gateway (failed, 0 restarts); taken back: config, gateway; "
        "not taken back: did not get ready: config (failed, 0 restarts)",
    )
    assert ran.states == {**everywhere(good, "ready"), "config": f"{good} failed"}
    assert host.history()[-1]["outcome"] == "failed"


# Going back


def test_rollback_goes_to_what_was_last_healthy_and_further_back_the_next_time(host: AgentHost, good: str) -> None:
    """PF23: seconds, without a build; not merely to what was there before."""
    host.configure(releases_kept=3)
    second, third = host.release("b"), host.release("c")
    host.deploy_and_confirm(second)
    host.deploy_and_confirm(third)
    assert host.deploy(host.release("d", starts={"config": NEVER_READY})).code == 1
    host.calls()
    first = host.agent("rollback")
    assert (first.end, first.document["release"], first.reason) == ((0, "healthy", "settle"), second, "")
    assert host.running() == everywhere(second, "active")
    assert [call for call in host.calls() if call.startswith("aws")] == []
    assert host.agent("rollback").document["release"] == good
    assert host.running() == everywhere(good, "active")
    assert host.agent("rollback").reason == "all: nothing that was healthy before is left to go back to"
    assert (host.root / "opt/shop/current").resolve().name == good


def test_rollback_of_a_release_that_waits_does_not_wait_for_the_timer(host: AgentHost, good: str) -> None:
    release = host.release("b")
    host.deploy(release)
    ran = host.agent("rollback")
    assert (ran.end, ran.document["release"], ran.reason) == (
        (0, "healthy", "switch"),
        good,
        f"{release} was not confirmed; taken back: config, gateway, worker, scheduler",
    )
    assert (host.running(), host.is_armed) == (everywhere(good, "active"), False)


def test_one_service_goes_back_alone_and_status_shows_it(host: AgentHost, good: str) -> None:
    """PF24: a pointer for each service."""
    host.configure(releases_kept=3)
    release = host.release("b")
    host.deploy_and_confirm(release)
    host.started()
    ran = host.agent("rollback", service="worker")
    assert (ran.end, ran.document["release"]) == ((0, "healthy", "settle"), good)
    assert host.started() == ["worker"]
    assert host.agent("status").states == {**everywhere(release, "ready"), "worker": f"{good} ready"}
    again = host.agent("rollback", service="worker")
    assert again.reason == "worker: nothing that was healthy before is left to go back to"
    # All others go back; nobody goes forward to what was left.
    assert host.agent("rollback").code == 0
    assert host.running() == everywhere(good, "active")


def test_one_service_does_not_go_back_alone_across_a_migration(host: AgentHost, good: str) -> None:
    """PF24: refused where a migration forbids it; all together it is said."""
    release = host.release("b", migrations=[FIRST_MIGRATION, "20260201120000_next"])
    host.deploy_and_confirm(release)
    refused = host.agent("rollback", service="worker")
    assert (refused.end, refused.reason) == (
        (2, "refused", None),
        f"worker can't go back to {good} alone: the database has got 20260201120000_next since",
    )
    assert host.running() == everywhere(release, "active")
    together = host.agent("rollback")
    assert (together.end, together.reason) == ((0, "healthy", "settle"), "the database keeps 20260201120000_next")
    ahead = host.deploy(host.release("c", migrations=[FIRST_MIGRATION]))
    (migrate,) = [stage["detail"] for stage in ahead.document["stages"] if stage["name"] == "migrate"]
    assert migrate == "nothing to apply; the database is ahead of this release by 20260201120000_next"


def test_rollback_that_fails_is_taken_back_too(host: AgentHost, good: str) -> None:
    release = host.release("b")
    host.deploy_and_confirm(release)
    host.write(f"opt/shop/releases/{good}/gateway/start", NEVER_READY)
    ran = host.agent("rollback")
    assert ran.end == (1, "undone", "switch")
    assert host.running() == everywhere(release, "active")


def test_restart_goes_wave_by_wave_and_says_what_does_not_come_back(host: AgentHost, good: str) -> None:
    assert host.agent("restart").end == (0, "healthy", "settle")
    assert host.started() == SERVICES
    assert host.agent("restart", service="gateway").end == (0, "healthy", "settle")
    assert host.started() == ["gateway"]
    host.write(f"opt/shop/releases/{good}/gateway/start", NEVER_READY)
    ran = host.agent("restart")
    assert (ran.end, ran.reason) == (
        (3, "failed", "switch"),
        "did not get ready: gateway (failed, 0 restarts); the release is the one from before",
    )
