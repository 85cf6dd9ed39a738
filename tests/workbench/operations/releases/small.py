"""A small platform of three services, its bucket in memory, its host a script of answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from workbench.aws.cloudwatch import Alarm
from workbench.aws.s3_objects import FoundObject, S3Objects
from workbench.aws.ssm import ParameterVersion
from workbench.operations.releases.answer import Answer, UnitState
from workbench.operations.releases.deploy import Place
from workbench.operations.releases.host import ALL, NONE, ReleaseHost
from workbench.program import ReleaseTarget

SERVICES = ("web", "worker", "search")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CREATED = "2026-11-30T18:00:00Z"
TARGET = ReleaseTarget(
    host="shop-host",
    document="shop-release",
    bucket="shop-releases",
    record="/shop/release",
    log_group="/shop/services",
)


class Bucket(S3Objects):
    """A bucket in memory."""

    def __init__(self, name: str = "shop-releases") -> None:
        self.bucket = name
        self.objects: dict[str, bytes] = {}
        self.fails_after: int | None = None

    def found(self, prefix: str) -> list[FoundObject]:
        at = datetime(2026, 11, 30, tzinfo=UTC)
        keys = [key for key in self.objects if key.startswith(prefix)]
        return [FoundObject(key=key, size=len(self.objects[key]), written_at=at) for key in keys]

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def put_new(self, key: str, content: bytes, *, content_type: str) -> bool:
        del content_type
        if self.fails_after is not None and len(self.objects) >= self.fails_after:
            raise KeyboardInterrupt
        return self.objects.setdefault(key, content) is content


class Parameters:
    """The record, in memory."""

    def __init__(self) -> None:
        self.values = ["{}"]

    def history(self, name: str) -> list[ParameterVersion]:
        at = datetime(2026, 11, 30, tzinfo=UTC)
        return [
            ParameterVersion(version=number, value=value, written_at=at, written_by="arn:me")
            for number, value in enumerate(self.values, start=1)
            if name == TARGET.record
        ]

    def put(self, name: str, value: str) -> None:
        assert name == TARGET.record
        self.values.append(value)


class Alarms:
    """Alarms that begin to ring after so many looks."""

    def __init__(self, rings_at: int | None = None) -> None:
        self.looks = 0
        self.rings_at = rings_at

    def alarms(self, prefix: str) -> list[Alarm]:
        self.looks += 1
        state = "ALARM" if self.rings_at is not None and self.looks >= self.rings_at else "OK"
        return [Alarm(name=f"{prefix}errors", state=state, reason="", since=None, actions=())]


class Clock:
    """A clock that only passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds


class Host(ReleaseHost):
    """A host that answers what it was told to, one answer an action."""

    def __init__(self, running: Mapping[str, str] | None = None, *, waiting_until: str | None = None) -> None:
        self.said: list[str] = []
        super().__init__(
            target=TARGET,
            environment="staging",
            aws=cast("Any", None),
            clock=Clock(),
            say=self.said.append,
        )
        self.asked: list[tuple[str, str, str]] = []
        self.answers: dict[str, Answer | Callable[[], Answer]] = {}
        self.status_answer = answer("healthy", running or {}, unconfirmed_until=waiting_until)

    def status(self) -> Answer:
        return self.status_answer

    def ask(self, action: str, *, release: str = NONE, service: str = ALL) -> Answer:
        self.asked.append((action, release, service))
        found = self.answers[action]
        return found() if callable(found) else found


def answer(
    outcome: str,
    running: Mapping[str, str],
    *,
    stage: str = "confirm",
    reason: str | None = None,
    release: str | None = None,
    unconfirmed_until: str | None = None,
    unready: Sequence[str] = (),
) -> Answer:
    """Return an answer of the agent."""
    return Answer(
        outcome=outcome,
        stage=stage,
        reason=reason,
        release=release,
        stages=(),
        services={
            name: UnitState(
                release=running.get(name),
                state="failed" if name in unready else "ready" if name in running else "not released",
                restarts=0,
            )
            for name in SERVICES
        },
        unconfirmed_until=unconfirmed_until,
        history=(),
    )


def place(
    host: Host, *, bucket: Bucket | None = None, ssm: Parameters | None = None, alarms: Alarms | None = None
) -> Place:
    """Return an environment as releases see it."""
    return Place(
        stack="staging",
        services=SERVICES,
        bucket=bucket or Bucket(),
        ssm=cast("Any", ssm or Parameters()),
        cloudwatch=cast("Any", alarms or Alarms()),
        alarm_prefix="shop-",
        host=host,
    )


def built(folder: Path, *, migrations: Sequence[str] = ("20261101_init",), **contents: str) -> Path:
    """Write what CI built into a folder. ``contents`` is what the services' files hold, by service."""
    for name in SERVICES:
        directory = folder / name
        directory.mkdir(parents=True)
        program(directory / "start")
        (directory / "server.js").write_text(contents.get(name, "the same"))
    for name in migrations:
        (folder / "migrations" / name).mkdir(parents=True)
        (folder / "migrations" / name / "migration.sql").write_text("select 1;")
    if migrations:
        program(folder / "migrations" / "migrate")
    return folder


def program(path: Path) -> None:
    """Write an executable program."""
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
