"""What a search host answers through its one document."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.aws.ec2.volumes import Ec2Volumes
from workbench.aws.run_command import Invocation, RunCommand
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.operations.clock import Clock
from workbench.operations.polling import PAUSE_SECONDS, patiently
from workbench.stores import SearchHost
from workbench.words import command

NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step that the host has gone through."""

    name: str
    seconds: float
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class SearchAnswer:
    """What the host has done, and how it stands since."""

    outcome: str
    """``healthy``, ``undone``, ``refused`` or ``failed``."""
    reason: str | None
    version: str | None
    """That serves; None: none does yet."""
    answers: bool
    documents: Mapping[str, int]
    """By index."""
    wanted: str
    """The version that the host's configuration names."""
    earlier: tuple[str, ...]
    """The versions of the databases that do not serve."""
    free_mib: int
    database_mib: int
    steps: tuple[Step, ...]

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "version": self.version,
            "answers": self.answers,
            "documents": dict(self.documents),
            "wanted": self.wanted,
            "earlier": list(self.earlier),
            "free_mib": self.free_mib,
            "database_mib": self.database_mib,
            "steps": [{"name": each.name, "seconds": each.seconds, "detail": each.detail} for each in self.steps],
        }


def parsed(text: str) -> SearchAnswer | None:
    """Return the answer that a text holds; None when it holds none."""
    try:
        found = json.loads(text)
        return SearchAnswer(
            outcome=found["outcome"],
            reason=found["reason"],
            version=found["serving"]["version"],
            answers=found["serving"]["answers"],
            documents=found["serving"]["documents"] or {},
            wanted=found["wanted"],
            earlier=tuple(found["earlier"]),
            free_mib=found["free_mib"],
            database_mib=found["database_mib"],
            steps=tuple(Step(**each) for each in found.get("steps", [])),
        )
    except (ValueError, LookupError, TypeError):
        return None


@dataclass(frozen=True, kw_only=True)
class SearchAgent:
    """The host of one Meilisearch."""

    store: SearchHost
    stack: str
    ec2: Ec2Volumes
    run_command: RunCommand
    clock: Clock
    say: Callable[[str], None] = field(repr=False)

    def ask(self, action: str, *, version: str = NONE, accepts_late_writes: bool = False) -> SearchAnswer:
        """Have the host do something, wait for its end, and return its answer.

        Raises:
            OperatorError: when there is no such host, or it gave no answer.
            OperationInterruptedError: on Ctrl-C, while the host goes on.
        """
        instance_id = self.ec2.host(self.store.host)
        if instance_id is None:
            raise OperatorError(f"host {self.store.host}: not there; `pulumi up` makes it")
        parameters = {
            "action": action,
            "version": version,
            "lateWrites": "accept" if accepts_late_writes else "refuse",
        }
        sent = self.run_command.send(
            self.store.document,
            instance_id,
            parameters,
            log_group=self.store.log_group,
            comment=f"{action} {version}",
        )
        try:
            ended = self._ended(sent, instance_id)
        except KeyboardInterrupt:
            raise OperationInterruptedError(
                f"The host goes on without this command ({sent}): it ends with the new version or with the old one.",
                f"`{command('search status --stack', self.stack)}` tells.",
            ) from None
        answer = parsed(ended.output)
        if answer is None:
            raise OperationFailedError(*_silence(self.store, action, ended))
        return answer

    def _ended(self, sent: str, instance_id: str) -> Invocation:
        while True:
            found = patiently(lambda: self.run_command.invocation(sent, instance_id), self.clock, self.say)
            if found is not None and not found.is_under_way:
                return found
            self.clock.sleep(PAUSE_SECONDS)


def _silence(store: SearchHost, action: str, ended: Invocation) -> Sequence[str]:
    said = ended.error.strip().splitlines()
    return [
        f"{action} on {store.host}: {ended.detail}, exit code {ended.exit_code}, without an answer of the host",
        *said[-3:],
        f"Its log group is {store.log_group}. The embedded AWS has no hosts to answer.",
    ]
