"""A search host without the host: its programs below a folder, with stand-ins for ``aws`` and ``systemctl``."""

import base64
import hashlib
import json
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import meilisearch

from tests.support.host_scripts import TEMPLATES
from tests.support.meilisearch import program
from tests.support.servers import free_port
from zelly_components.hosts.certificates import host_certificate
from zelly_components.hosts.search_keys import SearchKey, api_key, search_keys

MASTER_KEY = "a-master-key-of-more-than-16-bytes"
KEYS: tuple[SearchKey, ...] = search_keys("shop-search")

_AWS = """
import json, pathlib, shutil, sys
folder = pathlib.Path({folder!r})
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
match sys.argv[1:]:
    case ["secretsmanager", "get-secret-value", *_]:
        sys.stdout.write((folder / "secret.json").read_text())
    case ["s3", "cp", "--only-show-errors", *checked, source, target]:
        # A bucket with Object Lock takes nothing without one.
        if target.startswith("s3://") and checked != ["--checksum-algorithm", "SHA256"]:
            sys.exit("upload failed: (InvalidRequest) Content-MD5 OR x-amz-checksum- HTTP header is required")
        def here(name):
            return folder / "s3" / name.removeprefix("s3://") if name.startswith("s3://") else pathlib.Path(name)
        if not here(source).exists():
            sys.exit("fatal error: An error occurred (404) when calling the HeadObject operation: Key does not exist")
        here(target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(here(source), here(target))
    case ["cloudwatch", "put-metric-data", *_]:
        pass
    case other:
        sys.exit(f"aws: {{other}}")
"""

_SYSTEMCTL = """
import os, pathlib, signal, subprocess, sys, time
folder = pathlib.Path({folder!r})
verb, unit = sys.argv[1:]
assert unit == "meilisearch.service" and verb in ("start", "restart")
pid = folder / "pid"
def runs():
    return pid.exists() and pathlib.Path("/proc", pid.read_text(), "stat").exists()
if runs() and verb == "start":
    sys.exit()
if runs():
    os.kill(int(pid.read_text()), signal.SIGKILL)
    while runs():
        time.sleep(0.01)
lines = (folder / "root/run/search-host/environment").read_text().splitlines()
environment = dict(line.split("=", 1) for line in lines)
log = (folder / "server.log").open("ab")
parent = os.fork()
if not parent:
    os.setsid()
    program = folder / "root/var/lib/meilisearch/current/meilisearch"
    server = subprocess.Popen([program], env=environment, stdout=log, stderr=log)
    pid.write_text(str(server.pid))
    os._exit(0)
os.waitpid(parent, 0)
"""


@dataclass(frozen=True)
class Ran:
    """What came of a program."""

    status: int
    lines: list[str]
    document: Any


