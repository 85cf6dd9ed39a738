"""The use of an approval by one promotion: claimed before anything is changed, and settled afterwards."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.aws.shared.errors import AwsError, Reason
from workbench.aws.ssm import Ssm
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.operations.approvals import transitions
from workbench.operations.approvals.record import (
    Approval,
    Record,
    State,
    called,
    read_record,
    value_after,
    whose,
    write_next,
)
from workbench.operations.approvals.transitions import Subject
from workbench.operations.times import utc
from workbench.words import command

_TRIES = 3
"""Of settling: only somebody who claims the same approval in vain can write in between."""

_REASON_CHARACTERS = 200


def current_time() -> datetime:
    """Return the present time as records have it, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Approvals:
    """The approvals of one service, in the account."""

    ssm: Ssm
    """Of the stack that images are promoted to."""
    parameter: str
    subject: Subject
    longest_wait_minutes: int
    now: Callable[[], datetime] = current_time

    def read(self) -> Record:
        """Read the record."""
        return read_record(self.ssm, self.parameter)

    def write(self, record: Record, approval: Approval) -> int:
        """Write the entry that follows a record.

        Raises:
            OperatorError: when somebody else was faster.
        """
        try:
            return write_next(self.ssm, self.parameter, record, approval)
        except AwsError as error:
            if error.reason is not Reason.UNREACHABLE:
                raise
            unknown = (
                f"Whether {self.parameter} says {approval.state} now is not known; `{command('approval list')}` tells."
            )
            raise OperatorError(str(error), unknown) from None


@dataclass(frozen=True, kw_only=True)
class Use:
    """The approval that a promotion is going to use."""

    approvals: Approvals
    images: Mapping[str, str]
    """What is promoted, by container."""
    commit: str | None
    """The commit that the operator named; None: whichever was approved."""
    approval: Approval

    def lines(self) -> list[str]:
        """Return a line for the plan."""
        found = self.approval
        return [f"{called(found)} is approved {whose(found)}, good until {utc(found.expires_at)}."]


def plan_use(approvals: Approvals, images: Mapping[str, str], commit: str | None) -> Use:
    """Return the use of an approval.

    Raises:
        OperatorError: with the one reason why there is none to use.
    """
    found = transitions.usable(approvals.read(), approvals.subject, images=images, commit=commit, now=approvals.now())
    return Use(approvals=approvals, images=images, commit=commit, approval=found)


@contextmanager
def using(use: Use, *, by: str, seconds: float, began: Callable[[], bool]) -> Generator[None]:
    """Claim an approval for the block, and record how the block ended.

    Of two promotions at once one claims it, and the other changes nothing. ``seconds`` is how long the block may take;
    ``began`` tells, after a failure, whether anything was rolled out.

    Raises:
        OperatorError: when it can't be claimed any more; the block is not entered then.
    """
    approvals = use.approvals
    record, now = approvals.read(), approvals.now()
    found = transitions.usable(record, approvals.subject, images=use.images, commit=use.commit, now=now)
    claim = transitions.claimed(found, by=by, now=now, seconds=seconds)
    version = approvals.write(record, claim)
    try:
        yield
    except OperatorError as error:
        kind = type(error) if isinstance(error, OperationFailedError | OperationInterruptedError) else OperatorError
        raise kind(*error.lines, _after_failure(approvals, claim, version, error.lines[0], began)) from None
    except BaseException as error:
        # Nobody sees these lines; the record has to be settled all the same.
        _after_failure(approvals, claim, version, type(error).__name__, began)
        raise
    _settle(
        approvals, version, transitions.promoted(claim, use.images), f"{approvals.subject.name} runs what was promoted"
    )


def _after_failure(approvals: Approvals, claim: Approval, version: int, said: str, began: Callable[[], bool]) -> str:
    """Settle the record after a failure, and return a line about it."""
    subject, what = approvals.subject, called(claim)
    try:
        if began():
            _settle(approvals, version, transitions.failed(claim, _reason(said)), "the promotion failed")
            ask = subject.command("ask")
            return f"The approval of {what} is used up; `{ask}` asks anew once {subject.source} is healthy."
        _settle(approvals, version, transitions.released(claim), "nothing was promoted")
    except OperatorError as error:
        return str(error)
    return f"Nothing was rolled out: the approval of {what} is still there, good until {utc(claim.expires_at)}."


def _settle(approvals: Approvals, version: int, entry: Approval, done: str) -> None:
    """Write the entry that follows a claim.

    Raises:
        OperationFailedError: when it could not be written.
    """
    try:
        for _ in range(_TRIES):
            record = approvals.read()
            if not record.entries or record.entries[-1].version != version:
                raise OperatorError("its claim is not the newest entry any more")
            if approvals.ssm.put_next(approvals.parameter, value_after(record, entry), after=record.version):
                return
        raise OperatorError("others write it at the same time")
    except OperatorError as error:
        raise OperationFailedError(f"{done}; but {approvals.parameter} still says {State.PROMOTING}: {error}") from None


def _reason(said: str) -> str:
    # What a parameter may not hold: Parameter Store takes double braces for a reference to another one.
    return said.replace("{{", "{").replace("}}", "}")[:_REASON_CHARACTERS]
