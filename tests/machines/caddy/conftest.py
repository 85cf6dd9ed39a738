"""A running edge: Caddy, Astro behind it, the endpoint that it asks, and a certificate authority."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from tests.machines.caddy.authority import Authority, authority
from tests.machines.caddy.neighbours import Ask, Astro, serving
from tests.machines.caddy.proxy import Caddy
from tests.support.servers import LOOPBACK, free_port

MERCHANT = "shop.example.com"


@dataclass(frozen=True, kw_only=True)
class Edge:
    """What a test of the edge talks to. Caddy is not started yet; ``caddy.run()`` does."""

    caddy: Caddy
    astro: Astro
    ask: Ask
    authority: Authority
    tls: trustme.CA
    """Issues the certificate of the endpoint that Caddy asks."""

    def second(self) -> Caddy:
        """Return another Caddy on the same storage. The authority never comes to it, as if the balancer chose so."""
        return replace(
            self.caddy,
            http_port=free_port(),
            https_port=free_port(),
            health_port=free_port(),
            ask_port=free_port(),
        )


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    tls = trustme.CA()
    tls.cert_pem.write_to_path(tmp_path / "trusted.pem")
    with (
        authority(tmp_path, tls) as issuer,
        serving(Astro()) as astro,
        serving(Ask(MERCHANT), tls) as ask,
    ):
        caddy = Caddy(
            environment={
                "UPSTREAM": f"{LOOPBACK}:{astro.server_port}",
                "ON_DEMAND_TLS_ASK_URL": ask.url,
                "ACME_EMAIL": "platform@example.com",
                "ACME_CA": issuer.directory_url,
                # Whom Go's programs trust, in place of the system's authorities.
                "SSL_CERT_FILE": str(tmp_path / "trusted.pem"),
            },
            folder=tmp_path,
            data=tmp_path / "data",
            root=issuer.root,
            http_port=issuer.http_port,
            https_port=issuer.tls_port,
        )
        yield Edge(caddy=caddy, astro=astro, ask=ask, authority=issuer, tls=tls)


@pytest.fixture
def running_edge(edge: Edge) -> Iterator[Edge]:
    with edge.caddy.run():
        yield edge
