"""Bringing stacks up in an embedded AWS: joined or started, filled, and ended again when something goes wrong."""

import signal
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import typer

from workbench.cli.plan.evaluation import AnyStackFile, evaluate_project, planned
from workbench.cli.sandbox.running import in_words
from workbench.cli.shared.console import command_word, talk
from workbench.cli.shared.errors import failure_lines
from workbench.cli.shared.progress import progress
from workbench.config.stack_file import StackFile
from workbench.counting import counted
from workbench.errors import OperatorError
from workbench.evaluate import Evaluation, EvaluationError, RecordedResource
from workbench.review.tree import count_by_type, is_made
from workbench.sandbox.embedded import STATE_FILE, EmbeddedAws
from workbench.sandbox.emulator import Emulator
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.prerequisites import prerequisites

Ending = Literal["with_the_command", "on_interrupt", "never"]
"""When an embedded AWS that was started ends: at once, on Ctrl-C, or by another command only."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """One embedded AWS while stacks are brought up in it."""

    aws: EmbeddedAws
    root: Path
    state_file: Path
    """Tells other commands where it is; written for one that outlives the making."""
    stacks: list[str]
    """Those that are up in it."""
    ending: Ending

    def add(self, stack: str, outputs: Mapping[str, Any]) -> None:
        """Note that a stack is up, and leave its outputs where other commands find them."""
        self.aws.keep_outputs(stack, outputs)
        if self.ending != "with_the_command":
            self.aws.remember(self.state_file, stack=stack)
        if self.ending == "never":
            # Not earlier: if this process is killed before, or cannot write the file, nobody would find the server.
            self.aws.stay()
        self.stacks.append(stack)


def owns_shared_resources(file: AnyStackFile) -> bool:
    """Tell whether a stack makes what the other stacks of the account look up: repositories and deploy role."""
    return isinstance(file, StackFile) and file.description.shared.is_owner


def already_up(stacks: Sequence[str], aws: EmbeddedAws) -> OperatorError:
    """Return the error of an operator who asks for what is there."""
    are = "is" if len(stacks) == 1 else "are"
    return OperatorError(
        f"{in_words(stacks)} {are} already up, in the embedded AWS at {aws.endpoint_url}; "
        "--replace ends that one and starts afresh"
    )


@contextmanager
def embedded_aws(
    root: Path, present: EmbeddedAws | None, files: Sequence[AnyStackFile], *, port: int | None, ending: Ending
) -> Generator[Session]:
    """Join the one that is present, or start one, which ends with the block unless it holds what is to stay.

    Raises:
        OperatorError: when the stacks of ``files`` cannot be made in the present one, or none can be started.
    """
    state_file = root / STATE_FILE
    if present is not None:
        _check_joinable(present, files, port)
        yield Session(aws=present, root=root, state_file=state_file, stacks=[*present.state.stacks], ending="never")
        return
    try:
        log = state_file.with_name("server.log") if ending == "never" else None
        aws = EmbeddedAws.start(port=port, log=log)
    except SandboxError as error:
        raise OperatorError(str(error)) from None
    session = Session(aws=aws, root=root, state_file=state_file, stacks=[], ending=ending)
    try:
        yield session
    finally:
        if ending != "never" or not session.stacks:
            # It may have been ended from elsewhere by now, which is as good.
            with suppress(SandboxError):
                aws.stop()
            if ending != "with_the_command":
                with suppress(OSError):
                    state_file.unlink(missing_ok=True)


def _check_joinable(aws: EmbeddedAws, files: Sequence[AnyStackFile], port: int | None) -> None:
    down = f"`{command_word()} sandbox down`"
    if port not in {None, aws.state.port}:
        raise OperatorError(
            f"--port {port}: an embedded AWS is running at {aws.endpoint_url} already; "
            f"leave --port out to use that one, or end it with {down}"
        )
    for file in files:
        if file.stack in aws.state.stacks:
            raise already_up([file.stack], aws)
        if owns_shared_resources(file) and aws.state.stacks:
            raise OperatorError(
                f"{file.stack} owns what {in_words(aws.state.stacks)} already got as stand-ins; "
                f"`{command_word()} sandbox up --all --replace` ends that embedded AWS and makes all of them"
            )


def how_many(file: AnyStackFile, root: Path) -> int:
    """Return how many resources a stack consists of.

    It is evaluated without AWS, which takes a moment and finds the program's own faults before anything is made.
    """
    if not file.region:
        raise OperatorError(f"Pulumi.{file.stack}.yaml: config.aws:region: missing; a region is required to make it in")
    return count_by_type(planned(file, root)).total()


def bring_up(session: Session, file: AnyStackFile, *, total: int) -> Evaluation:
    """Make every resource of one stack, ``total`` of them.

    Raises:
        typer.Exit: when some could not be made; each of them has been named, and how to go on.
    """
    stack = file.stack
    if not session.stacks and not owns_shared_resources(file):
        make_prerequisites(session.aws, file)
    done: list[str] = []
    with progress(stack, total) as advance, interruptible() as check_interrupt:

        def note(resource: RecordedResource) -> None:
            check_interrupt()
            if is_made(resource):
                done.append(resource.urn)
                advance(f"{resource.type} {resource.name}")

        try:
            backend = session.aws.backend(region=file.region)
            evaluation = evaluate_project(file, session.root, backend=backend, progress=note)
        except EvaluationError as error:
            lines = failure_lines(stack, error.failures)
        except (SandboxError, OperatorError) as error:
            # A refused look-up: the program cannot go on without its answer, so that there is nothing else to list.
            lines = [f"{stack}: {error}"]
        else:
            session.add(stack, evaluation.plain_outputs)
            return evaluation
    talk(*lines, *_how_to_go_on(session, stack, f"{len(done)} of {counted(total, 'resource')}"))
    raise typer.Exit(1)


def make_prerequisites(aws: EmbeddedAws | Emulator, file: AnyStackFile) -> None:
    """Make what a stack looks up of another that is not there, and say so."""
    if not isinstance(file, StackFile):
        # What a program without a description looks up nobody knows before it does.
        return
    shared = file.description.shared
    made = prerequisites(
        aws.clients,
        repository_names=shared.repositories,
        registry_region=shared.registry_region,
        provider_url=shared.provider_url,
        role_name=shared.role_name,
    )
    if made:
        talk(f"{file.stack} looks up what another stack owns; alone it gets stand-ins, made first:")
        talk(*(f"  {line}" for line in made))


def _how_to_go_on(session: Session, stack: str, made: str) -> list[str]:
    again = "correct the cause and run the same command again."
    if session.ending == "never" and session.stacks:
        return [
            f"{made} of {stack} were made and are there to look at, at {session.aws.endpoint_url}.",
            f"To go on, end it with `{command_word()} sandbox down`, {again}",
        ]
    return [f"{made} of {stack} were made; the embedded AWS ends, and they with it.", f"To go on, {again}"]


class _InterruptedError(Exception):
    """Ctrl-C was pressed."""


@contextmanager
def interruptible() -> Generator[Callable[[], None]]:
    """Let Ctrl-C end the block at the next call of the function that it gets.

    The SDK's nested event loops swallow an interrupt that comes at any other moment, and go on.
    """
    interrupted = False

    def remember(_signal: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True

    def check() -> None:
        if interrupted:
            raise _InterruptedError

    previous = signal.signal(signal.SIGINT, remember)
    try:
        yield check
    except _InterruptedError:
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGINT, previous)
