"""The host that makes backups, asked through its one document."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from workbench.aws.ec2.instances import Ec2
from workbench.aws.run_command import RunCommand
from workbench.backups import BackupTarget
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.clock import Clock
from workbench.operations.polling import PAUSE_SECONDS, patiently

NEWEST = "newest"
NONE = "none"

_UNKNOWN_SECONDS = 60.0
"""How long Run Command may not know a command that was just sent."""
_SAID_EVERY_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class BackupAnswer:
    """What the host did."""

    outcome: str
    """``done``, ``failed`` or ``refused``."""
    stage: str
    reason: str | None
    backup: str | None
    size: int | None
    """In bytes."""
    seconds: float
    stages: Sequence[tuple[str, float]]
    warning: str | None
    database: str | None
    """That was restored into."""

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {
            "outcome": self.outcome,
            "stage": self.stage,
            "reason": self.reason,
            "backup": self.backup,
            "bytes": self.size,
            "seconds": self.seconds,
            "stages": [{"name": name, "seconds": seconds} for name, seconds in self.stages],
            "warning": self.warning,
            "database": self.database,
        }


def parsed(text: str) -> BackupAnswer | None:
    """Return the answer in a command's standard output; None when there is none."""
    try:
        document = cast("Mapping[str, Any]", json.loads(text))
        return BackupAnswer(
            outcome=str(document["outcome"]),
            stage=str(document["stage"]),
            reason=document["reason"],
            backup=document.get("backup"),
            size=document.get("bytes"),
            seconds=float(document["seconds"]),
            stages=[(str(stage["name"]), float(stage["seconds"])) for stage in document["stages"]],
            warning=document.get("warning"),
            database=document.get("database"),
        )
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, kw_only=True)
class BackupHost:
    """The host of one environment's backups."""

    target: BackupTarget
    environment: str
    ec2: Ec2
    run_command: RunCommand
    clock: Clock
    say: Callable[[str], None]

    def ask(self, action: str, *, backup: str = NEWEST, into: str = NONE) -> BackupAnswer:
        """Have the host do something, wait for its end, and return its answer.

        Raises:
            OperatorError: when the host is not there, or refused: nothing was done.
            OperationFailedError: when it failed, or gave no answer.
        """
        instance_id = self._instance_id()
        parameters = {"action": action, "backup": backup, "into": into, "environment": self.environment}
        command_id = self.run_command.send(
            self.target.document, instance_id, parameters, log_group=self.target.log_group, comment=f"{action} {backup}"
        )
        answer = self._answer(command_id, instance_id, action)
        if answer.outcome == "refused":
            raise OperatorError(f"{action} on {self.target.host}: refused: {answer.reason}")
        if answer.outcome != "done":
            raise OperationFailedError(
                f"{action} on {self.target.host}: failed at {answer.stage} after {answer.seconds:.0f} s: "
                f"{answer.reason}"
            )
        return answer

    def _instance_id(self) -> str:
        host = self.target.host
        found = self.ec2.instances([host]).get(host)
        if found is None:
            raise OperatorError(f"host {host}: not there; `pulumi up` makes it")
        if found.state != "running":
            raise OperatorError(f"host {host}: is {found.state}; a running one is required")
        return found.id

    def _answer(self, command_id: str, instance_id: str, action: str) -> BackupAnswer:
        begun = said = self.clock.monotonic()
        while True:
            found = patiently(lambda: self.run_command.invocation(command_id, instance_id), self.clock, self.say)
            if found is not None and not found.is_under_way:
                break
            now = self.clock.monotonic()
            if found is None and now - begun >= _UNKNOWN_SECONDS:
                raise OperationFailedError(f"Run Command does not know command {command_id} any more")
            if now - said >= _SAID_EVERY_SECONDS:
                said = now
                self.say(f"{action}: under way for {now - begun:.0f} s")
            self.clock.sleep(PAUSE_SECONDS)
        answer = parsed(found.output)
        if answer is None:
            words = found.error.strip().splitlines()
            raise OperationFailedError(
                f"{action} on {self.target.host}: {found.detail}, exit code {found.exit_code}, without an answer of "
                f"the backup program{f': {words[-1]}' if words else ''}"
            )
        return answer
