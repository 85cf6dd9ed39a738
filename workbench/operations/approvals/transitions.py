"""The transitions of an approval: from the record to its next entry, or to one line that says why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workbench.errors import OperatorError
from workbench.operations.approvals.record import SHOWN_CHARACTERS, Approval, Record, State, called, whose
from workbench.operations.times import utc
from workbench.words import command

COMMIT_CHARACTERS = 7
"""Of a commit, at least: git's own shortest. It is compared with one commit alone, so that it cannot be ambiguous."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The service whose approval it is, for texts."""

    service: str
    """As operators type it."""
    name: str
    """ECS's."""
    stack: str
    """The stack that images are promoted to."""
    source: str
    """The stack that they come from."""

    def command(self, verb: str, *arguments: str) -> str:
        """Return a command on its approvals."""
        return command("approval", verb, self.service, *arguments)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be approved, and who asks."""

    images: Mapping[str, str]
    commit: str
    build: str | None
    by: str
    minutes: int


def asked(record: Record, subject: Subject, wish: Wish, now: datetime) -> Approval | None:
    """Return the entry that asks; None when the same build asked for the same images already, and they still wait.

    A newer wish takes the place of one that waits.

    Raises:
        OperatorError: while a promotion uses the approval before.
    """
    current = record.current
    if current is not None:
        state = current.state_at(now)
        if state is State.PROMOTING:
            raise OperatorError(f"{subject.name}: {_is(current, now)}; nothing is asked for meanwhile")
        is_same = (current.images, current.build) == (wish.images, wish.build)
        if is_same and state in {State.ASKED, State.APPROVED}:
            return None
    return Approval(
        state=State.ASKED,
        images=wish.images,
        commit=wish.commit,
        build=wish.build,
        asked_by=wish.by,
        asked_at=now,
        expires_at=now + timedelta(minutes=wish.minutes),
    )


def given(record: Record, subject: Subject, *, commit: str, by: str, now: datetime) -> Approval | None:
    """Return the entry that approves what waits; None when the same one approved it already, and nobody used it.

    Raises:
        OperatorError: when nothing waits, or something else does.
    """
    current = _of_commit(record, subject, commit)
    if current.state_at(now) is State.APPROVED and current.by == by:
        return None
    current = _waiting(record, subject, commit=commit, now=now, states=frozenset({State.ASKED}))
    return replace(current, state=State.APPROVED, by=by, at=now)


def refused(record: Record, subject: Subject, *, commit: str, by: str, reason: str | None, now: datetime) -> Approval:
    """Return the entry that refuses what waits, or takes an approval back that nobody used.

    Raises:
        OperatorError: when nothing waits, or something else does.
    """
    states = frozenset({State.ASKED, State.APPROVED})
    current = _waiting(record, subject, commit=commit, now=now, states=states)
    return replace(current, state=State.REFUSED, by=by, at=now, reason=reason)


def usable(
    record: Record, subject: Subject, *, images: Mapping[str, str], commit: str | None, now: datetime
) -> Approval:
    """Return the approval that a promotion of some images may use.

    Raises:
        OperatorError: with the one reason why there is none.
    """
    current = _of_commit(record, subject, commit)
    if current.state_at(now) is not State.APPROVED:
        raise OperatorError(f"{_left(subject)}: {_is(current, now)}; {_way_on(current, subject, now)}")
    for container, image in images.items():
        approved = current.images.get(container)
        if approved != image:
            raise OperatorError(
                f"{_left(subject)}: {container} of {subject.source} is {_digest(image)} now, and approved was "
                f"{_digest(approved)} ({called(current)}, {whose(current)}); `{subject.command('ask')}` asks anew"
            )
    return current


def claimed(approval: Approval, *, by: str, now: datetime, seconds: float) -> Approval:
    """Return the entry by which a promotion takes an approval for itself, for as long as it may take."""
    until = now + timedelta(seconds=seconds)
    return replace(approval, state=State.PROMOTING, promoted_by=by, promoted_at=now, promoting_until=until)


def promoted(approval: Approval, images: Mapping[str, str]) -> Approval:
    """Return the entry that says that it was used, and for which of its images."""
    return replace(approval, state=State.PROMOTED, images=images, promoting_until=None)


def failed(approval: Approval, reason: str) -> Approval:
    """Return the entry that says that it was used in vain."""
    return replace(approval, state=State.FAILED, promoting_until=None, reason=reason)


def released(approval: Approval) -> Approval:
    """Return the entry that gives an approval back: its promotion changed nothing."""
    return replace(approval, state=State.APPROVED, promoted_by=None, promoted_at=None, promoting_until=None)


def _waiting(record: Record, subject: Subject, *, commit: str, now: datetime, states: frozenset[State]) -> Approval:
    current = _of_commit(record, subject, commit)
    if current.state_at(now) not in states:
        raise OperatorError(f"{subject.name}: {_is(current, now)}; its state is left so")
    return current


def _of_commit(record: Record, subject: Subject, commit: str | None) -> Approval:
    """Return the approval as it stands.

    Raises:
        OperatorError: when nobody asked for one, or the newest is another commit's.
    """
    current = record.current
    if current is None:
        raise OperatorError(f"{_left(subject)}: nobody asked for an approval; `{subject.command('ask')}` does")
    if commit is None or is_commit(current.commit, commit):
        return current
    if len(commit) < COMMIT_CHARACTERS:
        raise OperatorError(f"--commit: came {commit}; allowed: {COMMIT_CHARACTERS} characters of the commit at least")
    earlier = next((entry.approval for entry in record.entries[::-1] if is_commit(entry.approval.commit, commit)), None)
    newest = f"{called(current)}, asked for {_since(current)}, is {current.state}"
    if earlier is None:
        raise OperatorError(f"{_left(subject)}: nobody asked for {commit}; {newest}")
    raise OperatorError(f"{_left(subject)}: {called(earlier)} was overtaken by a newer build: {newest}")


def is_commit(commit: str, named: str) -> bool:
    """Tell whether a commit is the one that an operator named, whole or by how it begins."""
    return len(named) >= COMMIT_CHARACTERS and commit.startswith(named)


def _is(current: Approval, now: datetime) -> str:
    """Return an approval's state in words."""
    until, who = utc(current.expires_at), whose(current)
    why = current.reason or "its command ended without a word"
    was_approved = f"was approved {who}, good until {until}"
    words = {
        State.ASKED: f"waits for an approval until {until}",
        State.APPROVED: f"is approved {who}, good until {until}",
        State.REFUSED: f"was refused {who}" + (f" ({current.reason})" if current.reason else ""),
        State.EXPIRED: f"waited for an approval until {until}, and nobody gave it"
        if current.state is State.ASKED
        else was_approved,
        State.PROMOTING: f"is being promoted {who}",
        State.PROMOTED: f"was promoted {who}, which used its approval",
        State.FAILED: f"was promoted {who} in vain ({why}), which used its approval",
    }
    return f"{called(current)} {words[current.state_at(now)]}"


def _way_on(current: Approval, subject: Subject, now: datetime) -> str:
    match current.state_at(now):
        case State.ASKED:
            give = subject.command("give", "--commit", current.commit[:SHOWN_CHARACTERS])
            return f"`{give}` gives it"
        case State.PROMOTING:
            return f"`{command('service status', subject.service, '--stack', subject.stack)}` shows how far it is"
        case _:
            return f"`{subject.command('ask')}` asks anew"


def _left(subject: Subject) -> str:
    return f"{subject.name} is left as it is"


def _since(approval: Approval) -> str:
    return f"at {utc(approval.asked_at)}"


def _digest(image: str | None) -> str:
    if image is None:
        return "nothing"
    return image.rpartition("@")[2][: len("sha256:") + SHOWN_CHARACTERS]
