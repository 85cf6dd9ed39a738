"""Programs that a test starts as servers, on this machine's loopback interface."""

import random
import signal
import socket
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import tenacity

LOOPBACK = "127.0.0.1"

_KILLED_AFTER_SECONDS = 30

# In an order of each process's own, so that tests that run at once seldom try the same.
_ports = iter(random.sample(range(10_000, 32_000), 22_000))


def free_port() -> int:
    """Return a TCP port that nobody listens on, and never the same one twice.

    It lies below those that the system hands out by itself, so nobody's outgoing connection takes it meanwhile.
    """
    for port in _ports:
        with socket.socket() as probe:
            # As servers do: connections that ended just now do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((LOOPBACK, port))
                return port
    raise AssertionError("every port has been tried")


def answers(port: int) -> bool:
    """Return whether somebody accepts connections at a port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    port: int,
    log: Path,
    environment: Mapping[str, str],
    ended_with: signal.Signals = signal.SIGTERM,
) -> Generator["subprocess.Popen[bytes]"]:
    """Run a server until the block ends; it may also be ended in the block. Its output is appended to ``log``.

    Raises:
        AssertionError: when it does not listen on ``port`` within thirty seconds, with what it said.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=dict(environment))
    try:
        _wait_until_listening(process, port, log)
        yield process
    finally:
        process.send_signal(ended_with)
        try:
            process.wait(_KILLED_AFTER_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_listening(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    while_it_runs = tenacity.retry_if_exception(lambda _: process.poll() is None)
    for attempt in tenacity.Retrying(
        stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.05), retry=while_it_runs, reraise=True
    ):
        with attempt:
            listening = process.poll() is None and answers(port)
            assert listening, f"{process.args} does not listen on {port}:\n{log.read_text(encoding='utf-8')}"
