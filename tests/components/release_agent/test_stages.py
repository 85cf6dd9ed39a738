"""What single stages do: what is reused, what runs as whom, what is kept, and what a full disk leaves."""

import json
from pathlib import Path
from typing import Any

import pytest

from release_agent.memory import Healthy
from release_agent.room import deletable
from tests.components.release_agent.agent_host import AgentHost, everywhere
from tests.components.release_agent.conftest import FIRST_MIGRATION
from tests.components.release_agent.practice import MIGRATE

PREPARE = b"#!/bin/sh\nset -eu\necho made >made\n"
STREAMS = ("Output", "Error")
PREPARED = ("prepare", PREPARE, 0o755)


def detail(document: dict[str, Any], stage: str) -> str:
    """Return a stage's detail."""
    details: dict[str, str] = {each["name"]: each["detail"] for each in document["stages"]}
    return details[stage]


# fetch


def test_broken_off_fetch_goes_on_with_what_is_there(host: AgentHost) -> None:
    release = host.release("b")
    missing = host.artefact(release, "worker")
    aside = missing.with_suffix(".aside")
    missing.rename(aside)
    assert host.deploy(release).code == 2
    aside.rename(missing)
    fetched = len(host.calls("aws --region eu-west-1 s3 cp"))
    ran = host.deploy(release)
    copies = host.calls("aws --region eu-west-1 s3 cp")
    # The manifest each time: nothing of it is kept under a release's name before all of the release is.
    assert (ran.code, fetched + len(copies)) == (0, 4 + 1 + 2)
    host.recover()
    host.agent("rollback")
    again = host.deploy(release)
    assert detail(again.document, "fetch") == "0 of 4 artefacts; the others were there"
    assert detail(again.document, "prepare") == "0 unpacked; prepared none"


# prepare and migrate


def test_programs_of_a_release_run_confined_as_their_own_user(host: AgentHost) -> None:
    """PF4, PF5, PF10: nothing is built with the network or as root, and migrations bring their own pinned tool."""
    release = host.release("b", members={"worker": [PREPARED]}, migrations=[FIRST_MIGRATION, "20260201120000_next"])
    assert host.deploy(release).code == 0
    confined = (
        "--property=NoNewPrivileges=yes --property=PrivateDevices=yes --property=PrivateTmp=yes "
        "--property=ProtectHome=yes --property=ProtectSystem=strict --property=RestrictSUIDSGID=yes"
    )
    begin = "systemd-run --quiet --collect --service-type=oneshot"

    def limits(name: str) -> str:
        streams = [f"--property=Standard{each}=truncate:/run/shop/release/shop-{name}.{each}" for each in STREAMS]
        return " ".join(["--property=TimeoutStartSec=600", *streams])

    worker = f"/opt/shop/releases/{release}/worker"
    tool = f"/opt/shop/releases/{release}/migrations"
    migrate = (
        f"{begin} --unit=shop-migrate --uid=shop-migrations --setenv=HOME=/tmp --property=WorkingDirectory={tool} "
        f"{limits('migrate')} {confined} --property=EnvironmentFile=/run/shop/credentials/migrations "
        f"-- {tool}/migrate"
    )
    assert host.calls(begin) == [
        f"{begin} --unit=shop-prepare-worker --uid=shop-worker --setenv=HOME=/tmp --property=WorkingDirectory={worker} "
        f"{limits('prepare-worker')} {confined} --property=BindPaths={worker}.partial:{worker} "
        f"--property=ReadWritePaths={worker} --property=PrivateNetwork=yes -- /bin/sh -c exec ./prepare",
        f"{migrate} status",
        f"{migrate} deploy",
        f"{migrate} status",
    ]
    assert host.read(f"{worker[1:]}/made") == "made\n"
    # Neither on a command line nor left in memory.
    assert host.read("run/shop/credentials/migrations") == ""
    assert "DATABASE_URL" in MIGRATE


def test_services_can_read_their_release_whoever_asked_for_it(host: AgentHost) -> None:
    release = host.release("b", members={"worker": [("lib/data", b"", 0o600)]})
    deploying = host.begin("deploy", release, umask=0o077)
    assert json.loads(deploying.communicate(timeout=60)[0])["outcome"] == "waiting"
    place = host.root / "opt/shop/releases" / release
    found = {path.relative_to(place).as_posix(): path.stat().st_mode & 0o777 for path in place.glob("worker/**/*")}
    assert (place.stat().st_mode & 0o777, found) == (
        0o755,
        {"worker/start": 0o755, "worker/lib": 0o755, "worker/lib/data": 0o644},
    )


# snapshot


def test_snapshot_is_taken_once_per_release_and_anew_when_it_is_old(host: AgentHost) -> None:
    release = host.release("b", members={"worker": [("prepare", b"#!/bin/sh\nexit 1\n", 0o755)]})
    name = f"shop-live-release-{release}"
    assert host.deploy(release).end == (1, "failed", "prepare")
    assert not (host.root / f"world/snapshots/{name}").exists()
    release = host.release("c")
    name = f"shop-live-release-{release}"
    host.write(f"world/snapshots/{name}", '["available", "2026-01-01T00:00:00.123000+00:00"]')
    ran = host.deploy(release)
    taken = detail(ran.document, "snapshot")
    assert taken.startswith(f"{name}-20")
    assert (host.root / "world/snapshots" / taken).exists()
    host.agent("rollback")
    host.write(f"world/snapshots/{name}", host.read(f"world/snapshots/{taken}"))
    assert detail(host.deploy(release).document, "snapshot") == f"{name}, of an earlier try"


