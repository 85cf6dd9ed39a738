#!/usr/bin/python3
"""Asks for addresses again and again, each on a new connection, until told to stop; prints what became of it as JSON.

Usage: load STOP_FILE THREADS URL…, where an address is ``http://127.0.0.1:port/path`` or ``https://`` with the
certificates of the machine. Half of the threads ask for the first address.
"""

import itertools
import json
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

_LONGEST_SECONDS = 60
FOLDER = Path("/machine/tls")


def context() -> ssl.SSLContext:
    """Return what connects to nginx: with the zone's client certificate, and a look at the server's."""
    made = ssl.create_default_context(cafile=FOLDER / "authority.pem")
    made.load_cert_chain(FOLDER / "client.pem", FOLDER / "client_key.pem")
    return made


class Load:
    """What was asked and what came."""

    def __init__(self, stop: Path, urls: list[str]) -> None:
        self.stop = stop
        self.urls = urls
        self.answers: Counter[str] = Counter()
        self.problems: Counter[str] = Counter()
        self.slowest = 0.0
        self._lock = threading.Lock()
        self._tls = context()

    def run(self, number: int) -> None:
        """Ask until told to stop: even threads for the first address, odd ones for all others in turn."""
        urls = itertools.cycle(self.urls[:1] if number % 2 == 0 else self.urls[number % len(self.urls) :] + self.urls)
        for url in urls:
            if self.stop.exists():
                return
            started = time.monotonic()
            try:
                problem = self._ask(url)
            except OSError as error:
                problem = type(error).__name__
            seconds = time.monotonic() - started
            with self._lock:
                self.answers[url] += 1
                self.slowest = max(self.slowest, seconds)
                if problem:
                    self.problems[f"{url}: {problem}"] += 1

    def _ask(self, url: str) -> str:
        """Ask once, and return what was wrong with the answer, or an empty string."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        address = ("127.0.0.1", parts.port or 443)
        with socket.create_connection(address, timeout=_LONGEST_SECONDS) as connection:
            wrapped = self._tls.wrap_socket(connection, server_hostname=host) if parts.scheme == "https" else connection
            with wrapped:
                wrapped.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                answer = b""
                while block := wrapped.recv(65536):
                    answer += block
        status = answer.partition(b"\r\n")[0].decode(errors="replace")
        return "" if " 200 " in f"{status} " and b"ready" in answer else status or "no answer"


def main() -> None:
    """Ask, and print the result."""
    stop, threads, *urls = sys.argv[1:]
    load = Load(Path(stop), urls)
    running = [threading.Thread(target=load.run, args=(number,)) for number in range(int(threads))]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    document = {
        "requests": sum(load.answers.values()),
        "addresses": len(load.answers),
        "lost": sum(load.problems.values()),
        "problems": dict(load.problems),
        "slowest_seconds": load.slowest,
    }
    sys.stdout.write(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
