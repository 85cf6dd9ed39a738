"""The entry point of the command line, its options, and the ways in which commands end."""

import errno
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from workbench import words
from workbench.cli.commands import commands_of
from workbench.cli.lazily import LazyGroup
from workbench.cli.shared.program import installed, known_program, use_project
from workbench.errors import OperatorError


class _Main(LazyGroup):
    """The outermost group: the commands of the program that the word, the folder or ``--project`` names."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.offer_what_there_is()

    def offer_what_there_is(self) -> None:
        """Replace the commands by those of the current program."""
        program = known_program()
        what = "a Pulumi program" if program is None else program.title
        self.help = f"Plan {what}, operate it, and bring it up in an embedded AWS."
        self.offer(commands_of(program))


app = typer.Typer(
    cls=_Main,
    name=words.word(),
    no_args_is_help=True,
    # Joins the lines of a paragraph, which the default keeps apart.
    rich_markup_mode="markdown",
    # Typer's own traceback prints local variables, and those may hold secrets.
    pretty_exceptions_enable=False,
    # The commands below take it from here.
    context_settings={"help_option_names": ["-h", "--help"]},
)


def all_commands() -> LazyGroup:
    """Load every command, and return the outermost group."""
    group = typer.main.get_command(app)
    assert isinstance(group, LazyGroup)  # noqa: S101 (that is its class)
    return group.load()


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    scripts = entry_points(group="console_scripts", name=words.WORKBENCH)
    point = installed().get(words.word()) or next(iter(scripts), None)
    typer.echo(f"{words.word()} {point.dist.version if point is not None and point.dist is not None else 'unknown'}")
    raise typer.Exit


def _work_on(context: typer.Context, folder: Path | None) -> Path | None:
    if folder is not None:
        use_project(folder)
        if isinstance(context.command, _Main):
            context.command.offer_what_there_is()
    return folder


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    _project: Annotated[
        Path | None,
        typer.Option(
            "--project",
            metavar="DIR",
            callback=_work_on,
            is_eager=True,
            help="The Pulumi project's folder; without it the nearest one upwards.",
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="The AWS profile; without it AWS_PROFILE's, as everywhere.")
    ] = None,
) -> None:
    """Apply the options that stand before a command."""
    if profile is not None:
        # Not only for this process: docker's credential helpers and the Session Manager plugin follow it too.
        os.environ["AWS_PROFILE"] = profile


def main() -> None:
    """Run the command of this process."""
    # Importing the SDKs makes a million objects that all stay: looking for garbage among them, while they are loaded
    # and once more at exit, takes longer than the commands themselves.
    gc.disable()
    try:
        run()
    finally:
        gc.freeze()


def dev() -> None:
    """Run a ``dev`` command of the folder's program, by this word alone."""
    sys.argv[:1] = [str(Path(sys.argv[0]).with_name(words.word())), "dev"]
    main()


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
    """Replace each standard stream that was closed by an empty one; Python leaves it None.

    Raises:
        OperatorError: when standard output is closed: nobody would have the answer.
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
