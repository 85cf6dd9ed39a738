"""What passes through Caddy, in which form, and what does not."""

import socket
import ssl
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.machines.caddy.conftest import MERCHANT, Edge
from tests.machines.caddy.proxy import plain
from tests.support.servers import LOOPBACK

CLIENT = "127.0.0.77"

SPOOFED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "bank.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "1",
    "X-Real-IP": "203.0.113.9",
    "X-Client-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
    "True-Client-IP": "203.0.113.9",
    "CF-Connecting-IP": "203.0.113.9",
}


HEADERS = [
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Set-Cookie", "session=cookie-from-astro"),
    ("Strict-Transport-Security", "max-age=2592000"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
]


@pytest.mark.parametrize("claimed", [{}, SPOOFED], ids=["nothing", "another"])
def test_astro_gets_the_clients_address_whatever_the_client_claims(running_edge: Edge, claimed: dict[str, str]) -> None:
    answer = running_edge.caddy.request(MERCHANT, "/cart?item=1", source=CLIENT, headers=claimed)
    assert answer.received == {
        "path": "/cart?item=1",
        "headers": [
            ["Accept-Encoding", "identity"],
            ["Host", MERCHANT],
            ["Via", "1.1 Caddy"],
            ["X-Forwarded-For", CLIENT],
            ["X-Forwarded-Host", MERCHANT],
            ["X-Forwarded-Proto", "https"],
            ["X-Real-Ip", CLIENT],
        ],
        "bytes": 0,
    }


def headers_of(running_edge: Edge, path: str) -> list[tuple[str, str]]:
    """Return all headers of an answer but those of its date and body, in alphabetical order."""
    headers = running_edge.caddy.request(MERCHANT, path).headers
    return sorted((name, value) for name, value in headers if name not in {"Date", "Content-Length", "Content-Type"})


def test_answers_carry_these_headers(running_edge: Edge) -> None:
    assert headers_of(running_edge, "/") == HEADERS


def test_answers_of_caddys_own_carry_them_too(running_edge: Edge) -> None:
    running_edge.astro.shutdown()
    running_edge.astro.server_close()
    assert headers_of(running_edge, "/") == [header for header in HEADERS if header[0] != "Set-Cookie"]


def test_astro_decides_who_may_frame_it(running_edge: Edge) -> None:
    assert [value for name, value in headers_of(running_edge, "/framed") if name == "X-Frame-Options"] == ["DENY"]


def test_plain_http_is_sent_to_https(running_edge: Edge) -> None:
    caddy = running_edge.caddy
    response = plain(caddy.http_port, "/cart?item=1", host=MERCHANT)
    assert (response.status, response.getheader("Location")) == (
        308,
        f"https://{MERCHANT}/cart?item=1",
    )


def test_http_2_is_spoken_and_http_3_is_not_announced(running_edge: Edge) -> None:
    caddy = running_edge.caddy
    with caddy.connect(MERCHANT, alpn=("h2", "http/1.1")) as connection:
        assert connection.selected_alpn_protocol() == "h2"
    assert "Alt-Svc" not in dict(caddy.request(MERCHANT).headers)


def test_protocols_older_than_tls_1_2_are_refused(running_edge: Edge) -> None:
    running_edge.caddy.request(MERCHANT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection((LOOPBACK, running_edge.caddy.https_port)) as connection,
        pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"),
    ):
        context.wrap_socket(connection, server_hostname=MERCHANT)


def test_health_port_answers_plainly_and_nothing_else(running_edge: Edge) -> None:
    port = running_edge.caddy.health_port
    paths = ("/health", "/", "/healthy", "/config/", "/.env", "/metrics")
    assert {path: plain(port, path).status for path in paths} == {**dict.fromkeys(paths, 404), "/health": 200}


def test_only_the_tasks_ports_are_open_and_no_administration(edge: Edge) -> None:
    caddy = edge.caddy
    with caddy.run() as process:
        listening = {
            (connection.laddr.ip, connection.laddr.port)
            for connection in psutil.Process(process.pid).net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        udp = psutil.Process(process.pid).net_connections("udp")
    everywhere = (caddy.http_port, caddy.https_port, caddy.health_port)
    assert listening == {*(("::", port) for port in everywhere), (LOOPBACK, caddy.ask_port)}
    assert udp == []


def in_chunks(length: int) -> Iterator[bytes]:
    """Return a body in pieces, for which HTTP/1.1 announces no length."""
    yield from (bytes(1_000_000) for _ in range(length // 1_000_000))
    yield bytes(length % 1_000_000 or 1)


def test_a_body_may_have_ten_megabytes(running_edge: Edge) -> None:
    caddy = running_edge.caddy
    assert caddy.request(MERCHANT, body=bytes(10_000_000)).received["bytes"] == 10_000_000
    # A longer one is refused by what it announces, and without an announcement when it is there.
    announced = {"Content-Length": "10000001"}
    assert caddy.request(MERCHANT, headers=announced, body=bytes(270_000)).status == 413
    assert caddy.request(MERCHANT, body=in_chunks(10_000_001)).status == 413


# Go lets 4 KiB more pass than it is told.
@pytest.mark.parametrize(("length", "status"), [(15_000, 200), (21_000, 431)])
def test_headers_may_have_as_much_as_node_takes(running_edge: Edge, length: int, status: int) -> None:
    assert running_edge.caddy.request(MERCHANT, headers={"X-Padding": "x" * length}).status == status


def test_client_that_does_not_finish_its_headers_is_let_go(running_edge: Edge) -> None:
    with running_edge.caddy.connect(MERCHANT) as connection:
        started = time.monotonic()
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert connection.recv(1) == b""
        assert 9 < time.monotonic() - started < 20


def test_without_astro_the_answer_is_502_and_health_stays_good(running_edge: Edge) -> None:
    # ECS restarts a task whose Astro is ill by Astro's own health check.
    running_edge.astro.shutdown()
    running_edge.astro.server_close()
    assert running_edge.caddy.request(MERCHANT).status == 502
    assert plain(running_edge.caddy.health_port, "/health").status == 200
