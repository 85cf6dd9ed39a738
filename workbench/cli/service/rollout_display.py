"""The display of a rollout: live on a terminal, elsewhere a line for each change."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.cli.shared.console import talk, talk_console
from workbench.operations.deploys.shifting.stages import where

if TYPE_CHECKING:
    from rich.status import Status

    from workbench.operations.deploys.watch import Audience, Progress

_SECONDS_BETWEEN_LINES = 60
"""Without a terminal: how long nothing may be said, lest a CI job looks dead."""


def progress_line(progress: "Progress") -> str:
    """Return the progress of a rollout in one line."""
    failed = f", {progress.failed} failed" if progress.failed else ""
    earlier = f", {progress.earlier_running} of other revisions" if progress.earlier_running else ""
    tasks = f"{progress.running} of {progress.desired} new tasks run{failed}{earlier}"
    return tasks if progress.shift is None else f"{where(progress.shift)}; {tasks}"


class _Lines:
    """A display that prints a line for each change, and one a minute."""

    def __init__(self) -> None:
        self._last: tuple[str, float] | None = None

    def progress(self, progress: "Progress", /) -> None:
        line = progress_line(progress)
        if self._last is None or line != self._last[0] or progress.seconds - self._last[1] >= _SECONDS_BETWEEN_LINES:
            talk(line)
            self._last = (line, progress.seconds)

    def say(self, line: str, /) -> None:
        talk(line)


class _Live:
    """A display that keeps one line up to date."""

    def __init__(self, status: "Status", name: str) -> None:
        self._status = status
        self._name = name

    def progress(self, progress: "Progress", /) -> None:
        self._status.update(f"{self._name}: {progress_line(progress)}, {progress.seconds:.0f} s")

    def say(self, line: str, /) -> None:
        self._status.console.print(line)


@contextmanager
def following(name: str) -> Generator["Audience"]:
    """Show a rollout on stderr while the block runs."""
    console = talk_console()
    if not console.is_terminal:
        yield _Lines()
        return
    with console.status(f"{name}: asking ECS") as status:
        yield _Live(status, name)
