"""Progress of what takes a while, on stderr."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from workbench.cli.shared.console import talk, talk_console

_RESOURCES_PER_LINE = 50
"""How many resources a progress line stands for when no terminal can show a bar."""


@contextmanager
def progress(title: str, total: int) -> Generator[Callable[[str], None]]:
    """Show on stderr how many of ``total`` resources are done; the block calls what it gets with each one's name.

    A bar on a terminal, otherwise a line now and then.
    """
    console = talk_console()
    if not console.is_terminal:
        yield _progress_lines(title, total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[resource]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total, resource="")
        yield lambda resource: bar.update(task, advance=1, resource=resource)


def _progress_lines(title: str, total: int) -> Callable[[str], None]:
    done = 0

    def advance(resource: str) -> None:
        nonlocal done
        done += 1
        if done % _RESOURCES_PER_LINE == 0 or done == total:
            talk(f"{title}: {done} of {total}, last {resource}")

    return advance
