"""The record of a service's approvals: the versions of one SSM parameter, each an entry that follows another.

An entry counts only if its writer had read the version right before it. So of two that are written at once the first
counts and the second does not, whoever reads the record. Parameter Store keeps the last hundred versions, each with its
author.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from workbench.aws.shared.errors import AwsError
from workbench.aws.ssm import ParameterVersion, Ssm
from workbench.errors import OperatorError
from workbench.operations.times import utc

SHOWN_CHARACTERS = 12
"""Of a commit or a digest, where people read them."""


_CLOCKS_DIFFER = timedelta(minutes=1)


class State(StrEnum):
    """The state of an approval."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    """Never written: an approval that waited too long is one."""
    PROMOTING = "promoting"
    """A promotion uses it at present."""
    PROMOTED = "promoted"
    FAILED = "failed"
    """Its promotion began and did not succeed."""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One entry of the record: an approval, as it stood from then on."""

    state: State
    images: Mapping[str, str]
    """By container, each by its digest."""
    commit: str
    """What the image of the application was built of, as its tag says."""
    build: str | None
    """The address of the pipeline's build that asked."""
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    by: str | None = None
    """Who approved or refused; None: nobody yet."""
    at: datetime | None = None
    reason: str | None = None
    """Why it was refused, or how its promotion failed."""
    promoted_by: str | None = None
    """Who began its promotion; None: nobody yet."""
    promoted_at: datetime | None = None
    promoting_until: datetime | None = None
    """When a promotion that says nothing more is taken for dead."""

    def state_at(self, now: datetime) -> State:
        """Return the state at a time: waiting and using both end by themselves."""
        if self.state in {State.ASKED, State.APPROVED} and now >= self.expires_at:
            return State.EXPIRED
        if self.state is State.PROMOTING and self.promoting_until is not None and now >= self.promoting_until:
            return State.FAILED
        return self.state

    def document(self) -> dict[str, Any]:
        """Return a JSON object."""
        return {
            name: utc(value) if isinstance(value, datetime) else value
            for name, value in {**asdict(self), "images": dict(self.images), "state": str(self.state)}.items()
        }


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry with its place in the record."""

    version: int
    approval: Approval
    written_by: str
    """The ARN of whoever wrote it, as Parameter Store has it."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """The entries of a record that count, the oldest first."""

    entries: tuple[Entry, ...]
    version: int
    """Of the newest version, whether it counts or not; 0: there is none."""

    @property
    def current(self) -> Approval | None:
        """The approval as it stands; None: nobody ever asked for one."""
        return self.entries[-1].approval if self.entries else None


def parsed(versions: Sequence[ParameterVersion]) -> Record:
    """Return the record that the versions of a parameter are, without those that count for nothing."""
    found: list[Entry] = []
    for version in versions:
        document = _document(version.value)
        approval = None if document is None else _approval(document)
        if approval is not None and document is not None and document.get("after") == version.version - 1:
            found.append(Entry(version=version.version, approval=approval, written_by=version.written_by))
    return Record(entries=tuple(found), version=versions[-1].version if versions else 0)


def read_record(ssm: Ssm, name: str) -> Record:
    """Read a record; one that was never begun is empty."""
    try:
        return parsed(ssm.history(name))
    except AwsError as error:
        if error.code == "ParameterNotFound":
            return Record(entries=(), version=0)
        raise


def write_next(ssm: Ssm, name: str, record: Record, approval: Approval) -> int:
    """Write the entry that follows a record, and return its version.

    Raises:
        OperatorError: when somebody else wrote one since the record was read; this one does not count then.
    """
    if ssm.put_next(name, value_after(record, approval), after=record.version):
        return record.version + 1
    first = read_record(ssm, name).current
    what = "" if first is None else f": it is {first.state} now, {whose(first)}"
    raise OperatorError(f"{name} was written by somebody else at the same time{what}; this command changed nothing")


def value_after(record: Record, approval: Approval) -> str:
    """Return the parameter's value for the entry that follows a record."""
    return json.dumps({**approval.document(), "after": record.version}, sort_keys=True, separators=(",", ":"))


def called(approval: Approval) -> str:
    """Return what operators call an approval's images: by their commit, and the build that asked."""
    build = "" if approval.build is None else f" of {approval.build}"
    return f"{approval.commit[:SHOWN_CHARACTERS]}{build}"


def whose(approval: Approval) -> str:
    """Return who brought an approval into its state, and when."""
    match approval.state:
        case State.ASKED:
            by, at = approval.asked_by, approval.asked_at
        case State.APPROVED | State.REFUSED:
            by, at = approval.by, approval.at
        case _:
            by, at = approval.promoted_by, approval.promoted_at
    return f"by {by or 'nobody'}" + ("" if at is None else f" at {utc(at)}")


def approval_of(record: Record, images: Mapping[str, str], at: datetime) -> Approval | None:
    """Return the approval by which images came into a stack: that of the promotion during which they were recorded."""
    # Clocks differ: the record's times are an operator's, and that of a deploy is Parameter Store's.
    latest = at + _CLOCKS_DIFFER
    return next(
        (
            entry.approval
            for entry in reversed(record.entries)
            if entry.approval.state is State.PROMOTED
            and entry.approval.promoted_at is not None
            and entry.approval.promoted_at <= latest
            and all(images.get(container) == image for container, image in entry.approval.images.items())
        ),
        None,
    )


def _document(value: str) -> Mapping[str, Any] | None:
    try:
        document = json.loads(value)
    except ValueError:
        return None
    return cast("Mapping[str, Any]", document) if isinstance(document, dict) else None


def _approval(document: Mapping[str, Any]) -> Approval | None:
    try:
        images = cast("Mapping[str, Any]", document["images"])
        return Approval(
            state=State(document["state"]),
            images={str(container): str(image) for container, image in images.items()},
            commit=str(document["commit"]),
            build=document.get("build"),
            asked_by=str(document["asked_by"]),
            asked_at=_time(document["asked_at"]),
            expires_at=_time(document["expires_at"]),
            by=document.get("by"),
            at=_time_or_none(document.get("at")),
            reason=document.get("reason"),
            promoted_by=document.get("promoted_by"),
            promoted_at=_time_or_none(document.get("promoted_at")),
            promoting_until=_time_or_none(document.get("promoting_until")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _time_or_none(text: str | None) -> datetime | None:
    return None if text is None else _time(text)