def test_host_whose_configuration_wants_no_snapshot_says_so(host: AgentHost) -> None:
    host.configure(snapshot_before_release=False)
    ran = host.deploy(host.release("b"))
    assert detail(ran.document, "snapshot") == "none: the host's configuration asks for none"
    assert host.calls("aws --region eu-west-1 rds") == []


# room


def healthy(*releases: str) -> list[Healthy]:
    """Return healthy states, each of one release."""
    return [Healthy(release=name, at="", services={"config": name}, schema=[]) for name in releases]


def test_failed_releases_go_first_and_the_healthy_ones_are_counted() -> None:
    present = ["bad1", "bad2", "bad3", "h1", "h2", "h3", "h4"]
    known = healthy("h1", "h2", "h3", "h4")
    assert deletable(known, present, {"h4"}, 3) == ["bad1", "bad2", "bad3", "h1"]
    # Never what runs, nor what one would go back to.
    assert deletable(known, present, {"h4"}, 1) == ["bad1", "bad2", "bad3", "h1", "h2"]
    assert deletable(known, present, {"h1", "bad2"}, 2) == ["bad1", "bad3", "h2"]


def test_release_that_one_service_alone_runs_is_kept() -> None:
    state = Healthy(release="h3", at="", services={"config": "h3", "worker": "h1"}, schema=[])
    assert deletable([*healthy("h1", "h2"), state], ["h1", "h2", "h3"], {"h3"}, 2) == []


def test_after_failed_releases_the_good_ones_are_still_there(host: AgentHost, good: str) -> None:
    failing = [host.release(name, members={"config": [("prepare", b"#!/bin/sh\nexit 1\n", 0o755)]}) for name in "bcd"]
    unready = host.release("e", starts={"config": "# never ready\n"})
    assert [host.deploy(each).code for each in [*failing, unready]] == [1, 1, 1, 1]
    second = host.release("f")
    host.deploy_and_confirm(second)
    assert host.unpacked() == sorted([good, second])
    third = host.release("0")
    host.deploy_and_confirm(third)
    assert host.unpacked() == sorted([second, third])


def test_room_is_made_of_releases_that_failed_and_no_further_than_needed(host: AgentHost, good: str) -> None:
    unready = host.release("b", starts={"config": "# never ready\n"})
    assert host.deploy(unready).code == 1
    host.configure(minimum_free_mib=1 << 40)
    ran = host.deploy(host.release("c"))
    assert ran.code == 2
    assert ran.reason.endswith(f"; deleted {unready}; no service was touched")
    assert host.unpacked() == [good]


# A full disk


FULL = {
    "transaction": ("var/lib/shop/releases/.transaction.json.new", "switch"),
    "drop-in": ("etc/systemd/system/shop-gateway.service.d/.release.conf.new", "switch"),
    "manifest": ("opt/shop/releases/RELEASE/.manifest.json.new", "prepare"),
    "state": ("var/lib/shop/releases/.state.json.new", "migrate"),
}
"""By what is written, where writing it runs into a full disk, and in which stage."""


@pytest.mark.parametrize("what", FULL)
def test_full_disk_leaves_the_healthy_release(what: str, host: AgentHost, good: str) -> None:
    release = host.release("b", migrations=[FIRST_MIGRATION])
    place, stage = FULL[what]
    path = host.root / place.replace("RELEASE", release)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("/dev/full")
    ran = host.deploy(release)
    assert ran.document["stage"] == stage
    assert "No space left on device" in ran.reason
    if what == "drop-in":
        # The way back needs the same file: tried again until there is room.
        assert (ran.code, host.transaction, host.is_armed) == (3, "switch", True)
        assert "not taken back yet, tried again every 15 seconds" in ran.reason
        path.unlink()
        assert host.recover().end == (1, "undone", "recover")
    else:
        assert (ran.code, len(host.started())) == (1, 0)
    assert host.running() == everywhere(good, "active")
    assert host.transaction == ""


def test_disk_that_is_full_while_unpacking_or_fetching_leaves_nothing_of_the_release(
    host: AgentHost, good: str
) -> None:
    big = [("data.bin", b"\x00" * 4_000_000, 0o644)]
    release = host.release("b", members={"worker": big})
    limited = host.begin("deploy", release, largest_file=1_000_000)
    out, _ = limited.communicate(timeout=60)
    document = json.loads(out)
    assert (limited.returncode, document["outcome"], document["stage"]) == (1, "failed", "prepare")
    assert "File too large" in document["reason"]
    assert list(Path(host.root, "opt/shop/releases", release).iterdir()) == []
    host.write("world/aws-fails", "download failed: [Errno 28] No space left on device")
    fetching = host.deploy(host.release("c"))
    assert (fetching.end, host.running()) == ((1, "failed", "fetch"), everywhere(good, "active"))
    assert fetching.reason.endswith("[Errno 28] No space left on device; no service was touched")


def test_what_a_newer_agent_has_written_down_is_read_as_far_as_it_is_known(host: AgentHost) -> None:
    release = host.release("b")
    assert host.deploy(release).code == 0
    path = "var/lib/shop/releases/transaction.json"
    host.write(path, json.dumps({**json.loads(host.read(path)), "of_tomorrow": 1}))
    assert host.agent("confirm", release).end == (0, "healthy", "confirm")
