import base64
import hashlib
import socket
import ssl
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from zelly_components.hosts.certificates import SEED_BYTES, HostCertificate, host_certificate


def seed(word: str, length: int = SEED_BYTES) -> str:
    return base64.b64encode(hashlib.shake_256(word.encode()).digest(length)).decode()


def made(address: str = "10.1.2.3", host: str = "host") -> HostCertificate:
    return host_certificate(authority_seed=seed("authority"), host_seed=seed(host), name="shop-redis", address=address)


def connect(served: HostCertificate, trusted: HostCertificate, address: str, folder: Path) -> str:
    """Return the TLS version with which a client reaches a server at an address that its certificate may name."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = folder / "server.pem"
    pem.write_text(served.private_key + served.certificate, encoding="utf-8")
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cadata=trusted.authority)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            connection, _ = listener.accept()
            try:
                server.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            with (
                socket.create_connection(listener.getsockname(), timeout=5) as plain,
                client.wrap_socket(plain, server_hostname=address) as encrypted,
            ):
                return encrypted.version() or ""
        finally:
            thread.join()


def test_same_seeds_make_the_same_certificate_and_another_address_keeps_the_authority_and_the_key() -> None:
    assert made() == made()
    moved = made("10.1.9.9")
    assert replace(moved, certificate=made().certificate) == made()
    assert moved.certificate != made().certificate


def test_client_that_knows_the_authority_reaches_the_host_at_its_address_alone(tmp_path: Path) -> None:
    # What every verifying client asks since RFC 6125: Python's default context is strict about extensions, too.
    assert connect(made(), made(), "10.1.2.3", tmp_path) == "TLSv1.3"
    assert connect(made(), made(), "127.0.0.1", tmp_path) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        connect(made(), made(), "10.1.2.4", tmp_path)


def test_host_of_another_authority_is_refused(tmp_path: Path) -> None:
    other = host_certificate(authority_seed=seed("x"), host_seed=seed("host"), name="shop-redis", address="10.1.2.3")
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(other, made(), "10.1.2.3", tmp_path)


def test_host_signs_nothing() -> None:
    certificate = x509.load_pem_x509_certificate(made().certificate.encode())
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign


def test_seed_that_is_too_short_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match=r"^authority_seed: came 16 bytes; allowed 32 or more$"):
        host_certificate(authority_seed=seed("a", 16), host_seed=seed("h"), name="n", address="10.0.0.1")
