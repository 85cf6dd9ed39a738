#!/usr/bin/python3
"""A practice service: see behaviour.py beside it."""

import hashlib
import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

SERVICE = sys.argv[1]


def behaviour() -> dict[str, Any]:
    """Return what the service is told."""
    places = [path for path in (Path("behaviour.json"), Path(f"/etc/practice/{SERVICE}.json")) if path.exists()]
    told: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in places]
    return {name: value for each in told for name, value in each.items()}


BEHAVIOUR = behaviour()


class Handler(BaseHTTPRequestHandler):
    """Answers as the other languages' programs do."""

    def do_GET(self) -> None:
        """Answer a request."""
        url = urlsplit(self.path)
        about = {
            "service": SERVICE,
            "release": str(Path.cwd()),
            "pid": os.getpid(),
            "ready": BEHAVIOUR.get("ready", True),
        }
        if url.path == "/health":
            self._answer(200 if about["ready"] else 503, about)
        elif url.path == "/headers":
            self._answer(200, {name.lower(): value for name, value in self.headers.items()})
        elif url.path == "/credentials":
            text = Path(os.environ["CREDENTIALS_DIRECTORY"], "environment").read_bytes()
            keys = [line.partition("=")[0] for line in text.decode().splitlines()]
            self._answer(200, {"keys": keys, "sha256": hashlib.sha256(text).hexdigest()})
        elif url.path == "/crash":
            os._exit(3)
        elif url.path == "/slow":
            time.sleep(float(parse_qs(url.query)["seconds"][0]))
            self._answer(200, about)
        else:
            self._answer(404, {})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class' own name)
        """Log nothing."""

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """On the socket that systemd passes, or on one of its own."""

    daemon_threads = False

    def __init__(self) -> None:
        passed = os.environ.get("LISTEN_FDS") == "1"
        super().__init__(("127.0.0.1", int(os.environ["PORT"])), Handler, bind_and_activate=not passed)
        if passed:
            self.socket.close()
            self.socket = socket.socket(fileno=3)


def stop(server: Server) -> None:
    """Take no more requests and end once those that came are answered."""
    if not BEHAVIOUR.get("ignore_sigterm"):
        threading.Thread(target=server.shutdown).start()


def main() -> None:
    """Serve until told to stop."""
    if BEHAVIOUR.get("exit"):
        sys.exit(BEHAVIOUR["exit"])
    time.sleep(BEHAVIOUR.get("start_seconds", 0))
    server = Server()

    def on_sigterm(_signal: int, _frame: object) -> None:
        stop(server)

    signal.signal(signal.SIGTERM, on_sigterm)
    if "crash_after_seconds" in BEHAVIOUR:
        threading.Timer(BEHAVIOUR["crash_after_seconds"], os._exit, [3]).start()
    server.serve_forever(poll_interval=0.05)
    server.server_close()


main()
