"""Nineteen services on one machine: started, restarted, crashed, slow, deaf; rebooted, without power.

The tests share the machine, in this order: the first one finds nothing released.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping

import pytest

from pakashop_infra import catalog
from tests.machines.machine import wait_for
from tests.machines.services.artefacts import ReleaseFiles
from tests.machines.services.behaviour import Behaviour
from tests.machines.services.host import (
    PLATFORM,
    RELEASES,
    SERVICES,
    UNITS,
    ServiceMachine,
    UnitState,
    practice_release,
    unit,
)
from tests.programs.pakashop import facts
from zelly_components.alarms.host_metrics import UNIT_FAILED

EXPOSURE = 20
"""Tenths: systemd-analyze calls a unit below 2.0 "OK", and one without any of this 9.6, "UNSAFE"."""


@pytest.fixture(autouse=True)
def budgets(host: ServiceMachine) -> Iterator[None]:
    """Let each test start services as often as it likes: starts by hand count, too."""
    yield
    host.machine.run("systemctl", "reset-failed")


def starts_out_of_order(states: Mapping[str, UnitState]) -> list[str]:
    """Return who was started before those were ready that it waits for."""
    return [
        f"{service.name} before {other}"
        for service in catalog.SERVICES
        for other in service.after
        if states[unit(service.name)].started_at < states[unit(other)].ready_at
    ]


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return the services that were started anew."""
    return [name for name in SERVICES if before[unit(name)] != after[unit(name)]]


def test_host_without_a_release_waits_and_no_unit_fails(host: ServiceMachine) -> None:
    assert host.failed() == []
    assert {state.active for state in host.states().values()} == {"inactive"}
    assert host.machine.show(f"{PLATFORM}.target", "ActiveState") == "active"
    # By hand, too: there is nothing to start, which is said and no failure.
    host.machine.run("systemctl", "start", *UNITS, *[name.replace(".service", ".socket") for name in UNITS])
    assert {state.active for state in host.states().values()} == {"inactive"}
    assert host.failed() == []
    listening = host.machine.run("ss", "--tcp", "--listening", "--numeric", "--no-header").stdout
    assert sorted(line.split()[3] for line in listening.splitlines()) == ["0.0.0.0:443", "127.0.0.1:8444"]
    assert host.ask("/health")[0] == 502


def test_services_start_in_the_order_of_readiness(host: ServiceMachine, release: ReleaseFiles) -> None:
    """P11, P12, PF1, PF7: whoever waits is started once those answer that it waits for."""
    host.install(release)
    states = host.states()
    assert {name: state.active for name, state in states.items()} == dict.fromkeys(UNITS, "active")
    assert starts_out_of_order(states) == []
    for wave, services in enumerate(facts.START_ORDER):
        ready = max(states[unit(name)].ready_at for name in services)
        later = [name for each in facts.START_ORDER[wave + 1 :] for name in each]
        assert all(states[unit(name)].started_at >= ready for name in later), services
    listening = host.machine.run("ss", "--tcp", "--listening", "--numeric", "--no-header").stdout.split()
    assert {f"127.0.0.1:{port}" for port, _ in facts.SERVICES.values()} <= set(listening)
    assert [host.get(name, "/health")["service"] for name in SERVICES] == list(SERVICES)


def test_each_service_reads_its_own_secrets_and_nobody_elses(host: ServiceMachine) -> None:
    for service in catalog.SERVICES:
        secrets = [catalog.SECRET_BY_STORE[store] for store in service.stores]
        own = [service.secret] if service.keys else []
        keys = {**catalog.PROGRAM_SECRETS, **catalog.APPLICATION_SECRETS}
        lines = [
            f"{key}={host.host.secrets[secret][key]}\n" for secret in sorted([*secrets, *own]) for key in keys[secret]
        ]
        expected = hashlib.sha256("".join(lines).encode()).hexdigest()
        assert host.get(service.name, "/credentials")["sha256"] == expected, service.name
    whose = {"gateway": "gateway", "coupon": "coupon"}
    for user in whose:
        for owner in whose:
            for path in (
                f"/run/{PLATFORM}/credentials/{owner}",
                f"/run/credentials/{unit(owner)}/environment",
            ):
                read = host.machine.run(
                    *("setpriv", f"--reuid={PLATFORM}-{user}", "--clear-groups", "cat", path), check=False
                )
                # Its own it reads in its unit alone, from the copy that systemd has made for it.
                assert (read.returncode == 0) is (user == owner and path.startswith("/run/credentials/")), (user, path)


