"""Lines that are shown as they are read, once or without end."""

import select
import sys
from collections.abc import Callable, Iterable
from typing import Annotated, TypeVar

import typer

from workbench.cli.shared.console import INTERRUPTED, talk
from workbench.operations import clock as clocks
from workbench.operations.polling import follow as without_end

T = TypeVar("T")

FollowOption = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")]
JsonLinesOption = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]


def show_lines(read: Callable[[], Iterable[T]], show: Callable[[T], None], *, follow: bool) -> int:
    """Show all items that are there, and return their number. With ``follow``, show new ones until Ctrl-C."""

    def read_while_read() -> Iterable[T]:
        _check_that_somebody_reads()
        return read()

    try:
        if follow:
            without_end(read_while_read, show, clocks.CLOCK, talk)
        shown = 0
        for one in read():
            show(one)
            shown += 1
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    return shown


def _check_that_somebody_reads() -> None:
    """Raise ``BrokenPipeError`` if the pipe's reader has left. Without lines, no write finds out."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    poll = select.poll()
    poll.register(descriptor, select.POLLERR)
    if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
        raise BrokenPipeError
