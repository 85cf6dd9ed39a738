"""The locks that Pulumi keeps in the bucket, and releasing those that a dead command of one's own left behind.

A lock is an object ``.pulumi/locks/organization/<project>/<stack>/<id>.json`` that says who made it, and goes when its
command ends (``pkg/backend/diy/lock.go`` of pulumi/pulumi).
"""

import json
import os
import pwd
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workbench.aws.s3 import S3, StoredObject
from workbench.errors import OperatorError
from workbench.operations.times import utc

LOCKS_PREFIX = ".pulumi/locks/organization/"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """The lock that one command holds of a stack."""

    stack: str
    username: str
    hostname: str
    pid: int
    since: datetime
    stored: StoredObject = field(repr=False)

    @property
    def line(self) -> str:
        """The owner of the lock and its age, for the operator."""
        return f"{self.stack}: {self.username}@{self.hostname}, process {self.pid}, since {utc(self.since)}"

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "stack": self.stack,
            "username": self.username,
            "hostname": self.hostname,
            "pid": self.pid,
            "since": utc(self.since),
            "key": self.stored.key,
        }


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The user, machine and process that ask: the three facts that Pulumi writes into a lock."""

    username: str
    hostname: str
    runs: Callable[[int], bool]
    """Whether a process of this number runs here."""
    is_throwaway: bool
    """A hosted runner: its name is shared by others that run at the same moment, and proves nothing."""

    def reason_to_keep(self, lock: Lock) -> str | None:
        """Return why a lock is not this one's to release; None: its command was started here and is dead."""
        if self.is_throwaway:
            return "on a runner of GitHub Actions a lock is nobody's own: the names of those machines repeat"
        if (lock.username, lock.hostname) != (self.username, self.hostname):
            return f"ask {lock.username} on {lock.hostname}"
        if self.runs(lock.pid):
            return f"process {lock.pid} runs on this machine"
        return None


@dataclass(frozen=True, kw_only=True)
class UnlockPlan:
    """The locks there are: those to release, and the others with the reason why not."""

    bucket: str
    releasing: tuple[Lock, ...]
    keeping: tuple[tuple[Lock, str], ...]

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        if not self.releasing and not self.keeping:
            return [f"No lock in {self.bucket}."]
        return [
            *(f"{lock.line}: its process is dead, will be released" for lock in self.releasing),
            *(f"{lock.line}: stays ({reason})" for lock, reason in self.keeping),
            *(
                f"When nobody is at work on {stack} any more: pulumi cancel --stack {stack}"
                for stack in sorted({lock.stack for lock, _ in self.keeping})
            ),
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "bucket": self.bucket,
            "releasing": [lock.document() for lock in self.releasing],
            "keeping": [{**lock.document(), "reason": reason} for lock, reason in self.keeping],
        }


def this_machine() -> Machine:
    """Return who runs this process, as Go's ``user.Current`` and ``os.Hostname`` tell it to Pulumi."""
    return Machine(
        username=pwd.getpwuid(os.getuid()).pw_name,
        hostname=socket.gethostname(),
        runs=_runs,
        is_throwaway=os.environ.get("GITHUB_ACTIONS") == "true",
    )


def locks(s3: S3, *, project: str, stack: str | None) -> list[Lock]:
    """Return the locks of a stack, or of every stack of a project.

    Raises:
        OperatorError: for a lock that is not as Pulumi writes it.
    """
    prefix = f"{LOCKS_PREFIX}{project}/"
    found: list[Lock] = []
    for key in s3.keys(f"{prefix}{stack}/" if stack else prefix):
        # One that was released between the two calls is no lock any more.
        if (stored := s3.read(key)) is not None:
            found.append(_lock(stored, key.removeprefix(prefix).partition("/")[0]))
    return found


def plan_unlock(s3: S3, *, bucket: str, project: str, stack: str | None, machine: Machine) -> UnlockPlan:
    """Tell the locks that may be released from those that may not."""
    found = [(lock, machine.reason_to_keep(lock)) for lock in locks(s3, project=project, stack=stack)]
    return UnlockPlan(
        bucket=bucket,
        releasing=tuple(lock for lock, reason in found if reason is None),
        keeping=tuple((lock, reason) for lock, reason in found if reason is not None),
    )


def unlock(plan: UnlockPlan, s3: S3) -> list[Lock]:
    """Release the plan's locks and return them; one that has changed or gone in the meantime is left alone."""
    return [lock for lock in plan.releasing if s3.delete_unchanged(lock.stored)]


def _lock(stored: StoredObject, stack: str) -> Lock:
    try:
        content = json.loads(stored.content)
        return Lock(
            stack=stack,
            username=str(content["username"]),
            hostname=str(content["hostname"]),
            pid=int(content["pid"]),
            since=datetime.fromisoformat(content["timestamp"]),
            stored=stored,
        )
    except (ValueError, KeyError, TypeError):
        raise OperatorError(
            f"{stored.key}: not a lock as Pulumi writes it; look at it, then `pulumi cancel --stack {stack}`"
        ) from None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
