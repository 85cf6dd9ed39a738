"""A certificate authority that speaks ACME and validates for real: Pebble, Let's Encrypt's own for tests."""

import json
import os
import ssl
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.support.programs import require_built
from tests.support.servers import LOOPBACK, free_port, running

TARGET = "edge"


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A running authority, and the ports at which it looks for proof that a host name is the applicant's.

    Every name leads to this machine, and the ports take the place of 80 and 443.
    """

    directory_url: str
    http_port: int
    tls_port: int
    root: str
    """The certificate that all others descend from, in PEM; a new one with every start."""
    log: Path

    def issued(self) -> int:
        """Return how many certificates have been issued so far."""
        return self.log.read_text(encoding="utf-8").count("Issued certificate serial")


@contextmanager
def authority(folder: Path, tls: trustme.CA) -> Generator[Authority]:
    """Run an authority whose own HTTPS certificate comes from ``tls``."""
    pebble = require_built("pebble", target=TARGET)
    nameserver = require_built("pebble-challtestsrv", target=TARGET)
    listen, management, http_port, tls_port = free_port(), free_port(), free_port(), free_port()
    certificate = tls.issue_cert(LOOPBACK)
    certificate.cert_chain_pems[0].write_to_path(folder / "pebble.crt")
    certificate.private_key_pem.write_to_path(folder / "pebble.key")
    config = {
        "listenAddress": f"{LOOPBACK}:{listen}",
        "managementListenAddress": f"{LOOPBACK}:{management}",
        "certificate": str(folder / "pebble.crt"),
        "privateKey": str(folder / "pebble.key"),
        "httpPort": http_port,
        "tlsPort": tls_port,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": False,
        "retryAfter": {"authz": 1, "order": 1},
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": config}), encoding="utf-8")
    # Neither the pauses nor the refused nonces by which it teaches clients patience.
    environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
    with (
        _every_name_is_here(nameserver, folder) as dns_port,
        running(
            [pebble, "-config", folder / "pebble.json", "-dnsserver", f"{LOOPBACK}:{dns_port}", "-strict"],
            port=management,
            log=folder / "pebble.log",
            environment=environment,
        ),
    ):
        yield Authority(
            directory_url=f"https://{LOOPBACK}:{listen}/dir",
            http_port=http_port,
            tls_port=tls_port,
            root=_download(f"https://{LOOPBACK}:{management}/roots/0", tls),
            log=folder / "pebble.log",
        )


@contextmanager
def _every_name_is_here(program: str, folder: Path) -> Generator[int]:
    """Run a DNS server whose every answer is this machine, and give its port."""
    dns_port = free_port()
    options = {
        "dnsserver": f"{LOOPBACK}:{dns_port}",
        "defaultIPv4": LOOPBACK,
        "defaultIPv6": "",
        "management": f"{LOOPBACK}:{free_port()}",
        "http01": "",
        "https01": "",
        "tlsalpn01": "",
        "doh": "",
    }
    command = [program, *(f"-{name}={value}" for name, value in options.items())]
    with running(command, port=dns_port, log=folder / "dns.log", environment=os.environ):
        yield dns_port


def _download(url: str, tls: trustme.CA) -> str:
    context = ssl.create_default_context(cadata=tls.cert_pem.bytes().decode())
    with urllib.request.urlopen(url, context=context, timeout=5) as response:  # noqa: S310 (this machine's own)
        text: str = response.read().decode()
        return text