def test_secrets_stand_in_no_unit_no_process_and_no_file_on_the_disk(host: ServiceMachine) -> None:
    """P4: neither in units, releases, logs nor arguments."""
    value = host.host.secrets["pakashop/gateway/env"]["JWT_SECRET"]
    assert host.machine.mentions(value) == []
    assert host.machine.mentions(host.host.origin.secret["ORIGIN_PRIVATE_KEY"]) == []
    for listing in (("systemctl", "show", *UNITS), ("ps", "--no-headers", "-eo", "args"), ("ps", "eww", "-e")):
        assert value not in host.machine.run(*listing).stdout


def test_services_run_as_users_of_their_own_and_little_is_exposed(host: ServiceMachine) -> None:
    """PF10."""
    pids = {name: state.main_pid for name, state in host.states().items()}
    users = host.machine.run("ps", "-o", "user:32=", "-p", ",".join(map(str, pids.values()))).stdout.split()
    assert sorted(users) == sorted(name.removesuffix(".service") for name in UNITS)
    judged = host.machine.run(
        "systemd-analyze", "security", "--no-pager", f"--threshold={EXPOSURE}", *UNITS, check=False
    )
    assert judged.returncode == 0, [line for line in judged.stdout.splitlines() if "Overall" in line]


def test_sockets_hold_the_ports_while_services_restart(host: ServiceMachine) -> None:
    """PF9: of the requests during four restarts in each language, none is refused."""
    restarted = ("gateway", "search", "moderation")
    before = host.processes()
    urls = [f"http://127.0.0.1:{catalog.service(name).port}/health" for name in restarted[1:]]
    with host.load("https://api.pakashop.store/health", *urls) as statuses:
        for _ in range(4):
            host.machine.run("systemctl", "restart", *map(unit, restarted))
            time.sleep(0.2)
    assert {url: set(answers) for url, answers in statuses.items()} == {url: {"200"} for url in statuses}
    assert sum(answers.total() for answers in statuses.values()) > 200
    assert sorted(changed(before, host.processes())) == sorted(restarted)


def test_restart_of_what_all_need_restarts_nobody_else(host: ServiceMachine) -> None:
    before = host.processes()
    host.machine.run("systemctl", "restart", unit("config"))
    assert changed(before, host.processes()) == ["config"]


def test_crash_restarts_the_one_that_crashed_on_its_own_release(host: ServiceMachine, release: ReleaseFiles) -> None:
    """PF3: another release may lie there already; no unit runs mixed code."""
    other = practice_release(commit="1" * 40)
    (host.machine.root / RELEASES[1:] / other.release).mkdir()
    host.tell("backend", Behaviour(), settings=["RestartSec=100ms"])
    host.machine.run("systemctl", "restart", unit("backend"))
    before = host.processes()
    host.machine.run("curl", "--silent", f"http://127.0.0.1:{catalog.service('backend').port}/crash", check=False)
    wait_for(lambda: host.processes()[unit("backend")] not in {before[unit("backend")], (0, 0)}, "another process")
    host.wait_until_ready("backend")
    assert changed(before, host.processes()) == ["backend"]
    assert host.state("backend").restarts == 1
    assert host.get("backend", "/health")["release"] == f"{RELEASES}/{release.release}/backend"
    # It rings: the alarm counts systemd's own words.
    assert any(UNIT_FAILED in line for line in host.machine.systemd_says(unit("backend")))
    host.tell("backend", None)


def test_crash_loop_ends_and_takes_nobody_along(host: ServiceMachine) -> None:
    before = host.processes()
    host.tell("coupon", Behaviour(exit=3), settings=["RestartSec=10ms"])
    host.machine.run("systemctl", "restart", unit("coupon"), check=False)
    wait_for(lambda: host.state("coupon").active == "failed", "the end of the loop")
    assert host.state("coupon").restarts == 10
    assert host.failed() == ["pakashop-coupon.service", "pakashop-coupon.socket"]
    refused = host.machine.run("systemctl", "start", unit("coupon"), check=False)
    assert refused.returncode != 0
    after = host.processes()
    assert changed(before, after) == ["coupon"]

    host.tell("coupon", None)
    host.machine.run("systemctl", "reset-failed", unit("coupon"), "pakashop-coupon.socket")
    host.machine.run("systemctl", "start", unit("coupon"))
    assert host.get("coupon", "/health")["ready"] is True
    assert host.failed() == []


