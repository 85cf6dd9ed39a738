"""Whom Caddy talks to: Astro behind it, and the endpoint that says whose host names are merchants'."""

import json
import ssl
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, TypeVar
from urllib.parse import parse_qs, urlsplit

import trustme

from tests.support.servers import LOOPBACK

Server = TypeVar("Server", bound=ThreadingHTTPServer)


class Astro(ThreadingHTTPServer):
    """Answers every request with what it got, as JSON; to ``/slow`` only when told to.

    It also sends what an application should not, and a cookie.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _AstroHandler)
        self.asked_slowly = threading.Event()
        self.may_answer = threading.Event()


class _AstroHandler(BaseHTTPRequestHandler):
    server: Astro  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        length = sum(map(len, self._body()))
        if self.path == "/slow":
            self.server.asked_slowly.set()
            self.server.may_answer.wait(30)
        answer = {"path": self.path, "headers": sorted(self.headers.items()), "bytes": length}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Powered-By", "Astro")
        self.send_header("Set-Cookie", "session=cookie-from-astro")
        if self.path == "/framed":
            self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        # Caddy may not have waited: some tests let it.
        with suppress(ConnectionError):
            self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding") != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length", 0)))
            return
        while size := int(self.rfile.readline() or b"0", 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        del format, args


class Ask(ThreadingHTTPServer):
    """Says yes to the merchants' names and no to others; ``status`` overrules both. Remembers what it was asked."""

    daemon_threads = True
    path: ClassVar[str] = "/internal/tls/ask"

    def __init__(self, *merchants: str, port: int = 0) -> None:
        super().__init__((LOOPBACK, port), _AskHandler)
        self.merchants = set(merchants)
        self.asked: list[str] = []
        self.status: int | None = None

    @property
    def url(self) -> str:
        """Return what the task definition hands to Caddy."""
        return f"https://localhost:{self.server_port}{self.path}"


class _AskHandler(BaseHTTPRequestHandler):
    server: Ask  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        assert (url.path, self.headers["Host"]) == (Ask.path, "localhost")
        (name,) = parse_qs(url.query)["domain"]
        self.server.asked.append(name)
        self.send_response(self.server.status or (200 if name in self.server.merchants else 404))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        del format, args


@contextmanager
def serving(server: Server, tls: trustme.CA | None = None) -> Generator[Server]:
    """Serve in the background until the block ends, over TLS if an authority for it is given."""
    if tls is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        with tls.issue_cert("localhost").private_key_and_cert_chain_pem.tempfile() as path:
            context.load_cert_chain(path)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
