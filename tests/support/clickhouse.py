"""A real ClickHouse server for tests, on the loopback address.

It is Debian's 18.16, while the hosts run 24.3: what is tested on it is what has not changed between the two.
"""

import hashlib
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3

from tests.support.programs import require_program

_START_SECONDS = 30

_SERVER = """
<yandex>
    <logger><level>warning</level><console>1</console></logger>
    <listen_host>127.0.0.1</listen_host>
    <http_port>{port}</http_port>
    <path>{folder}/data/</path>
    <tmp_path>{folder}/tmp/</tmp_path>
    <users_config>{folder}/users.xml</users_config>
    <mark_cache_size>10000000</mark_cache_size>
    <default_profile>default</default_profile>
    <default_database>default</default_database>
</yandex>
"""

_USERS = """
<yandex>
    <profiles><default/></profiles>
    <quotas><default/></quotas>
    <users>
        <{user}>
            <password_sha256_hex>{hash}</password_sha256_hex>
            <networks><ip>127.0.0.1</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
        </{user}>
    </users>
</yandex>
"""


@dataclass(frozen=True, kw_only=True)
class RunningClickHouse:
    """A server that answers."""

    url: str
    user: str
    password: str

    def ask(self, query: str) -> str:
        """Return the answer to a query, as a client of its own."""
        headers = {"X-ClickHouse-User": self.user, "X-ClickHouse-Key": self.password}
        answer = urllib3.request("POST", self.url, body=query, headers=headers)
        assert answer.status == 200, answer.data
        return answer.data.decode()


@contextmanager
def clickhouse(folder: Path, *, user: str, password: str) -> Generator[RunningClickHouse]:
    """Start a server with one user, and end it with the block."""
    program = require_program("clickhouse-server", package="clickhouse-server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name in ("data", "tmp"):
        (folder / name).mkdir(parents=True)
    digest = hashlib.sha256(password.encode()).hexdigest()
    (folder / "users.xml").write_text(_USERS.format(user=user, hash=digest), encoding="utf-8")
    (folder / "server.xml").write_text(_SERVER.format(port=port, folder=folder), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, f"--config-file={folder}/server.xml"], stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(url, process, folder / "log")
        yield RunningClickHouse(url=url, user=user, password=password)
    finally:
        # It takes its time to end by itself, and nobody wants its data.
        process.kill()
        process.wait()


def _wait_until_it_answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib3.request("GET", f"{url}/ping", retries=False)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"ClickHouse did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
