"""The execution of deploys: ask the host, look, confirm, record."""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.aws.shared.errors import AwsError
from workbench.errors import OperationFailedError, OperationInterruptedError
from workbench.operations.releases.answer import Answer
from workbench.operations.releases.deploy import DeployPlan, Place, failed
from workbench.operations.releases.manifest import Manifest
from workbench.operations.releases.record import DEPLOY, Entry, now, read_record, write_record
from workbench.words import command

if TYPE_CHECKING:
    from collections.abc import Generator

_LOOKS_SECONDS = 10.0
"""Between two looks at the alarms, each of which counts at most once a minute."""


def carry_out(plan: DeployPlan, place: Place, *, by: str, source: str | None, look_seconds: float) -> Entry:
    """Carry a deploy out, and return what was recorded of it.

    Raises:
        OperationFailedError: when the host took it back, or an alarm began to ring.
        OperatorError: when the host refused.
        OperationInterruptedError: on Ctrl-C; the host goes on, and takes it back by itself.
    """
    ringing = _ringing(place)
    with _left_to_the_host(plan):
        answer = place.host.ask("deploy", release=plan.manifest.id, service=plan.target)
    if answer.outcome not in {"waiting", "healthy"}:
        raise failed(answer, f"release {plan.manifest.id} in {plan.stack}")
    if answer.outcome == "waiting":
        with _left_to_the_host(plan, until=answer.unconfirmed_until):
            _look(plan, place, ringing, look_seconds)
            answer = place.host.ask("confirm", release=plan.manifest.id)
        if answer.outcome != "healthy":
            raise failed(answer, f"release {plan.manifest.id} in {plan.stack}")
    change = Change(
        action=DEPLOY, service=plan.service, by=by, manifest=plan.manifest, source=source, hotfix=plan.hotfix
    )
    return record(place, answer, change)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What was done, as the record tells it."""

    action: str
    service: str | None
    by: str
    manifest: Manifest | None = None
    """Of what was deployed."""
    source: str | None = None
    hotfix: str | None = None


def record(place: Place, answer: Answer, change: Change) -> Entry:
    """Record what the host runs now.

    Raises:
        OperationFailedError: when it cannot be written, saying that the release runs all the same.
    """
    manifest, services = change.manifest, answer.releases
    try:
        before = read_record(place.ssm, place.record_name)
        release = manifest.id if manifest is not None and change.service is None else _main(services, before)
        commits = {entry.release: entry.commit for entry in before}
        if manifest is not None:
            commits[manifest.id] = manifest.commit
        entry = Entry(
            release=release,
            commit=commits.get(release, ""),
            services=services,
            at=now(),
            by=change.by,
            source=change.source,
            action=change.action,
            service=change.service,
            hotfix=change.hotfix,
        )
        write_record(place.ssm, place.record_name, entry)
    except AwsError as error:
        raise OperationFailedError(
            *error.lines,
            f"{place.stack} runs it and it is confirmed; only the record {place.record_name} does not say so. "
            "The same command again writes it.",
        ) from None
    return entry


def _main(services: Mapping[str, str], before: Sequence[Entry]) -> str:
    """Return the release that most services run; of two the one that was recorded before."""
    counts: dict[str, int] = {}
    for release in services.values():
        counts[release] = counts.get(release, 0) + 1
    known = before[-1].release if before else ""
    return max(counts, key=lambda release: (counts[release], release == known), default="")


def _ringing(place: Place) -> set[str]:
    return {alarm.name for alarm in place.cloudwatch.alarms(place.alarm_prefix) if alarm.state == "ALARM"}


def _look(plan: DeployPlan, place: Place, before: set[str], seconds: float) -> None:
    """Look at the alarms for a while.

    Raises:
        OperationFailedError: when one rings that did not, once the host has taken the release back.
    """
    clock = place.host.clock
    end = clock.monotonic() + seconds
    if seconds:
        place.host.say(f"ready and settled; looking at the alarms for {seconds:g} s before it is confirmed")
    while True:
        if new := sorted(_ringing(place) - before):
            place.host.say(f"{', '.join(new)} began to ring: not confirmed, and taken back")
            answer = place.host.ask("rollback")
            raise OperationFailedError(
                f"release {plan.manifest.id} in {plan.stack}: {', '.join(new)} began to ring; {answer.reason}"
            )
        if clock.monotonic() >= end:
            return
        clock.sleep(min(_LOOKS_SECONDS, max(0.0, end - clock.monotonic())))


@contextmanager
def _left_to_the_host(plan: DeployPlan, *, until: str | None = None) -> "Generator[None]":
    """Say what the host does by itself, when the operator or the connection goes."""
    when = f"at {until}" if until is not None else f"{plan.confirm_seconds} s after it is ready"
    lines = (
        f"Nobody confirms release {plan.manifest.id} now: the host of {plan.stack} takes it back by itself {when}.",
        f"`{command('status', plan.stack)}` shows what runs; the same deploy again goes on once nothing waits.",
    )
    try:
        yield
    except KeyboardInterrupt:
        raise OperationInterruptedError("Interrupted.", *lines) from None
    except AwsError as error:
        raise OperationFailedError(*error.lines, *lines) from None
    except OperationFailedError as error:
        if "without an answer" in error.lines[0]:
            raise OperationFailedError(*error.lines, *lines) from None
        raise
