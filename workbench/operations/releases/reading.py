"""What is read of an environment's releases: what the host runs, and what the record says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.aws.shared.errors import AwsError
from workbench.aws.ssm import Ssm
from workbench.errors import OperatorError
from workbench.operations.readings import Readers, Unread
from workbench.operations.releases.answer import Answer
from workbench.operations.releases.host import ReleaseHost
from workbench.operations.releases.record import Entry, read_record


@dataclass(frozen=True)
class NoAnswer:
    """A host that does not say what it runs."""

    why: str


@dataclass(frozen=True, kw_only=True)
class Released:
    """The releases of an environment, or why they were not read."""

    has_document: bool | Unread
    ping: str | NoAnswer | Unread | None
    """Whether the host's agent of Systems Manager is online; None: it never was."""
    host: Answer | NoAnswer | Unread
    record: Sequence[Entry] | Unread


def start_reading(pool: Readers, host: ReleaseHost, ssm: Ssm) -> Callable[[], Released]:
    """Begin to read everything, and return a function that waits for it."""
    document = pool.start(host.aws.run_command.has_document, host.target.document)
    ping = pool.start(_ping, host)
    answer = pool.start(status_of, host)
    record = pool.start(read_record, ssm, host.target.record)
    return lambda: Released(
        has_document=document.outcome(), ping=ping.outcome(), host=answer.outcome(), record=record.outcome()
    )


def _ping(host: ReleaseHost) -> str | NoAnswer | None:
    try:
        return host.aws.run_command.ping_status(host.instance_id())
    except AwsError:
        raise
    except OperatorError as error:
        return NoAnswer(error.lines[0])


def status_of(host: ReleaseHost) -> Answer | NoAnswer:
    """Return what a host runs, or why it does not say so."""
    try:
        return host.status()
    except AwsError:
        raise
    except OperatorError as error:
        return NoAnswer(error.lines[0])
