"""Certificates of an origin behind Cloudflare: an Origin CA's for the host, and a client's of the zone's own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import trustme

_FOLDER = "machine/tls"


@dataclass(frozen=True)
class Names:
    """Where a client inside the machine finds what it connects with."""

    authority: str
    client: str
    client_key: str
    stranger: str
    stranger_key: str


class Origin:
    """The origin's certificate and the authority of its clients, and a client of another authority."""

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self._clients = trustme.CA()
        self._client = self._clients.issue_cert("origin-pull.pakashop.store")
        self._stranger = trustme.CA().issue_cert("origin-pull.pakashop.store")
        self._certificate = self._authority.issue_cert("api.pakashop.store")

    @property
    def secret(self) -> Mapping[str, str]:
        """What the host reads."""
        return {
            "ORIGIN_CERTIFICATE": "".join(blob.bytes().decode() for blob in self._certificate.cert_chain_pems),
            "ORIGIN_PRIVATE_KEY": self._certificate.private_key_pem.bytes().decode(),
            "CLIENT_CA_CERTIFICATE": self._clients.cert_pem.bytes().decode(),
            "CLIENT_CERTIFICATE": self._client.cert_chain_pems[0].bytes().decode(),
        }

    def renewed(self) -> str:
        """Return the secret with another certificate of the same authority."""
        self._certificate = self._authority.issue_cert("api.pakashop.store")
        return json.dumps(self.secret)

    def write(self, root: Path) -> None:
        """Write what clients connect with."""
        folder = root / _FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        files = {
            "authority": self._authority.cert_pem.bytes(),
            "client": self._client.cert_chain_pems[0].bytes(),
            "client_key": self._client.private_key_pem.bytes(),
            "stranger": self._stranger.cert_chain_pems[0].bytes(),
            "stranger_key": self._stranger.private_key_pem.bytes(),
        }
        for name, content in files.items():
            (folder / f"{name}.pem").write_bytes(content)

    @staticmethod
    def names() -> Names:
        """Return where that lies."""
        return Names(
            **{
                name: f"/{_FOLDER}/{name}.pem"
                for name in ("authority", "client", "client_key", "stranger", "stranger_key")
            }
        )
