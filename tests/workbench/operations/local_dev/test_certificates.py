"""The authority of a developer's machine, checked by OpenSSL and by a real handshake."""

import os
import socket
import ssl
import subprocess
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sample_infra.local_platform import local_platform
from tests.support.programs import require_program
from workbench.local_dev.model import LocalPlatform
from workbench.operations.local_dev.certificates import is_trusted, plan_certificates, write_certificates

NOW = datetime.now(UTC)


@pytest.fixture
def platform() -> LocalPlatform:
    return local_platform(Path())


@pytest.fixture
def folder(platform: LocalPlatform, tmp_path: Path) -> Path:
    umask = os.umask(0o077)
    try:
        write_certificates(plan_certificates(platform, tmp_path, NOW), tmp_path, NOW)
    finally:
        os.umask(umask)
    return tmp_path / "local-dev/certificates"


def reasons(platform: LocalPlatform, folder: Path, at: datetime = NOW) -> dict[str, str]:
    return dict(plan_certificates(platform, folder.parents[1], at).reasons)


def test_openssl_verifies_them_for_every_name_and_nobody_else_reads_the_folder(folder: Path) -> None:
    openssl = require_program("openssl", package="openssl")
    for name in ("mysql", "redis"):
        for option, wanted in (("hostname", name), ("hostname", "localhost"), ("ip", "127.0.0.1")):
            command = [openssl, "verify", "-x509_strict", "-purpose", "sslserver", f"-verify_{option}", wanted]
            subprocess.run([*command, "-CAfile", folder / "ca.pem", folder / f"{name}.pem"], check=True)
    # The folder keeps others out; servers in containers read the files as users of their own.
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_client_that_trusts_the_authority_speaks_to_the_server(folder: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "redis.pem", folder / "redis.key")
    ours, theirs = socket.socketpair()

    def answer() -> None:
        with server.wrap_socket(theirs, server_side=True) as connection:
            connection.sendall(b"well")

    thread = threading.Thread(target=answer)
    thread.start()
    client = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    with client.wrap_socket(ours, server_hostname="redis") as connection:
        assert connection.recv(4) == b"well"
    thread.join()


def test_they_stay_until_a_month_before_their_end(platform: LocalPlatform, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert reasons(platform, folder) == reasons(platform, folder, NOW + timedelta(days=330)) == {}
    late = NOW + timedelta(days=340)
    assert [*reasons(platform, folder, late)] == ["mysql", "redis"]
    write_certificates(plan_certificates(platform, folder.parents[1], late), folder.parents[1], late)
    assert reasons(platform, folder, late) == {}
    changed = {name for name, content in before.items() if (folder / name).read_bytes() != content}
    assert changed == {"mysql.pem", "mysql.key", "redis.pem", "redis.key"}
    # No server's certificate outlives its authority.
    last = NOW + timedelta(days=3600)
    assert [*reasons(platform, folder, last)] == ["mysql", "redis"]
    write_certificates(plan_certificates(platform, folder.parents[1], last), folder.parents[1], last)
    assert [*reasons(platform, folder, NOW + timedelta(days=3630))] == ["ca", "mysql", "redis"]


def test_what_does_not_fit_is_made_anew(platform: LocalPlatform, folder: Path) -> None:
    (folder / "redis.pem").write_bytes((folder / "mysql.pem").read_bytes())
    assert reasons(platform, folder) == {"redis": "its key is another one's"}
    (folder / "redis.key").write_bytes((folder / "mysql.key").read_bytes())
    assert reasons(platform, folder) == {"redis": "it has other names"}
    (folder / "redis.key").write_text("nothing")
    assert reasons(platform, folder) == {"redis": "cannot be read"}
    (folder / "ca.key").unlink()
    assert reasons(platform, folder) == {"ca": "missing", "mysql": "its authority is new", "redis": "cannot be read"}
    write_certificates(plan_certificates(platform, folder.parents[1], NOW), folder.parents[1], NOW)
    assert reasons(platform, folder) == {}
    kept = (folder / "redis.pem").read_bytes(), (folder / "redis.key").read_bytes()
    (folder / "ca.pem").unlink()
    write_certificates(plan_certificates(platform, folder.parents[1], NOW), folder.parents[1], NOW)
    (folder / "redis.pem").write_bytes(kept[0])
    (folder / "redis.key").write_bytes(kept[1])
    assert reasons(platform, folder) == {"redis": "another authority signed it"}


def test_platform_without_such_servers_has_an_authority_alone(platform: LocalPlatform, tmp_path: Path) -> None:
    assert [*plan_certificates(replace(platform, stores=()), tmp_path, NOW).reasons] == ["ca"]


def test_system_trusts_what_is_in_its_bundle(folder: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.crt"
    bundle.write_bytes((folder / "mysql.pem").read_bytes())
    root = folder.parents[1]
    assert (is_trusted(root, [str(bundle)]), is_trusted(root, ["/nowhere"])) == (False, None)
    bundle.write_bytes((folder / "ca.pem").read_bytes())
    assert is_trusted(root, [str(bundle)]) is True
