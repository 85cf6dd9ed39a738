"""``zelly sandbox``: a stack brought up in the embedded AWS, to be looked at with any AWS tool."""

import gc
import os
import shlex
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zelly_infra.commands.console import (
    STACK_VARIABLE,
    JsonOption,
    complete_stack,
    output_lines,
    print_json,
    program,
    progress,
    project_root,
    resources,
    talk,
)
from zelly_infra.commands.errors import failure_lines
from zelly_infra.commands.plan import evaluate_project, planned
from zelly_infra.errors import OperatorError

if TYPE_CHECKING:
    from zelly_infra.evaluate import Evaluation, RecordedResource
    from zelly_infra.sandbox.embedded import EmbeddedAws
    from zelly_infra.stack_file import StackFile

app = typer.Typer(
    help="An AWS that lives on this machine: bring stacks up in it and look around.", no_args_is_help=True
)

_GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
_POLL_SECONDS = 0.5


@app.command()
def up(
    stack: Annotated[
        str | None,
        typer.Argument(
            metavar="STACK",
            help=f"The stack, as in Pulumi.STACK.yaml; without it the one in {STACK_VARIABLE}.",
            autocompletion=complete_stack,
        ),
    ] = None,
    all_stacks: Annotated[bool, typer.Option("--all", help="Every stack of the project, in one account.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Leave it running; `zelly sandbox down` ends it.")] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port to listen on; any free one if left out.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make every resource of a stack in an embedded AWS on this machine, and tell how to look around.

    On a terminal it stays until Ctrl-C. Elsewhere it ends when everything is made, unless --detach is given. When one
    is running already, the stack is made in that one.
    """
    root = project_root()
    files = _requested(stack, root, all_stacks=all_stacks)
    # Without a terminal nobody could end it, and whoever reads a pipe waits for its end.
    waits = not (detach or json) and sys.stdin.isatty() and sys.stdout.isatty()
    with _session(root, files, port=port, detach=detach, waits=waits) as session:
        made = {_name(file): _make(session, file) for file in files}
        url = session.aws.endpoint_url
        if json:
            print_json(_document(url, files, made))
            return
        for file in files:
            typer.echo("\n".join(_report(file, made[_name(file)])))
        talk(*(_how_to_look_around(url, files) if session.stays else []), *_how_it_ends(session))
        if session.waits:
            _wait(session)


@app.command()
def down() -> None:
    """End the embedded AWS that is running, with everything in it."""
    from zelly_infra.sandbox.embedded import STATE_FILE, stop_running  # noqa: PLC0415

    stopped = stop_running(project_root() / STATE_FILE)
    talk("The embedded AWS has ended." if stopped else "No embedded AWS was running.")


@app.command()
def status(json: JsonOption = False) -> None:
    """Tell whether an embedded AWS is running, where, and which stacks are up in it."""
    from zelly_infra.sandbox.embedded import STATE_FILE, running  # noqa: PLC0415

    aws = running(project_root() / STATE_FILE)
    if json:
        print_json(
            {"running": aws is not None}
            | ({} if aws is None else {"endpoint_url": aws.endpoint_url, "stacks": list(aws.state.stacks)})
        )
    elif aws is None:
        typer.echo("No embedded AWS is running.")
    else:
        typer.echo(f"The embedded AWS is running at {aws.endpoint_url} with {_and(aws.state.stacks)}.")


def _requested(stack: str | None, root: Path, *, all_stacks: bool) -> list["StackFile"]:
    from zelly_infra.stack_file import read_stack_file, stack_names  # noqa: PLC0415

    names = stack_names(root)
    if not all_stacks:
        stack = stack or os.environ.get(STACK_VARIABLE)
        if not stack:
            raise OperatorError(f"stack: missing; allowed: {', '.join(names)}, or --all")
        names = [stack]
    elif stack is not None:
        raise OperatorError(f"--all: came with {stack}; allowed: either one stack or --all")
    files = [read_stack_file(name, root) for name in names]
    # What one stack owns and the others look up has to be there first.
    return sorted(files, key=lambda file: (not _owns(file), file.path.name))


def _owns(file: "StackFile") -> bool:
    return file.environment.registry.create and file.environment.github.create


def _name(file: "StackFile") -> str:
    return file.environment.environment


@dataclass(frozen=True, kw_only=True)
class _Session:
    """One embedded AWS while stacks are brought up in it."""

    aws: "EmbeddedAws"
    root: Path
    state_file: Path
    stacks: list[str]
    """Those that are up in it."""
    joined: bool
    """It was running before; then it goes on whatever happens here."""
    detached: bool
    waits: bool

    @property
    def stays(self) -> bool:
        return self.joined or self.detached or self.waits

    def add(self, stack: str) -> None:
        self.stacks.append(stack)
        if self.stays:
            self.aws.remember(self.state_file, stack=stack)


@contextmanager
def _session(
    root: Path, files: "list[StackFile]", *, port: int | None, detach: bool, waits: bool
) -> Generator[_Session]:
    """Join the embedded AWS that is running, or start one and end it after the block unless it is to stay."""
    from zelly_infra.sandbox.embedded import STATE_FILE, EmbeddedAws, running  # noqa: PLC0415
    from zelly_infra.sandbox.errors import SandboxError  # noqa: PLC0415

    state_file = root / STATE_FILE
    aws = running(state_file)
    if aws is not None:
        _check_joinable(aws, files, port)
        yield _Session(
            aws=aws,
            root=root,
            state_file=state_file,
            stacks=[*aws.state.stacks],
            joined=True,
            detached=True,
            waits=False,
        )
        return
    try:
        aws = EmbeddedAws.start(port=port, detach_log=state_file.with_name("server.log") if detach else None)
    except SandboxError as error:
        raise OperatorError(str(error)) from None
    session = _Session(aws=aws, root=root, state_file=state_file, stacks=[], joined=False, detached=detach, waits=waits)
    try:
        yield session
    finally:
        if not (detach and session.stacks):
            # It may have been ended from elsewhere by now, which is as good.
            with suppress(SandboxError):
                aws.stop()
            if session.stays:
                state_file.unlink(missing_ok=True)


def _check_joinable(aws: "EmbeddedAws", files: "Sequence[StackFile]", port: int | None) -> None:
    if port not in {None, aws.state.port}:
        raise OperatorError(
            f"--port {port}: an embedded AWS is running at {aws.endpoint_url} already; leave --port out to use that "
            f"one, or end it with `{program()} sandbox down`"
        )
    for file in files:
        if _name(file) in aws.state.stacks:
            raise OperatorError(
                f"{_name(file)} is already up, in the embedded AWS at {aws.endpoint_url}; "
                f"to start afresh, run `{program()} sandbox down` first"
            )
        if _owns(file) and aws.state.stacks:
            raise OperatorError(
                f"{_name(file)} owns what {_and(aws.state.stacks)} already got as stand-ins; "
                f"run `{program()} sandbox down`, then `{program()} sandbox up --all`"
            )


def _make(session: _Session, file: "StackFile") -> "Evaluation":
    from zelly_infra.evaluate import EvaluationError  # noqa: PLC0415
    from zelly_infra.review.tree import is_made  # noqa: PLC0415
    from zelly_infra.sandbox.errors import SandboxError  # noqa: PLC0415

    stack = _name(file)
    # Without AWS this takes a moment, finds the program's own faults, and tells how much there is to do.
    total = _count_by_type(planned(file, session.root)).total()
    if not session.stacks and not _owns(file):
        _make_prerequisites(session.aws, file)
    done: list[str] = []
    with progress(stack, total) as advance, _interruptible() as check_interrupt:

        def note(resource: "RecordedResource") -> None:
            check_interrupt()
            if is_made(resource):
                done.append(resource.urn)
                advance(f"{resource.type} {resource.name}")

        try:
            backend = session.aws.backend(region=file.environment.region)
            evaluation = evaluate_project(file, session.root, backend=backend, progress=note)
        except EvaluationError as error:
            lines = failure_lines(stack, error.failures)
        except SandboxError as error:
            # A refused look-up: the program cannot go on without its answer, so that there is nothing else to list.
            lines = [f"{stack}: {error}"]
        else:
            session.add(stack)
            return evaluation
    talk(*lines, *_how_to_go_on(session, stack, f"{len(done)} of {resources(total)}"))
    raise typer.Exit(1)


class _InterruptedError(Exception):
    """Ctrl-C was pressed."""


@contextmanager
def _interruptible() -> Generator[Callable[[], None]]:
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


def _make_prerequisites(aws: "EmbeddedAws", file: "StackFile") -> None:
    from zelly_infra import catalog  # noqa: PLC0415
    from zelly_infra.sandbox.prerequisites import prerequisites  # noqa: PLC0415

    environment = file.environment
    made = prerequisites(
        aws.clients,
        repository_names=catalog.REPOSITORIES,
        registry_region=environment.registry.region,
        provider_url=_GITHUB_ISSUER,
        role_name=environment.github.role_name,
    )
    if made:
        talk(f"{_name(file)} looks up what another stack owns; alone it gets stand-ins, made first:")
        talk(*(f"  {line}" for line in made))


def _report(file: "StackFile", evaluation: "Evaluation") -> list[str]:
    count = _count_by_type(evaluation).total()
    return [
        f"{_name(file)} is up in {file.environment.region}: {resources(count)}",
        *output_lines(evaluation.outputs),
    ]


def _document(endpoint_url: str, files: "Sequence[StackFile]", made: "Mapping[str, Evaluation]") -> dict[str, Any]:
    stacks: dict[str, Any] = {}
    for file in files:
        by_type = _count_by_type(made[_name(file)])
        stacks[_name(file)] = {
            "region": file.environment.region,
            "resources": by_type.total(),
            "resources_by_type": dict(by_type),
            "outputs": made[_name(file)].outputs,
        }
    return {"endpoint_url": endpoint_url, "stacks": stacks}


def _count_by_type(evaluation: "Evaluation") -> Counter[str]:
    from zelly_infra.review.tree import is_made  # noqa: PLC0415

    return Counter(resource.type for resource in evaluation.resources if is_made(resource))


def _how_to_look_around(endpoint_url: str, files: "Sequence[StackFile]") -> list[str]:
    from zelly_infra.sandbox.clients import ACCESS_KEY_ID, SECRET_ACCESS_KEY  # noqa: PLC0415

    regions = [file.environment.region for file in files]
    code = 'import boto3; print([vpc["CidrBlock"] for vpc in boto3.client("ec2").describe_vpcs()["Vpcs"]])'
    return [
        "",
        "Look around with any AWS tool:",
        f"  export AWS_ENDPOINT_URL={endpoint_url} AWS_DEFAULT_REGION={regions[0]}",
        f"  export AWS_ACCESS_KEY_ID={ACCESS_KEY_ID} AWS_SECRET_ACCESS_KEY={SECRET_ACCESS_KEY}",
        *(f"  aws ec2 describe-vpcs --region {region}" for region in regions),
        f"  {shlex.quote(_interpreter())} -c {shlex.quote(code)}",
        "",
    ]


def _interpreter() -> str:
    """Return how to call this Python, which has boto3: as short as the working directory allows."""
    interpreter = Path(sys.executable)
    return str(interpreter.relative_to(Path.cwd())) if interpreter.is_relative_to(Path.cwd()) else str(interpreter)


def _how_it_ends(session: _Session) -> list[str]:
    if session.waits:
        return ["It stays until Ctrl-C."]
    if session.stays:
        return [f"It goes on running; `{program()} sandbox down` ends it."]
    return ["The embedded AWS ends here, as this is no terminal; --detach leaves it running."]


def _how_to_go_on(session: _Session, stack: str, made: str) -> list[str]:
    again = "correct the cause and run the same command again."
    if session.joined or (session.detached and session.stacks):
        return [
            f"{made} of {stack} were made and are there to look at, at {session.aws.endpoint_url}.",
            f"To go on, end it with `{program()} sandbox down`, {again}",
        ]
    return [f"{made} of {stack} were made; the embedded AWS ends, and they with it.", f"To go on, {again}"]


def _wait(session: _Session) -> None:
    """Wait until Ctrl-C, or until somebody else ends the embedded AWS."""
    from zelly_infra.sandbox.embedded import running  # noqa: PLC0415

    # What a short command does without is needed by one that stays for hours.
    gc.freeze()
    gc.enable()
    try:
        while running(session.state_file) is not None:
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        # The terminal shows ^C; the rest of the line is left to it.
        talk("")
    talk("The embedded AWS has ended.")


def _and(names: Sequence[str]) -> str:
    return " and ".join(names) or "no stack"
