"""What goes wrong during a release: what the operator sees, and what is left, as data."""

import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.components.release_agent.agent_host import SERVICES, AgentHost, everywhere
from tests.components.release_agent.conftest import FIRST_MIGRATION
from tests.components.release_agent.practice import DIES_WHILE_SETTLING, HANGS, NEVER_READY

FETCHED = "fetch: 4 of 4 artefacts"
VERIFIED = f"verify: 4 services of commit {'b' * 40}"
ROOM = "room: 1 MiB needed, <free> MiB free"
PREPARED = "prepare: 4 unpacked; prepared none"
SNAPSHOT = "snapshot: shop-live-release-RELEASE"
NO_MIGRATION = "migrate: none in this release"
SWITCHED = "switch: 4 services in 3 waves"
BEFORE_SWITCH = [FETCHED, VERIFIED, ROOM, PREPARED, SNAPSHOT, NO_MIGRATION]
TO_MIGRATE = [
    "fetch: 5 of 5 artefacts",
    VERIFIED,
    ROOM,
    "prepare: 5 unpacked; prepared none",
    SNAPSHOT,
]
UNTOUCHED = "; no service was touched"
ALL_BACK = "taken back: config, gateway, worker, scheduler"
BROKEN = "20260201120000_broken"
HALF = "20260201120000_half_broken"


def _tampered(host: AgentHost, release: str) -> None:
    path = host.artefact(release, "worker")
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def _shortened(host: AgentHost, release: str) -> None:
    path = host.artefact(release, "worker")
    path.write_bytes(path.read_bytes()[:-1])


def _changed_manifest(host: AgentHost, release: str) -> None:
    path = f"buckets/shop-releases/releases/{release}.json"
    host.write(path, host.read(path).replace("2026-11-30", "2026-11-29"))


def _earlier_failure(host: AgentHost, _: str) -> None:
    host.write("world/database.failed", f"{HALF}\n")


def _device() -> tarfile.TarInfo:
    information = tarfile.TarInfo("null")
    information.type = tarfile.CHRTYPE
    return information


def _nothing(host: AgentHost, release: str) -> None:
    del host, release


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A release that fails on a host on which another one is healthy."""

    code: int
    outcome: str
    reason: str
    """With RELEASE for the release's id."""
    stages: Sequence[str]
    """Each with its detail. The last one has none where it failed."""
    starts: Mapping[str, str] = field(default_factory=dict[str, str])
    """By service, how it behaves; the others are ready."""
    members: Mapping[str, Sequence[Any]] = field(default_factory=dict[str, Sequence[Any]])
    migrations: Sequence[str] | None = None
    manifest: Callable[[dict[str, Any]], None] | None = None
    before: Callable[[AgentHost, str], None] = _nothing
    """What happens before the deploy."""
    configuration: Mapping[str, object] = field(default_factory=dict[str, object])
    started: Sequence[str] = ()
    """The services that were really started, in order."""


