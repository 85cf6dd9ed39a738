"""Questions to the embedded AWS's own paths on one connection that is kept."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from workbench.sandbox.asking import Asker


class _Server(ThreadingHTTPServer):
    """Answers with the number of connections that there were, and closes each, unannounced, after some answers."""

    connections = 0
    answers_until_closed = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        assert isinstance(self.server, _Server)
        self.counting = self.server
        self.counting.connections += 1
        self.answered = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"connections": self.counting.connections}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.answered += 1
        self.close_connection = self.answered == self.counting.answers_until_closed

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the parameter's name there)
        del format, args


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as made:
        thread = Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.mark.parametrize(("answers_until_closed", "connections"), [(0, [1, 1, 1, 1]), (2, [1, 1, 2, 2])])
def test_connection_is_kept_and_made_anew_when_the_server_closed_it(
    server: _Server, answers_until_closed: int, connections: list[int]
) -> None:
    server.answers_until_closed = answers_until_closed
    asker = Asker(server.server_port, "token")
    answers = [asker.ask("/ledger", {}) for _ in range(4)]
    assert answers == [{"connections": count} for count in connections]
