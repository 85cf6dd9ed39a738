"""What runs in place of each image, since there is no Docker to pull or build any."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.local_dev.model import Service
from tests.support.programs import require_built, require_program, unavailable

_HERE = Path(__file__).parent
APPLICATION = _HERE / "application"
_ENTRYPOINTS = _HERE / "entrypoints"
BULLMQ = _HERE.parent / "machines" / "redis" / "bullmq"
BULLMQ_IN_CONTAINER = Path("/usr/src/bullmq")


@dataclass(frozen=True, kw_only=True)
class Image:
    """What an image says of the program in it, and the files that stand for its own."""

    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    working_directory: str = "/"
    user: str = "root"
    """By its name in Debian, or ``UID:GID``."""
    owner: str = "root"
    """Whose the folder is that it has in the place of a volume."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """By the path in the container, as what it is seen there."""


def application(facts: Path) -> Image:
    """Return a stand-in for an application, of which a file holds the facts that it goes by."""
    node = Path(require_program("node", package="nodejs")).resolve()
    for folder, target in ((APPLICATION, "mysql-client"), (BULLMQ, "queues")):
        if not (folder / "node_modules" / "installed-from").exists():
            unavailable(f"{folder.name}: npm's packages are not installed (make {target}, which needs npm)")
    return Image(
        command=("node", "/usr/src/application/application.mjs"),
        working_directory="/usr/src/app",
        files={
            "/usr/src/app/facts.json": facts,
            "/usr/src/application": APPLICATION,
            str(BULLMQ_IN_CONTAINER): BULLMQ,
            "/usr/local/bin/node": node,
            "/usr/local/bin/npm": _ENTRYPOINTS / "npm.sh",
        },
    )


def store(service: Service) -> Image:
    """Return what stands for the image of somebody else's program."""
    assert service.image is not None
    name = service.image.rsplit("/", 1)[-1].split(":")[0]
    return _IMAGES[name]()


def caddy() -> Image:
    """Return what ``images/caddy`` is built to, with the program that the tests of the edge run."""
    return Image(
        command=("caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"),
        environment={"XDG_DATA_HOME": "/data"},
        user="1000:1000",
        owner="1000:1000",
        files={"/usr/local/bin/caddy": Path(require_built("caddy", target="edge")), **_busybox_wget()},
    )


def _mysql() -> Image:
    require_program("mariadbd", package="mariadb-server-core")
    require_program("mariadb", package="mariadb-client-core")
    entrypoint = "/usr/local/bin/docker-entrypoint.sh"
    files = {entrypoint: _ENTRYPOINTS / "mysql.sh", "/usr/local/bin/mysql": _ENTRYPOINTS / "mysql-client.sh"}
    return Image(entrypoint=(entrypoint,), command=("mysqld",), files=files)


def _redis() -> Image:
    require_program("redis-server", package="redis-server")
    return Image(command=("redis-server",), owner="redis:redis")


def _clickhouse() -> Image:
    require_program("clickhouse-server", package="clickhouse-server")
    require_program("clickhouse-client", package="clickhouse-client")
    entrypoint = "/entrypoint.sh"
    return Image(
        entrypoint=(entrypoint,),
        files={
            entrypoint: _ENTRYPOINTS / "clickhouse.sh",
            "/usr/local/bin/clickhouse-client": _ENTRYPOINTS / "clickhouse-client.sh",
        },
    )


def _mailpit() -> Image:
    return Image(entrypoint=("/mailpit",), files={"/mailpit": _ENTRYPOINTS / "mailpit.mjs"})


def _busybox_wget() -> dict[str, Path]:
    # Alpine's wget is busybox', which knows less than Debian's.
    require_program("busybox", package="busybox")
    return {"/usr/local/bin/wget": _ENTRYPOINTS / "wget.sh"}


_IMAGES: Mapping[str, Callable[[], Image]] = {
    "clickhouse-server": _clickhouse,
    "mailpit": _mailpit,
    "mysql": _mysql,
    "redis": _redis,
}
