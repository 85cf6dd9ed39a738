"""The entry point of every program's command, and what all its commands share: how they end."""

import errno
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, TextIO

import typer

from workbench.cli import diagram, doctor, drift, image, restore, review, secrets, state, status
from workbench.cli.cost import command as cost
from workbench.cli.interrupted import tell_interrupts
from workbench.cli.plan import command as plan
from workbench.cli.sandbox import command as sandbox
from workbench.cli.service import command as service
from workbench.cli.service import rollout as service_rollout
from workbench.cli.service import tasks as service_tasks
from workbench.cli.shared.program import current_program
from workbench.cli.shared.stack_argument import accept_stack_arguments
from workbench.errors import OperatorError

_PROGRAM = current_program()

app = typer.Typer(
    name=_PROGRAM.name,
    help=f"Plan {_PROGRAM.title}, operate it, and bring it up in an embedded AWS.",
    no_args_is_help=True,
    # Joins the lines of a paragraph, which the default keeps apart.
    rich_markup_mode="markdown",
    # Typer's own traceback prints local variables, and those may hold secrets.
    pretty_exceptions_enable=False,
    # The commands below take it from here.
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("plan")(plan.plan)
app.command("review")(review.review)
app.command("diagram")(diagram.diagram)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("drift")(drift.drift)

_SERVICE_VERBS = {
    "status": service_rollout.status,
    "deploy": service_rollout.deploy,
    "rollback": service_rollout.rollback,
    "promote": service_rollout.promote,
    "restart": service_rollout.restart,
    "run": service_tasks.run,
    "logs": service_tasks.logs,
    "events": service_tasks.events,
    "exec": service_tasks.execute,
}
for _verb, _command in _SERVICE_VERBS.items():
    service.app.command(_verb)(_command)
for _verb, _place in _PROGRAM.service_verbs.items():
    _module, _, _name = _place.partition(":")
    service.app.command(_verb)(getattr(importlib.import_module(_module), _name))

_NOUNS = {
    "cost": cost.app,
    "service": service.app,
    "image": image.app,
    "secrets": secrets.app,
    "state": state.app,
    "restore": restore.app,
    "sandbox": sandbox.app,
}
for _noun, _group in _NOUNS.items():
    app.add_typer(_group, name=_noun)
for _noun, _module in _PROGRAM.nouns.items():
    app.add_typer(importlib.import_module(_module).app, name=_noun)
accept_stack_arguments(app)
tell_interrupts(app)


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import version  # noqa: PLC0415

    typer.echo(f"{_PROGRAM.name} {version('zelly-infra')}")
    raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    profile: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="The AWS profile; without it AWS_PROFILE's, as everywhere.")
    ] = None,
) -> None:
    """Take the options that stand before a command."""
    if profile is not None:
        # Not only for this process: docker's credential helpers and the Session Manager plugin follow it too.
        os.environ["AWS_PROFILE"] = profile


def main() -> None:
    """Run the command that the process was started for."""
    # Importing the SDKs makes a million objects that all stay: looking for garbage among them, while they are loaded
    # and once more at exit, takes longer than the commands themselves.
    gc.disable()
    try:
        run()
    finally:
        gc.freeze()


def run(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 something failed, 2 the operator has to change something first.

    A command that Ctrl-C ended exits with 130.
    """
    try:
        _complete_streams()
        try:
            app(arguments)
        finally:
            # Here, where a closed pipe can still be caught; at interpreter exit it could not.
            sys.stdout.flush()
    except OperatorError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read stdout has left (`| head`). Nothing is wrong, and the rest of the output goes nowhere.
        _discard(sys.stdout)
        sys.exit(1)
    except OSError as error:
        # No folder to write into, no room on the disk, no right to read: the system's own words tell best.
        _complain(_in_words(error))
        # What is somebody else's has to be given first; a full disk is nobody's fault.
        sys.exit(OperatorError.exit_code if isinstance(error, PermissionError) else 1)


def _complete_streams() -> None:
    """Put an empty one in the place of a standard stream that was closed, which Python leaves out.

    Raises:
        OperatorError: when it is standard output: nobody would have the answer.
    """
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        raise OperatorError("standard output: closed; a terminal, a file or a pipe is required")


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Without a file's name they come from a write to what was open already, and that is only standard output."""


def _in_words(error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    if error.errno in _NO_ROOM:
        # What could not be written may still wait, and would be tried once more at the interpreter's exit.
        _discard(sys.stdout)
        return f"standard output: {reason}"
    return reason


def _complain(line: str) -> None:
    # Where stderr is a full disk or a closed pipe, too, nobody can be told; the exit code still tells.
    with suppress(OSError):
        typer.echo(line, err=True)
        return
    _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
