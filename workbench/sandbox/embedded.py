"""Start, find and end an embedded AWS."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from workbench import words
from workbench.files import write_whole
from workbench.sandbox.asking import TIMEOUT_SECONDS, ask
from workbench.sandbox.clients import Clients
from workbench.sandbox.ecs.simulation.pace import Pace
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.ledger import Ledger
from workbench.sandbox.server import process as server

if TYPE_CHECKING:
    from workbench.sandbox.backend import EmbeddedBackend

STATE_FILE = Path(".sandbox/state.json")
"""The file that remembers a detached embedded AWS, relative to the working directory."""

_STOP_TIMEOUT_SECONDS = TIMEOUT_SECONDS
_POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class ServerState:
    """The address of a running embedded AWS, and the stacks in it."""

    pid: int
    """For the operator's eyes: nothing is ever ended by its number, which may be another process's by now."""
    port: int
    token: str
    """Proves that what answers at the port is still the one that was started."""
    stacks: tuple[str, ...] = ()

    @property
    def endpoint_url(self) -> str:
        """The value for ``AWS_ENDPOINT_URL``."""
        return f"http://{server.LOOPBACK}:{self.port}"


class EmbeddedAws:
    """A running embedded AWS; as a context manager it ends with the block, unless it was detached.

    Example::

        with EmbeddedAws.start() as aws:
            evaluate(program, backend=aws.backend(region="eu-west-1"))
            aws.clients.get("ec2", "eu-west-1").describe_vpcs()
    """

    def __init__(self, state: ServerState, *, process: "subprocess.Popen[bytes] | None" = None) -> None:
        self.state = state
        self.endpoint_url = state.endpoint_url
        self.account_id = server.ACCOUNT_ID
        self.clients = Clients(state.endpoint_url)
        self.ledger = Ledger(state.port, state.token)
        self._process = process

    @classmethod
    def start(cls, *, port: int | None = None, log: Path | None = None) -> "EmbeddedAws":
        """Start one on ``port``, or on a free port, and return at once: the first call to it waits until it has booted.

        It ends with this process, unless it is told to stay. With ``log`` it writes what it has to say into that file.

        Raises:
            SandboxError: when the port cannot be had, or the environment asks for no speed.
        """
        try:
            Pace.of_this_process()
        except ValueError as error:
            raise SandboxError(str(error)) from None
        token = secrets.token_hex(16)
        try:
            # Bound here and handed over: the port is known, and connections queue, before the server has booted.
            listener = socket.create_server((server.LOOPBACK, port or 0))
        except OSError as error:
            raise SandboxError(f"the embedded AWS did not start: port {port}: {error.strerror}") from error
        with listener:
            process = _spawn(listener, token, log)
            state = ServerState(pid=process.pid, port=listener.getsockname()[1], token=token)
        return cls(state, process=process)

    def backend(self, *, region: str | None = None) -> "EmbeddedBackend":
        """Return the evaluation backend that makes resources here; ``region`` is for providers that name none."""
        # Whoever only finds or ends one needs neither Pulumi's SDK nor the table of resources.
        from workbench.sandbox.backend import EmbeddedBackend  # noqa: PLC0415

        return EmbeddedBackend(self.clients, account_id=self.account_id, region=region, ledger=self.ledger)

    def stop(self) -> None:
        """End it and return when it has ended.

        Raises:
            SandboxError: when one that another process started does not answer any more, or does not end.
        """
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            try:
                self._process.wait(timeout=_STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        elif _ask(self.state, server.STOP_PATH) is None:
            raise SandboxError(f"nothing that was started here answers at {self.endpoint_url}")
        else:
            _wait_until_gone(self.state)

    def stay(self) -> None:
        """Let it outlive this process. Until then it ends with the process, also with one that is killed.

        Raises:
            SandboxError: when it has ended already.
        """
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.write(server.STAY.encode())
                self._process.stdin.close()
            except BrokenPipeError:
                raise SandboxError(f"nothing that was started here answers at {self.endpoint_url}") from None
            # It is ended by its token from now on, as by any other process.
            self._process = None

    def remember(self, state_file: Path = STATE_FILE, *, stack: str | None = None) -> None:
        """Write down where it is, for other processes, and that ``stack`` has been made in it."""
        if stack is not None and stack not in self.state.stacks:
            self.state = replace(self.state, stacks=(*self.state.stacks, stack))
        state_file.parent.mkdir(parents=True, exist_ok=True)
        # The token lets its holder end the server: readable for nobody else, from the first byte on.
        write_whole(state_file, json.dumps(asdict(self.state)), mode=0o600)

    def keep_outputs(self, stack: str, outputs: Mapping[str, Any]) -> None:
        """Keep the outputs of a stack that has been made in it, secret ones in plain text, in its memory alone.

        Raises:
            SandboxError: when it does not answer.
        """
        if _ask(self.state, server.OUTPUTS_PATH, {stack: outputs}) is None:
            raise SandboxError(f"nothing that was started here answers at {self.endpoint_url}")

    def outputs(self, stack: str) -> Mapping[str, Any] | None:
        """Return the outputs of a stack, secret ones in plain text; None when it keeps none of it."""
        return (_ask(self.state, server.OUTPUTS_PATH) or {}).get(stack)

    def __enter__(self) -> "EmbeddedAws":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # One that ended by itself has told why in the error that is on its way.
        if self._process is not None and self._process.poll() is None:
            self.stop()


def running(state_file: Path = STATE_FILE) -> EmbeddedAws | None:
    """Return the embedded AWS that the state file tells of, or None; a stale state file is removed."""
    state = _read(state_file)
    if state is not None and _ask(state, server.IDENTITY_PATH) is not None:
        return EmbeddedAws(state)
    # Where it cannot be removed it is stale all the same.
    with suppress(PermissionError):
        state_file.unlink(missing_ok=True)
    return None


def stop_running(state_file: Path = STATE_FILE) -> bool:
    """End the embedded AWS that the state file tells of; tell whether there was one."""
    aws = running(state_file)
    if aws is None:
        return False
    aws.stop()
    state_file.unlink(missing_ok=True)
    return True


def _read(state_file: Path) -> ServerState | None:
    """Return what the file remembers; None when there is no file, or one that another version wrote."""
    try:
        fields: Any = json.loads(state_file.read_text())
        return ServerState(
            pid=fields["pid"], port=fields["port"], token=fields["token"], stacks=tuple(fields["stacks"])
        )
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _spawn(listener: socket.socket, token: str, log_file: Path | None) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", server.__name__, str(listener.fileno()), "--word", words.word()]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    # Not an argument: those stand in the process list, for every user of the machine to read.
    environment[server.TOKEN_VARIABLE] = token
    if log_file is None:
        return _popen(command, environment, listener, output=None)
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("wb") as log:
        return _popen([*command, "--log"], environment, listener, output=log)


def _popen(
    command: list[str], environment: dict[str, str], listener: socket.socket, *, output: IO[bytes] | None
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 (this interpreter, this package's own module)
        command,
        env=environment,
        # The open pipe is how it sees that this process still lives.
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        pass_fds=[listener.fileno()],
        # Ctrl-C in the terminal is for the foreground process, which then ends this one.
        start_new_session=True,
    )


def _wait_until_gone(state: ServerState) -> None:
    deadline = time.monotonic() + _STOP_TIMEOUT_SECONDS
    while _ask(state, server.IDENTITY_PATH) is not None:
        if time.monotonic() > deadline:
            raise SandboxError(f"process {state.pid} still answers at {state.endpoint_url} after being told to end")
        time.sleep(_POLL_SECONDS)


def _ask(state: ServerState, path: str, content: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    return ask(state.port, state.token, path, content)
