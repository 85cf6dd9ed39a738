"""Prints how fast the commands are and what they need, beside what the same machine takes for the bare minimum.

Run with ``make bench``. Nothing here passes or fails: a time says something about a machine, too.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Measurement, measure

_PYTHON = sys.executable
_ZELLY = str(Path(sys.executable).with_name("zelly"))
_STACK = "production"
_OF_A_DIFFERENCE = (0, 3, 4)
"""What ``zelly plan --against`` ends with when it has succeeded, whatever the working tree changes."""
_OF_A_REVIEW = (0, 1, 3, 4)
"""The same, and 1 where a working tree breaks a rule."""
_REVIEWS = {
    "zelly review of both stacks against HEAD": (
        "exec {zelly} review production staging --against HEAD --output {folder}"
    ),
    "plan and cost of both stacks against HEAD, one by one": "; ".join(
        f"{{zelly}} {command} {stack} --against HEAD{option}"
        for command, option in (("plan", " --markdown --check"), ("cost", ""))
        for stack in ("production", "staging")
    ),
}
_SERVICE_COUNTS = (6, 50, 500)
_INSTANCE_COUNTS = (143, 2000)
"""A live estate's instances, and many of them."""

# Prints the import statement of the AWS modules that a plan loads, so that the comparison never grows stale.
_LIST_MODULES = f"""
import io, contextlib, sys
from workbench.cli.main import run
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    run(["plan", "{_STACK}", "--json"])
print("import " + ", ".join(sorted(name for name in sys.modules if name.split(".")[0] == "pulumi_aws")))
"""


def _commands(rounds: int) -> Iterator[tuple[str, str, Measurement]]:
    """Yield what is measured, what is wanted of it, and the measurement."""
    bare_import = measure([_PYTHON, "-c", _LIST_MODULES], rounds=1).runs[0].stdout.strip()
    yield "bare import of the plan's AWS modules", "", measure([_PYTHON, "-c", bare_import], rounds=rounds)
    yield f"zelly plan {_STACK}", "1.5 s, 170 MiB", measure([_ZELLY, "plan", _STACK], rounds=rounds)
    against_head = measure([_ZELLY, "plan", _STACK, "--against", "HEAD"], rounds=rounds, exit_codes=_OF_A_DIFFERENCE)
    yield f"zelly plan {_STACK} --against HEAD", "3 s", against_head
    yield from _reviews(rounds)
    yield f"zelly sandbox up {_STACK}", "10 s", measure([_ZELLY, "sandbox", "up", _STACK], rounds=rounds)
    yield "zelly --help", "0.25 s", measure([_ZELLY, "--help"], rounds=rounds)


def _reviews(rounds: int) -> Iterator[tuple[str, str, Measurement]]:
    """Yield a review of both stacks, and the commands that a pull request needed before there was one for all of it."""
    for name, command in _REVIEWS.items():
        with tempfile.TemporaryDirectory() as folder:
            script = command.format(zelly=_ZELLY, folder=folder)
            measured = measure(["sh", "-c", script], rounds=rounds, exit_codes=_OF_A_REVIEW)
        yield name, "5 s" if name.startswith("zelly review") else "", measured


def _commands_table(rounds: int) -> Table:
    table = Table(title=f"Commands, {rounds} rounds", title_justify="left")
    table.add_column("what")
    for heading in ("minimum", "median", "CPU", "peak memory", "wanted"):
        table.add_column(heading, justify="right")
    for what, wanted, measured in _commands(rounds):
        table.add_row(
            what,
            f"{measured.minimum_seconds:.2f} s",
            f"{measured.median_seconds:.2f} s",
            f"{measured.cpu_seconds:.2f} s",
            f"{measured.peak_mib:.0f} MiB",
            wanted,
        )
    return table


def _growth_table(rounds: int) -> Table:
    table = Table(title=f"Evaluation of many services, {rounds} rounds", title_justify="left")
    for heading in ("services", "resources", "minimum", "median", "median per resource", "peak memory"):
        table.add_column(heading, justify="right")
    for count in _SERVICE_COUNTS:
        measured = measure([_PYTHON, "-m", "benchmarks.services", str(count)], rounds=rounds)
        results = [json.loads(run.stdout) for run in measured.runs]
        resources = results[0]["resources"]
        seconds = [result["seconds"] for result in results]
        table.add_row(
            str(count),
            str(resources),
            f"{min(seconds):.2f} s",
            f"{statistics.median(seconds):.2f} s",
            f"{statistics.median(seconds) / resources * 1000:.2f} ms",
            f"{measured.peak_mib:.0f} MiB",
        )
    return table


def _adoption_table(rounds: int) -> Table:
    table = Table(title=f"Adoption of a Terraform state, {rounds} rounds", title_justify="left")
    for heading in ("instances", "file", "paired", "read", "translated", "matched in", "peak memory"):
        table.add_column(heading, justify="right")
    for count in _INSTANCE_COUNTS:
        measured = measure([_PYTHON, "-m", "benchmarks.adopt", str(count)], rounds=rounds)
        results = [json.loads(run.stdout) for run in measured.runs]
        first = results[0]
        steps = [statistics.median(result[step] for result in results) for step in ("read", "translate", "match")]
        table.add_row(
            str(first["instances"]),
            f"{first['mib']} MiB",
            str(first["matched"]),
            *(f"{seconds:.2f} s" for seconds in steps),
            f"{measured.peak_mib:.0f} MiB",
        )
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="measured runs of each command (default: 5)")
    rounds = parser.parse_args().rounds
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    console.print(_commands_table(rounds))
    console.print(_growth_table(rounds))
    console.print(_adoption_table(rounds))
    # Imported last: a command that is started by a large process is charged with that process's memory.
    from benchmarks.engine import engine_table  # noqa: PLC0415

    console.print(engine_table(rounds))


if __name__ == "__main__":
    main()
