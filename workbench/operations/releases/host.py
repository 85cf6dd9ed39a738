"""The host of releases, asked through its one document."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from workbench.aws.ec2.instances import Ec2
from workbench.aws.logs.events import Logs
from workbench.aws.run_command import OUTPUT_LIMIT, Invocation, RunCommand, stream_prefix
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.clock import Clock
from workbench.operations.polling import PAUSE_SECONDS, patiently
from workbench.operations.releases.answer import Answer, parsed
from workbench.program import ReleaseTarget

ALL = "all"
NONE = "none"

UNKNOWN_SECONDS = 60.0
"""How long Run Command may not know a command that was just sent."""


@dataclass(frozen=True, kw_only=True)
class HostAws:
    """The AWS wrappers that asking a host takes."""

    ec2: Ec2
    run_command: RunCommand
    logs: Logs


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A command that was sent."""

    id: str
    instance_id: str


@dataclass(kw_only=True)
class ReleaseHost:
    """The host of one environment's releases."""

    target: ReleaseTarget
    environment: str
    aws: HostAws
    clock: Clock
    say: Callable[[str], None]
    """Is told each line of the agent, and what the operator may want to know meanwhile."""
    _instance_id: str | None = field(default=None, init=False)

    def instance_id(self) -> str:
        """Return the id of the host's instance.

        Raises:
            OperatorError: when there is none that runs.
        """
        if self._instance_id is None:
            found = self.aws.ec2.instances([self.target.host]).get(self.target.host)
            if found is None:
                raise OperatorError(f"host {self.target.host}: not there; `pulumi up` makes it")
            if found.state != "running":
                raise OperatorError(f"host {self.target.host}: is {found.state}; a running one is required")
            self._instance_id = found.id
        return self._instance_id

    def ask(self, action: str, *, release: str = NONE, service: str = ALL) -> Answer:
        """Have the agent do something, follow it to its end, and return its answer.

        Raises:
            OperationFailedError: when the host gave none.
            AwsError: when AWS refuses.
        """
        return self.answer(self.send(action, release=release, service=service), action)

    def status(self) -> Answer:
        """Return what the host runs, without a word of the agent's."""
        sent = self.send("status")
        return self._read(sent, self._ended(sent, lambda: None), "status")

    def send(self, action: str, *, release: str = NONE, service: str = ALL) -> Sent:
        """Send a command to the agent."""
        instance_id = self.instance_id()
        command_id = self.aws.run_command.send(
            self.target.document,
            instance_id,
            {"action": action, "release": release, "service": service, "environment": self.environment},
            log_group=self.target.log_group,
            comment=f"{action} {release} {service}",
        )
        return Sent(id=command_id, instance_id=instance_id)

    def answer(self, sent: Sent, action: str) -> Answer:
        """Follow a command to its end, and return the agent's answer."""
        talk = _Talk(self.aws.logs, self.target.log_group, stream_prefix(sent.id, sent.instance_id), self.say)
        ended = self._ended(sent, talk.show_new)
        talk.show_rest(ended.error)
        return self._read(sent, ended, action)

    def _ended(self, sent: Sent, meanwhile: Callable[[], None]) -> Invocation:
        begun = self.clock.monotonic()
        while True:
            found = patiently(lambda: self.aws.run_command.invocation(sent.id, sent.instance_id), self.clock, self.say)
            if found is not None and not found.is_under_way:
                return found
            if found is None and self.clock.monotonic() - begun >= UNKNOWN_SECONDS:
                raise OperationFailedError(f"Run Command does not know command {sent.id} any more")
            meanwhile()
            self.clock.sleep(PAUSE_SECONDS)

    def _read(self, sent: Sent, ended: Invocation, action: str) -> Answer:
        text = ended.output
        if len(text) >= OUTPUT_LIMIT:
            # Run Command tells no more; the log has it whole.
            lines = self.aws.logs.lines(
                self.target.log_group,
                since=datetime.now(UTC) - timedelta(days=1),
                stream_prefix=stream_prefix(sent.id, sent.instance_id),
            )
            text = "".join(line.message for line in lines if line.stream.endswith("/stdout"))
        answer = parsed(text)
        if answer is None:
            raise OperationFailedError(
                f"{action} on {self.target.host}: {ended.detail}, exit code {ended.exit_code}, without an answer of "
                f"the release agent{_last_words(ended)}"
            )
        return answer


def _last_words(ended: Invocation) -> str:
    lines = ended.error.strip().splitlines()
    return f": {lines[-1]}" if lines else ""


_ENDINGS = ("undone: ", "refused: ", "failed: ")
"""What the agent says at a bad end stands in the answer, too, and is the command's own last word."""


class _Talk:
    """The agent's lines, shown as they come through the log, and the rest at the end."""

    def __init__(self, logs: Logs, group: str, stream: str, say: Callable[[str], None]) -> None:
        self._logs, self._group, self._stream, self._say = logs, group, stream, say
        self._shown = 0
        self._since = datetime.now(UTC) - timedelta(minutes=5)

    def show_new(self) -> None:
        """Show the lines that are in the log and were not shown. A log that does not answer is no reason to end."""
        try:
            lines = [
                text
                for line in self._logs.lines(self._group, since=self._since, stream_prefix=self._stream)
                if line.stream.endswith("/stderr")
                for text in line.message.splitlines()
            ]
        except AwsError as error:
            if error.reason is Reason.CREDENTIALS:
                raise
            return
        self._show(lines)

    def show_rest(self, text: str) -> None:
        """Show what is left of the whole text."""
        self._show(text.splitlines())

    def _show(self, lines: list[str]) -> None:
        for line in lines[self._shown :]:
            if not line.startswith(_ENDINGS):
                self._say(line)
        self._shown = max(self._shown, len(lines))
