"""Measures a stack on the real Pulumi engine: previewed, made and previewed again, in an embedded AWS."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from workbench.engine.pulumi_cli import EngineSession, engine_session, find_engine
from workbench.errors import OperatorError

_ROOT = Path(__file__).parent.parent
_STACK = "production"
_STEPS = {
    "pulumi preview, nothing there yet": ("preview",),
    "pulumi up": ("up", "--yes", "--skip-preview"),
    "pulumi preview, nothing to change": ("preview",),
    "pulumi up, nothing to change": ("up", "--yes", "--skip-preview"),
}


def engine_table(rounds: int) -> Table:
    """Return the time of each command; of none where the machine has no engine, which the title then says."""
    table = Table(title_justify="left")
    table.add_column("what")
    for heading in ("minimum", "median"):
        table.add_column(heading, justify="right")
    try:
        find_engine(_ROOT)
    except OperatorError as error:
        table.title = f"No engine is measured: {error}"
        return table
    table.title = f"{_STACK} on the Pulumi engine, {rounds} rounds"
    measured = [dict(_round()) for _ in range(rounds)]
    for what in _STEPS:
        seconds = [times[what] for times in measured]
        table.add_row(what, f"{min(seconds):.1f} s", f"{statistics.median(seconds):.1f} s")
    return table


def _round() -> Iterator[tuple[str, float]]:
    """Yield the seconds of each step; an ``up`` needs a state, and an embedded AWS, that nobody has used."""
    with tempfile.TemporaryDirectory() as folder, engine_session(_ROOT, Path(folder)) as session:
        _seconds(session, "stack", "init", _STACK)
        for what, arguments in _STEPS.items():
            yield what, _seconds(session, *arguments)


def _seconds(session: EngineSession, *arguments: str) -> float:
    started = time.perf_counter()
    completed = session.run(*arguments)
    if completed.returncode != 0:
        raise RuntimeError(f"pulumi {' '.join(arguments)}: exit code {completed.returncode}\n{completed.stdout}")
    return time.perf_counter() - started
