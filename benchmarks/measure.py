"""Runs a command several times and measures each run as the kernel accounts it."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Container, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a command."""

    seconds: float
    cpu_seconds: float
    """Of the command and of all that it waited for: what it takes of a machine that does something else, too."""
    peak_mib: float
    stdout: str


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """All runs of one command."""

    runs: tuple[Run, ...]

    @property
    def minimum_seconds(self) -> float:
        """The fastest run: what the command takes when nothing else disturbs it."""
        return min(run.seconds for run in self.runs)

    @property
    def median_seconds(self) -> float:
        """The run in the middle."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def cpu_seconds(self) -> float:
        """The processor's time of the run in the middle."""
        return statistics.median(run.cpu_seconds for run in self.runs)

    @property
    def peak_mib(self) -> float:
        """The largest resident set of any run."""
        return max(run.peak_mib for run in self.runs)


def measure(command: Sequence[str], *, rounds: int, exit_codes: Container[int] = (0,)) -> Measurement:
    """Run ``command`` once to warm the file cache, then ``rounds`` times measured.

    Raises:
        RuntimeError: when a run fails, which is to exit with none of ``exit_codes``; a failed run's time means nothing.
    """
    _run(command, exit_codes)
    return Measurement(runs=tuple(_run(command, exit_codes) for _ in range(rounds)))


def _run(command: Sequence[str], exit_codes: Container[int]) -> Run:
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        # wait4 tells this child's own peak; getrusage(RUSAGE_CHILDREN) only the largest of all so far.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in exit_codes:
            stderr.seek(0)
            raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}\n{stderr.read()}")
        stdout.seek(0)
        return Run(
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_mib=usage.ru_maxrss / 1024,
            stdout=stdout.read(),
        )
