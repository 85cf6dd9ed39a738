"""What a real server answers, and what becomes of a request that gets no answer."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.support.clickhouse import RunningClickHouse
from workbench.clickhouse.server import ClickHouseServer, Credentials, LostError, StatementError, UnreachableError
from workbench.errors import OperatorError


def server_of(running: RunningClickHouse, *, url: str | None = None, password: str | None = None) -> ClickHouseServer:
    return ClickHouseServer(url or running.url, Credentials(user=running.user, password=password or running.password))


def test_statements_are_carried_out_and_rows_come_back(emptied: RunningClickHouse) -> None:
    server = server_of(emptied)
    assert server.version().startswith("18.16.")
    server.execute("CREATE DATABASE shop", session="one")
    server.execute("USE shop", session="one")
    server.execute("CREATE TABLE events (name String, number UInt64) ENGINE = MergeTree ORDER BY name", session="one")
    server.insert("shop.events", [{"name": 'it\'s; a "name"\n', "number": 2**63}, {"name": "b", "number": 1}])
    assert server.rows("SELECT name, number FROM shop.events ORDER BY name") == [
        {"name": "b", "number": "1"},
        {"name": 'it\'s; a "name"\n', "number": str(2**63)},
    ]


def test_refusal_is_one_line_with_clickhouses_own_words(emptied: RunningClickHouse) -> None:
    with pytest.raises(StatementError) as refused:
        server_of(emptied).execute("SELECT * FROM nothing", session="two")
    assert str(refused.value) == f"ClickHouse at {emptied.url}: code 60: Table default.nothing doesn't exist"


def test_wrong_password_is_one_line_without_the_password(emptied: RunningClickHouse) -> None:
    with pytest.raises(StatementError) as refused:
        server_of(emptied, password="a-guess").version()
    assert str(refused.value) == f"ClickHouse at {emptied.url}: code 193: Wrong password for user zelly"
    assert "a-guess" not in repr(Credentials(user="zelly", password="a-guess"))


def test_newer_servers_words_are_read_too() -> None:
    # 24.3's form; 18.16 writes another one.
    answer = (
        b"Code: 57. DB::Exception: Table shop.events already exists. (TABLE_ALREADY_EXISTS) "
        b"(version 24.3.18.7 (official build))\n"
    )
    with _answering(b"HTTP/1.1 500 Internal\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer)) as (url, _):
        with pytest.raises(StatementError) as refused:
            ClickHouseServer(url, Credentials(user="a", password="b")).version()
        assert str(refused.value) == (
            f"ClickHouse at {url}: code 57: Table shop.events already exists. (TABLE_ALREADY_EXISTS)"
        )


def test_error_after_the_first_bytes_of_an_answer_is_an_error() -> None:
    # A query that fails halfway has begun its answer with 200; the header was set by then.
    head = b"HTTP/1.1 200 OK\r\nX-ClickHouse-Exception-Code: 241\r\nContent-Length: 9\r\n\r\n"
    with _answering(head + b"Code: 241") as (url, _), pytest.raises(StatementError):
        ClickHouseServer(url, Credentials(user="a", password="b")).version()


def test_unreachable_server_has_carried_out_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(UnreachableError) as refused:
        ClickHouseServer(f"http://127.0.0.1:{port}", Credentials(user="a", password="b")).version()
    assert str(refused.value) == (
        f"ClickHouse at http://127.0.0.1:{port}: Failed to establish a new connection: [Errno 111] Connection refused"
    )


def test_lost_answer_is_not_known_and_the_request_is_not_repeated() -> None:
    with _answering(b"") as (url, requests):
        with pytest.raises(LostError) as lost:
            ClickHouseServer(url, Credentials(user="a", password="b")).execute("CREATE TABLE t", session="one")
        assert str(lost.value) == f"ClickHouse at {url}: Connection aborted."
    assert len(requests) == 1


@pytest.mark.parametrize("url", ["10.0.0.5:8123", "ftp://host", "http://", "http://zelly:geheim@host:8123"])
def test_address_of_another_form_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(OperatorError) as refused:
        ClickHouseServer(url, Credentials(user="a", password="b"))
    assert str(refused.value) == ("--url: allowed: http://HOST:PORT or https://HOST:PORT, without user and password")


@contextmanager
def _answering(answer: bytes) -> Generator[tuple[str, list[bytes]]]:
    """A server that reads each request, sends these bytes and hangs up."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    requests.append(connection.recv(65536))
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", requests
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)