@dataclass
class SearchHost:
    """A host below a folder."""

    folder: Path
    version: str = "1.7.6"
    port: int = field(default_factory=free_port)
    import_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        one, other = (base64.b64encode(word * 8).decode() for word in (b"this", b"that"))
        certificate = host_certificate(authority_seed=one, host_seed=other, name="shop-search", address="10.1.2.3")
        self.root = self.folder / "root"
        for name in ("etc/host", "etc/search-host", "var/lib/meilisearch", "run"):
            (self.root / name).mkdir(parents=True)
        (self.root / "etc/host/environment").write_text(
            "AWS_REGION=eu-west-1\nSERVER_SECRET=shop/search/server\nRELEASE_BUCKET=bucket\n"
            "METRICS_NAMESPACE=SearchHost\nHOST_NAME=shop-search\n",
            encoding="utf-8",
        )
        secret = {
            "MEILI_MASTER_KEY": MASTER_KEY,
            "TLS_AUTHORITY": certificate.authority,
            "TLS_CERTIFICATE": certificate.certificate,
            "TLS_PRIVATE_KEY": certificate.private_key,
        }
        (self.folder / "secret.json").write_text(json.dumps(secret), encoding="utf-8")
        self.authority = self.folder / "authority.pem"
        self.authority.write_text(certificate.authority, encoding="utf-8")
        programs = self.folder / "bin"
        programs.mkdir()
        for name, text in (("aws", _AWS), ("systemctl", _SYSTEMCTL)):
            path = programs / name
            path.write_text(f"#!{sys.executable}\n{text.format(folder=str(self.folder))}", encoding="utf-8")
            path.chmod(0o755)
        for name, template in (
            ("search_server.py", "search_server.py"),
            ("search-host", "search_host.py"),
            ("search-upgrade", "search_upgrade.py"),
        ):
            (programs / name).write_bytes((TEMPLATES / "search" / template).read_bytes())
        self.configure(self.version)

    def configure(
        self, version: str, faults: Sequence[str] = (), *, binary: bytes | None = None, said: str | None = None
    ) -> None:
        """Let the configuration name a version, whose binary is in the bucket."""
        content = program(said or version, faults)
        digest = hashlib.sha256(content).hexdigest()
        stored = self.folder / "s3/bucket/binaries" / digest
        stored.parent.mkdir(parents=True, exist_ok=True)
        stored.write_bytes(content if binary is None else binary)
        document = {
            "version": version,
            "sha256": digest,
            "keys": [key.document for key in KEYS],
            "indexing_memory_bytes": 1024**2,
            "snapshot_interval_seconds": 86400,
            "dumps": "backups/search/",
        }
        (self.root / "etc/search-host/configuration.json").write_text(json.dumps(document), encoding="utf-8")

    def run(self, program_name: str, *arguments: str, **more: str) -> Ran:
        """Run one of the host's programs."""
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "SEARCH_HOST_ROOT": str(self.root),
            "SEARCH_HOST_USER": pwd.getpwuid(os.getuid()).pw_name,
            "SEARCH_HOST_PORT": str(self.port),
            "SEARCH_HOST_IMPORT_PORT": str(self.import_port),
            "SEARCH_HOST_WAIT_SECONDS": "10",
            "SEARCH_HOST_TASK_SECONDS": "10",
            "SEARCH_HOST_PAUSE_SECONDS": "0",
            "SEARCH_HOST_SPARE_MIB": "1",
            **more,
        }
        command = [sys.executable, "-BsE", self.folder / "bin" / program_name, *arguments]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        document = json.loads(ran.stdout) if ran.stdout else None
        return Ran(status=ran.returncode, lines=ran.stderr.splitlines(), document=document)

    def upgrade(self, version: str, *, late_writes: str = "refuse", **more: str) -> Ran:
        """Ask for an upgrade as the SSM document does."""
        return self.run("search-upgrade", "upgrade", "--version", version, "--late-writes", late_writes, **more)

    def client(self, key: str = MASTER_KEY) -> meilisearch.Client:
        """Return Meilisearch's own client, which trusts the host's authority."""
        os.environ["REQUESTS_CA_BUNDLE"] = str(self.authority)
        return meilisearch.Client(f"https://127.0.0.1:{self.port}", key)

    def key(self, name: str) -> str:
        """Return a service's key, as the program computes it."""
        return next(api_key(MASTER_KEY, key) for key in KEYS if key.name == name)

    def fill(self, documents: int = 3) -> None:
        """Write documents, as a service does."""
        client = self.client(self.key("documents"))
        task = client.index("products").add_documents(
            [{"id": each, "name": f"lamp {each}"} for each in range(documents)]
        )
        client.wait_for_task(task.task_uid)

    def calls(self, service: str) -> list[list[str]]:
        """Return, and forget, what was asked of a service of AWS."""
        path = self.folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [call for line in lines if (call := json.loads(line))[0] == service]

    def databases(self) -> list[str]:
        """Return the databases that there are."""
        return sorted(path.name for path in (self.root / "var/lib/meilisearch/databases").iterdir())

    def kill(self) -> None:
        """End the server."""
        pid = self.folder / "pid"
        if pid.exists():
            try:
                os.kill(int(pid.read_text()), signal.SIGKILL)
            except ProcessLookupError:
                return
