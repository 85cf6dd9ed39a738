"""``sandbox env | down | status``: the embedded AWS that is running."""

import os
import shlex
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.shared.app import App
from workbench.cli.shared.console import STACK_VARIABLE, JsonOption, command_word, print_json, talk
from workbench.cli.shared.program import current_program, project_root
from workbench.cli.shared.stack import StackOption, selected_stack
from workbench.config.stack_file import read_stack_file
from workbench.errors import OperatorError
from workbench.sandbox.clients import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from workbench.sandbox.embedded import STATE_FILE, EmbeddedAws, running, stop_running
from workbench.sandbox.lock import LOCK_FILE, HeldError, held
from workbench.sandbox.loopback import loopback_url
from workbench.words import command

app = App()

EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        metavar="URL",
        help="Another emulator of AWS on this machine, e.g. LocalStack or MiniStack, instead of the embedded one.",
    ),
]


@app.command()
def env(
    stack: StackOption = None,
    unset: Annotated[
        bool, typer.Option("--unset", help="Print what makes a shell forget it again, whether or not it runs.")
    ] = False,
    json: JsonOption = False,
    endpoint: EndpointOption = None,
) -> None:
    """Print what a shell needs to reach the embedded AWS that is running: `eval "$(PROGRAM sandbox env)"`.

    The region is the stack's, or that of the first stack which is up in it. With --endpoint it is about that emulator,
    and nothing is asked of it.
    """
    if unset:
        if json:
            raise OperatorError("--unset: came with --json; one of the two is allowed")
        typer.echo(f"unset {' '.join(exports('', ''))}")
        return
    root = project_root()
    if endpoint is not None:
        file = read_stack_file(current_program(), selected_stack(stack, root), root)
        _print_exports(checked_endpoint(endpoint), file.environment.region, json=json)
        return
    aws = running_in(root)
    if aws is None or not aws.state.stacks:
        raise OperatorError(f"no embedded AWS is running; start one with `{command_word()} sandbox up STACK --detach`")
    chosen = stack or os.environ.get(STACK_VARIABLE) or aws.state.stacks[0]
    if chosen not in aws.state.stacks:
        raise OperatorError(f"stack: {chosen} is not up; allowed: {', '.join(aws.state.stacks)}")
    region = read_stack_file(current_program(), chosen, root).environment.region
    _print_exports(aws.endpoint_url, region, json=json)


def _print_exports(url: str, region: str, *, json: bool) -> None:
    if json:
        print_json(exports(url, region))
    else:
        typer.echo("\n".join(export_lines(url, region)))


@app.command()
def down() -> None:
    """End the embedded AWS that is running, with everything in it."""
    root = project_root()
    with one_maker(root):
        present = running_in(root)
        if present is None:
            talk("No embedded AWS was running.")
        else:
            end_running(root)


@app.command()
def status(json: JsonOption = False) -> None:
    """Tell where an embedded AWS is running, and which stacks are up in it; exit 1 when none is running."""
    aws = running_in(project_root())
    if json:
        print_json(
            {"running": aws is not None}
            | ({} if aws is None else {"endpoint_url": aws.endpoint_url, "stacks": list(aws.state.stacks)})
        )
    elif aws is None:
        typer.echo("No embedded AWS is running.")
    else:
        typer.echo(f"The embedded AWS is running at {aws.endpoint_url} with {in_words(aws.state.stacks)}.")
    if aws is None:
        raise typer.Exit(1)


def checked_endpoint(url: str) -> str:
    """Return the address in ``--endpoint``, as clients take it.

    Raises:
        OperatorError: when it is no address of this machine.
    """
    try:
        return loopback_url(url)
    except ValueError:
        raise OperatorError(
            f"--endpoint: came {url}; allowed: an address of this machine, e.g. http://127.0.0.1:4566"
        ) from None


def in_words(stacks: Sequence[str]) -> str:
    """Return names as a part of a sentence."""
    *others, last = stacks or ["no stack"]
    return f"{', '.join(others)} and {last}" if others else last


def running_in(root: Path) -> EmbeddedAws | None:
    """Return the project's running embedded AWS, or None."""
    return running(root / STATE_FILE)


@contextmanager
def one_maker(
    root: Path, lock_file: Path | None = None, *, place: str = "the project's embedded AWS"
) -> Generator[None]:
    """Hold the lock of a place, such as the project's embedded AWS: no other process makes or ends anything in it.

    Raises:
        OperatorError: when another process holds it.
    """
    try:
        with held(root / (lock_file or LOCK_FILE), command=command(*sys.argv[1:])):
            yield
    except HeldError as error:
        raise OperatorError(f"{error} is at work in {place}; wait for it, or end it first") from None


def exports(endpoint_url: str, region: str) -> Mapping[str, str]:
    """Return the environment variables by which AWS tools find an embedded AWS."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }


def export_lines(endpoint_url: str, region: str) -> list[str]:
    """Return the variables as two lines for a shell."""
    words = [f"{name}={shlex.quote(value)}" for name, value in exports(endpoint_url, region).items()]
    return [f"export {' '.join(words[:2])}", f"export {' '.join(words[2:])}"]


def end_running(root: Path) -> None:
    """End the embedded AWS that is running, and say so."""
    stop_running(root / STATE_FILE)
    talk("The embedded AWS has ended.")
