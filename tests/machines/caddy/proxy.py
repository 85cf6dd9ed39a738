"""Caddy with the shipped Caddyfile, on ports of its own, and a client for it."""

import json
import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from cryptography import x509

from tests.machines.caddy import image
from tests.machines.caddy.authority import TARGET
from tests.support.programs import require_built
from tests.support.servers import LOOPBACK, free_port, running

TASK_VARIABLES = ("ACME_EMAIL", "ON_DEMAND_TLS_ASK_URL", "UPSTREAM")
"""What the task definition sets; everything else that a test sets is a place: a port, a directory, an authority."""


_PATIENCE_SECONDS = 60
"""Longer than anything may take: who waits for it waits in vain."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer, and the certificate it came with."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    certificate: x509.Certificate

    @property
    def received(self) -> dict[str, Any]:
        """Return what Astro says it got."""
        received: dict[str, Any] = json.loads(self.body)
        return received


@dataclass(frozen=True, kw_only=True)
class Caddy:
    """A Caddy, running or not, and where it is reached."""

    environment: Mapping[str, str]
    folder: Path
    """Where its output goes."""
    data: Path
    """What is ``/data`` in the image."""
    root: str
    """The authority's certificate, in PEM."""
    http_port: int
    https_port: int
    health_port: int = field(default_factory=free_port)
    ask_port: int = field(default_factory=free_port)
    caddyfile: Path = image.CADDYFILE

    @contextmanager
    def run(self) -> Generator["subprocess.Popen[bytes]"]:
        """Run it as the image does, until the block ends."""
        with running(
            self.command(),
            port=self.https_port,
            log=self.log,
            environment=self.settings(),
            # At once, and without leaving locks behind.
            ended_with=signal.SIGQUIT,
        ) as process:
            yield process

    def command(self) -> list[str]:
        """Return the image's command with the paths of this machine in place of the image's."""
        here = {"caddy": require_built("caddy", target=TARGET), "/etc/caddy/Caddyfile": str(self.caddyfile)}
        return [here.get(word, word) for word in image.command()]

    def settings(self) -> dict[str, str]:
        """Return its whole environment."""
        return {
            **self.environment,
            "HOME": str(self.folder),
            "PATH": os.environ["PATH"],
            "XDG_DATA_HOME": str(self.data),
            "HTTP_PORT": str(self.http_port),
            "HTTPS_PORT": str(self.https_port),
            "HEALTH_PORT": str(self.health_port),
            "ASK_PORT": str(self.ask_port),
        }

    @property
    def log(self) -> Path:
        """Return the file that holds what it wrote."""
        return self.folder / f"caddy-{self.https_port}.log"

    def log_lines(self) -> list[dict[str, Any]]:
        """Return what it wrote, each line read as JSON."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def certificates(self) -> list[str]:
        """Return the names for which a certificate lies in storage."""
        return sorted(path.stem for path in self.data.glob("caddy/certificates/*/*/*.crt"))

    def connect(self, host: str | None, *, source: str = LOOPBACK, alpn: tuple[str, ...] = ()) -> ssl.SSLSocket:
        """Return a connection after its handshake; None: without naming a host, so the certificate goes unchecked.

        Raises:
            ssl.SSLError: when Caddy refuses, or shows a certificate that is not the authority's for this host.
        """
        context = ssl.create_default_context(cadata=self.root)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if host is None:
            context.check_hostname = False
        connection = socket.create_connection(
            (LOOPBACK, self.https_port), timeout=_PATIENCE_SECONDS, source_address=(source, 0)
        )
        try:
            return context.wrap_socket(connection, server_hostname=host)
        except OSError:
            connection.close()
            raise

    def request(
        self,
        host: str,
        path: str = "/",
        *,
        source: str = LOOPBACK,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
    ) -> Answer:
        """Send one request over a connection of its own: GET, or POST when there is a body."""
        with self.connect(host, source=source) as connection:
            certificate = connection.getpeercert(binary_form=True)
            assert certificate is not None
            http = HTTPConnection(host)
            http.sock = connection
            http.request("GET" if body is None else "POST", path, body, dict(headers or {}))
            response = http.getresponse()
            return Answer(
                status=response.status,
                headers=response.getheaders(),
                body=response.read(),
                certificate=x509.load_der_x509_certificate(certificate),
            )


def plain(port: int, path: str, host: str = LOOPBACK) -> HTTPResponse:
    """Return the answer to a request without TLS, read to its end."""
    with closing(HTTPConnection(LOOPBACK, port, timeout=5)) as http:
        http.request("GET", path, headers={"Host": host})
        response = http.getresponse()
        response.read()
        return response