SCENARIOS: dict[str, Scenario] = {
    "no such release": Scenario(
        before=lambda host, release: (host.root / f"buckets/shop-releases/releases/{release}.json").unlink(),
        code=2,
        outcome="refused",
        reason=f"s3://shop-releases/releases/RELEASE.json: not there{UNTOUCHED}",
        stages=["fetch: "],
    ),
    "missing artefact": Scenario(
        before=lambda host, release: host.artefact(release, "config").unlink(),
        code=2,
        outcome="refused",
        reason=f"s3://shop-releases/artefacts/<sha256>.tar.gz: not there{UNTOUCHED}",
        stages=["fetch: "],
    ),
    "AWS out of reach": Scenario(
        before=lambda host, _: host.write("world/aws-fails", "Could not connect to the endpoint URL"),
        code=1,
        outcome="failed",
        reason=f"s3://shop-releases/releases/RELEASE.json: Could not connect to the endpoint URL{UNTOUCHED}",
        stages=["fetch: "],
    ),
    "wrong hash": Scenario(
        before=_tampered,
        code=2,
        outcome="refused",
        reason=f"worker: the artefact has sha256 <sha256>; the manifest says <sha256>{UNTOUCHED}",
        stages=[FETCHED, "verify: "],
    ),
    "wrong size": Scenario(
        before=_shortened,
        code=2,
        outcome="refused",
        reason=f"worker: the artefact has <n> bytes; the manifest says <n>{UNTOUCHED}",
        stages=[FETCHED, "verify: "],
    ),
    "changed manifest": Scenario(
        before=_changed_manifest,
        code=2,
        outcome="refused",
        reason=f"the manifest of RELEASE was changed: its hash begins with <id>{UNTOUCHED}",
        stages=["fetch: the manifest alone, since it is refused", "verify: "],
    ),
    "another platform's": Scenario(
        manifest=lambda manifest: manifest.update(platform="other"),
        code=2,
        outcome="refused",
        reason=f"RELEASE is a release of other; this host runs shop{UNTOUCHED}",
        stages=["fetch: the manifest alone, since it is refused", "verify: "],
    ),
    "other services": Scenario(
        manifest=lambda manifest: manifest["services"].update(pricing=manifest["services"].pop("worker")),
        code=2,
        outcome="refused",
        reason=(
            f"RELEASE is for other services than this host has: it lacks worker; the host lacks pricing{UNTOUCHED}"
        ),
        stages=["fetch: the manifest alone, since it is refused", "verify: "],
    ),
    "archive with a device": Scenario(
        members={"gateway": [_device()]},
        code=2,
        outcome="refused",
        reason=(f"gateway: 'null' in the archive is neither a file nor a directory nor a link{UNTOUCHED}"),
        stages=[FETCHED, "verify: "],
    ),
    "no room": Scenario(
        configuration={"minimum_free_mib": 1 << 40},
        code=2,
        outcome="refused",
        reason=(
            "no room on the disk: 1 MiB are needed and 1099511627776 MiB have to stay free; there are <free> MiB"
            f"{UNTOUCHED}"
        ),
        stages=["fetch: "],
    ),
    "prepare fails": Scenario(
        members={"worker": [("prepare", b"#!/bin/sh\necho no matching distribution >&2\nexit 3\n", 0o755)]},
        code=1,
        outcome="failed",
        reason=f"worker: prepare: no matching distribution{UNTOUCHED}",
        stages=[FETCHED, VERIFIED, ROOM, "prepare: "],
    ),
    "migration fails": Scenario(
        migrations=[FIRST_MIGRATION, BROKEN],
        code=1,
        outcome="failed",
        reason=f"migrate deploy: Error: P3018 {BROKEN} failed; the database is as it was{UNTOUCHED}",
        stages=[*TO_MIGRATE, "migrate: "],
    ),
    "migration fails half-way": Scenario(
        migrations=[FIRST_MIGRATION, "20260115120000_whole", HALF],
        code=3,
        outcome="failed",
        reason=(
            f"migrate deploy: Error: P3018 {HALF} failed; stays in the database: applied 20260115120000_whole, "
            f"failed {HALF}{UNTOUCHED}"
        ),
        stages=[*TO_MIGRATE, "migrate: "],
    ),
    "PF6: an earlier migration failed": Scenario(
        before=_earlier_failure,
        migrations=[FIRST_MIGRATION, "20260201120000_next"],
        code=2,
        outcome="refused",
        reason=(
            f"failed earlier, and not resolved: {HALF}; see what the database has of it, then `prisma migrate resolve`"
            f"{UNTOUCHED}"
        ),
        stages=[*TO_MIGRATE, "migrate: "],
    ),
    "PF8: a service never gets ready": Scenario(
        starts={"gateway": NEVER_READY},
        code=1,
        outcome="undone",
        reason="did not get ready: gateway (failed, 0 restarts); taken back: config, gateway",
        stages=[*BEFORE_SWITCH, "switch: "],
        started=["config", "gateway", "gateway", "config"],
    ),
    "a service hangs at its start": Scenario(
        starts={"gateway": HANGS},
        configuration={"ready_seconds": 1},
        code=1,
        outcome="undone",
        reason="did not get ready within 1 seconds: gateway (failed, 0 restarts); taken back: config, gateway",
        stages=[*BEFORE_SWITCH, "switch: "],
        started=["config", "gateway", "gateway", "config"],
    ),
    "PF7: a service dies while it settles": Scenario(
        starts={"config": DIES_WHILE_SETTLING},
        code=1,
        outcome="undone",
        reason=f"did not stay ready: config (ready, 1 restarts); {ALL_BACK}",
        stages=[*BEFORE_SWITCH, SWITCHED, "settle: "],
        started=[*SERVICES, "worker", "scheduler", "gateway", "config"],
    ),
    "taken back after a migration": Scenario(
        starts={"config": NEVER_READY},
        migrations=[FIRST_MIGRATION, "20260201120000_next"],
        code=1,
        outcome="undone",
        reason=(
            "did not get ready: config (failed, 0 restarts); taken back: config; "
            "stays in the database: 20260201120000_next"
        ),
        stages=[*TO_MIGRATE, "migrate: applied 20260201120000_next", "switch: "],
        started=["config", "config"],
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_failed_release_leaves_the_healthy_one_and_says_what_happened(name: str, host: AgentHost, good: str) -> None:
    scenario = SCENARIOS[name]
    release = host.release(
        "b",
        starts=scenario.starts,
        members=scenario.members,
        migrations=scenario.migrations,
        change=scenario.manifest,
    )
    host.configure(**scenario.configuration)
    scenario.before(host, release)
    ran = host.deploy(release)
    stages = [each.replace("RELEASE", release).split(": ", 1) for each in scenario.stages]
    assert (ran.code, ran.plain) == (
        scenario.code,
        {
            "action": "deploy",
            "environment": "live",
            "release": release,
            "service": "all",
            "outcome": scenario.outcome,
            "stage": stages[-1][0],
            "reason": scenario.reason.replace("RELEASE", release),
            "stages": [{"name": stage, "detail": detail} for stage, detail in stages],
            "services": {name: {"release": good, "state": "ready", "restarts": 0} for name in SERVICES},
            "unconfirmed_until": None,
        },
    )
    # Nothing half done is left behind, and systemd runs what it says.
    assert host.running() == everywhere(good, "active")
    assert host.started() == list(scenario.started)
    assert (host.transaction, host.is_armed) == ("", False)
    assert list(host.root.glob("opt/shop/releases/**/*.partial")) == []
    assert host.read("run/shop/credentials/migrations") == ""
    assert (host.root / "opt/shop/current").resolve().name == good
    assert host.history()[-1]["outcome"] == scenario.outcome
    # The host has not suffered: another release goes through.
    assert ran.talk.count("\n") == len(stages) + sum(bool(detail) for _, detail in stages) + 1
