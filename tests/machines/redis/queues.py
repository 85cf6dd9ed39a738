"""BullMQ's queues on a Redis server, through the program in ``bullmq/``."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tenacity

from tests.machines.redis.server import Redis
from tests.support.programs import require_program, unavailable

PROGRAM = Path(__file__).parent / "bullmq"

QUEUES = (
    "store-events",
    "SHOPIFY_WEBHOOK",
    "SHOPIFY_SETTINGS_PUSH",
    "SHOPIFY_SETTINGS_FETCH",
    "SHOPIFY_CATALOG_SYNC",
)


_PATIENTLY = tenacity.Retrying(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.05), reraise=True)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The end of one attempt at a job."""

    queue: str
    index: int
    done: bool
    """False: it failed, and is to be repeated."""


@dataclass(frozen=True, kw_only=True)
class Queues:
    """The program, talking to a server."""

    redis: Redis

    def produce(self, number: int) -> None:
        """Add as many jobs to every queue."""
        self._run("produce", str(number))

    def count(self) -> dict[str, dict[str, int]]:
        """Return how many jobs of each queue are in which state; states without a job are left out."""
        counts: dict[str, dict[str, int]] = self._run("count")
        return {queue: {state: number for state, number in of.items() if number} for queue, of in counts.items()}

    def fill(self, size: int) -> dict[str, Any]:
        """Add jobs of ``size`` bytes until Redis refuses one; return how many it took, and the refusal."""
        return self._run("fill", str(size))

    @contextmanager
    def work(self) -> Generator["subprocess.Popen[bytes]"]:
        """Have jobs processed until the block ends, where the worker dies if it has not ended yet."""
        with self._attempts.open("ab") as output, self._complaints.open("ab") as complaints:
            worker = subprocess.Popen(self._command("work"), env=self._environment(), stdout=output, stderr=complaints)
        try:
            yield worker
        finally:
            worker.kill()
            worker.wait()

    def attempts(self) -> list[Attempt]:
        """Return every attempt that has ended so far."""
        if not self._attempts.exists():
            return []
        lines = self._attempts.read_text(encoding="utf-8").splitlines(keepends=True)
        # A worker that is killed may leave half a line.
        return [Attempt(**json.loads(line)) for line in lines if line.endswith("\n")]

    def done(self) -> "Counter[tuple[str, int]]":
        """Return how often each job has been done."""
        return Counter((attempt.queue, attempt.index) for attempt in self.attempts() if attempt.done)

    def wait_until_done(self, number: int) -> None:
        """Wait until at least as many jobs, of all queues together, have been done."""
        for attempt in _PATIENTLY:
            with attempt:
                done = len(self.done())
                assert done >= number, f"{done} jobs done, {number} wanted"

    def wait_until_counted(self, expected: dict[str, dict[str, int]]) -> None:
        """Wait until the queues hold as many jobs in each state; what was done is noted as done a little later."""
        for attempt in _PATIENTLY:
            with attempt:
                assert self.count() == expected

    def complaints(self) -> str:
        """Return what workers said beside their results, such as BullMQ's warning of an eviction policy."""
        return self._complaints.read_text(encoding="utf-8") if self._complaints.exists() else ""

    @property
    def _attempts(self) -> Path:
        return self.redis.folder / "attempts.jsonl"

    @property
    def _complaints(self) -> Path:
        return self.redis.folder / "complaints.log"

    def _run(self, *arguments: str) -> Any:
        ran = subprocess.run(
            self._command(*arguments),
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return json.loads(ran.stdout) if ran.stdout else None

    def _command(self, *arguments: str) -> list[str]:
        node = require_program("node", package="nodejs")
        if not (PROGRAM / "node_modules").exists():
            unavailable("BullMQ is not installed (make queues, which needs npm)")
        return [node, str(PROGRAM / "queues.mjs"), *arguments]

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            # In AWS Node's own authorities do; the test's server has a certificate of the test's.
            "NODE_EXTRA_CA_CERTS": self.redis.authority,
            **self.redis.client_environment(),
        }