def test_requests_wait_for_a_slow_start(host: ServiceMachine) -> None:
    host.tell("fraud", Behaviour(start_seconds=1.5))
    host.machine.run("systemctl", "restart", "--no-block", unit("fraud"))
    wait_for(lambda: host.state("fraud").sub == "start-post", "the start")
    assert host.get("fraud", "/health")["ready"] is True
    host.wait_until_ready("fraud")
    state = host.state("fraud")
    assert state.ready_at - state.started_at >= 1_500_000
    host.tell("fraud", None)


def test_service_that_never_gets_ready_fails_and_is_tried_again(host: ServiceMachine) -> None:
    """PF7: running is not ready."""
    before = host.processes()
    host.tell("pricing", Behaviour(ready=False), settings=["TimeoutStartSec=1"])
    started = host.machine.run("systemctl", "restart", unit("pricing"), check=False)
    assert started.returncode != 0
    state = host.state("pricing")
    assert (state.sub, state.result) == ("auto-restart", "timeout")
    assert changed(before, host.processes()) == ["pricing"]
    host.tell("pricing", None)
    host.machine.run("systemctl", "restart", unit("pricing"))
    assert host.state("pricing").active == "active"


def test_service_that_does_not_hear_sigterm_is_killed(host: ServiceMachine) -> None:
    # What it was told it reads at its start.
    host.tell("loyalty", Behaviour(ignore_sigterm=True), settings=["TimeoutStopSec=1"])
    host.machine.run("systemctl", "restart", unit("loyalty"))
    deaf = host.state("loyalty")
    host.tell("loyalty", Behaviour(), settings=["TimeoutStopSec=1"])
    host.machine.run("systemctl", "restart", unit("loyalty"))
    assert host.state("loyalty").process != deaf.process
    assert any("Killing process" in line for line in host.machine.systemd_says(unit("loyalty")))
    host.tell("loyalty", None)


def test_secret_that_cannot_be_fetched_keeps_nobody_from_restarting(host: ServiceMachine) -> None:
    request = "secretsmanager get-secret-value pakashop/gateway/env"
    host.machine.answer(request, "", refusals=1000)
    host.machine.run("systemctl", "restart", unit("gateway"))
    assert host.state("gateway").active == "active"
    assert host.failed() == [f"{PLATFORM}-credentials@gateway.service"]
    host.machine.answer(request, host.host.answers[request])


def test_services_go_on_on_a_full_disk(host: ServiceMachine) -> None:
    before = host.processes()
    # What the machine itself notes down needs a little.
    host.machine.resize_disk(room=128 * 1024)
    try:
        host.machine.run("systemctl", "restart", unit("reports"))
        assert [name for name in SERVICES if host.get(name, "/health")["ready"] is not True] == []
        assert host.ask("/health")[0] == 200
    finally:
        host.machine.resize_disk(room=None)
    assert changed(before, host.processes()) == ["reports"]


def test_reboot_brings_all_back_in_order_though_the_first_is_slow(host: ServiceMachine) -> None:
    host.tell("config", Behaviour(start_seconds=1))
    host.machine.shut_down()
    assert host.boot() == "success"
    states = host.states()
    assert {state.active for state in states.values()} == {"active"}
    assert starts_out_of_order(states) == []
    assert states[unit("config")].ready_at - states[unit("config")].started_at >= 1_000_000
    assert host.failed() == []
    assert host.ask("/health")[0] == 200
    host.tell("config", None)


def test_host_that_lost_its_power_comes_back_whole(host: ServiceMachine) -> None:
    host.machine.cut_power()
    assert host.boot() == "success"
    assert {name: state.active for name, state in host.states().items()} == dict.fromkeys(UNITS, "active")
    assert starts_out_of_order(host.states()) == []
    assert host.failed() == []
    assert host.ask("/health")[0] == 200
