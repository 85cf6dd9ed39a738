"""The rollback of all services, or of one, to what was last healthy; and their restart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.counting import counted
from workbench.operations.releases.answer import Answer
from workbench.operations.releases.deploy import Place, failed
from workbench.operations.releases.execute import Change, record
from workbench.operations.releases.host import ALL
from workbench.operations.releases.record import ROLLBACK, Entry, read_record


@dataclass(frozen=True, kw_only=True)
class RollbackPlan:
    """A rollback: the host knows best to what."""

    stack: str
    service: str | None
    present: Mapping[str, str]
    expected: Mapping[str, str] | None
    """What the record says was healthy before; None: it says nothing."""
    waiting_until: str | None
    """Of a release that waits to be confirmed: that one is taken back."""

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        what = "All services" if self.service is None else self.service
        if self.waiting_until is not None:
            return [f"The release of {self.stack} that waits to be confirmed until {self.waiting_until} is taken back."]
        if self.expected is None:
            return [f"{what} of {self.stack} go back to what the host knows as last healthy; the record tells of none."]
        ways: dict[str, list[str]] = {}
        for name, release in self.expected.items():
            if self.present.get(name) != release:
                ways.setdefault(f"from {self.present.get(name, 'no release')} to {release}", []).append(name)
        return [
            f"{what} of {self.stack}: back to what was last healthy.",
            *(f"  {counted(len(names), 'service')} {way}: {', '.join(names)}" for way, names in ways.items()),
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        return {
            "stack": self.stack,
            "service": self.service,
            "present": dict(self.present),
            "expected": None if self.expected is None else dict(self.expected),
            "waiting_until": self.waiting_until,
        }


@dataclass(frozen=True, kw_only=True)
class RestartPlan:
    """A restart of all services, or of one, with the release that each has."""

    stack: str
    service: str | None
    present: Mapping[str, str]

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        what = f"all {len(self.present)} services, wave by wave" if self.service is None else self.service
        return [f"Restart {what} in {self.stack}, unchanged: so do new values of secrets reach a service."]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        return {"stack": self.stack, "service": self.service, "releases": dict(self.present)}


def plan_rollback(place: Place, *, service: str | None) -> RollbackPlan:
    """Plan to go back to what was last healthy."""
    status = place.host.status()
    present = {name: each for name, each in status.releases.items() if service in {None, name}}
    return RollbackPlan(
        stack=place.stack,
        service=service,
        present=present,
        expected=earlier(read_record(place.ssm, place.record_name), present, service),
        waiting_until=status.unconfirmed_until,
    )


def earlier(record: Sequence[Entry], present: Mapping[str, str], service: str | None) -> Mapping[str, str] | None:
    """Return the releases that the record tells of before the present ones, of all services or of one.

    As the host counts: a rollback leaves the later ones behind, so that two in a row go back two steps; that of one
    service changes the step that it is in.
    """
    steps: list[Mapping[str, str]] = []
    for entry in record:
        if entry.action == ROLLBACK and entry.service is not None:
            steps[-1:] = [entry.services]
        elif entry.action == ROLLBACK and entry.services in steps:
            steps = steps[: steps.index(entry.services) + 1]
        else:
            steps.append(entry.services)
    parts = [{name: each for name, each in step.items() if service in {None, name}} for step in steps]
    return next((part for part in reversed(parts) if part and part != present), None)


def roll_back(plan: RollbackPlan, place: Place, *, by: str) -> Entry:
    """Have the host go back, and record what it runs then.

    Raises:
        OperatorError: when the host refused.
        OperationFailedError: when it could not.
    """
    answer = place.host.ask("rollback", service=plan.service or ALL)
    answer = _confirmed(answer, place)
    if answer.outcome not in {"healthy", "undone"}:
        raise failed(answer, f"rollback in {plan.stack}")
    return record(place, answer, Change(action=ROLLBACK, service=plan.service, by=by))


def _confirmed(answer: Answer, place: Place) -> Answer:
    if answer.outcome != "waiting" or answer.release is None:
        return answer
    return place.host.ask("confirm", release=answer.release)


def plan_restart(place: Place, *, service: str | None) -> RestartPlan:
    """Plan to restart all services, or one."""
    present = place.host.status().releases
    return RestartPlan(
        stack=place.stack,
        service=service,
        present={name: each for name, each in present.items() if service in {None, name}},
    )


def restart(plan: RestartPlan, place: Place) -> Answer:
    """Have the host restart them.

    Raises:
        OperatorError: when the host refused.
        OperationFailedError: when one did not get ready again.
    """
    answer = place.host.ask("restart", service=plan.service or ALL)
    if answer.outcome != "healthy":
        raise failed(answer, f"restart in {plan.stack}")
    return answer
