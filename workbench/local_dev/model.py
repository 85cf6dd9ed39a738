"""A platform on a developer's machine, as plain data: stores, applications, and what each is told.

A program fills it (:class:`LocalPlatform`). The files of :data:`FOLDER` are written from it, and the commands of
``dev`` read nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from workbench.local_dev.values import Known, Random, Variable

FOLDER = "local-dev"
"""The folder of the repository that holds everything. Repositories of services lie beside the repository itself."""

PRIVATE = (".env", "env/*.env", "secrets/*", "certificates/*", "compose.override.yaml")
"""What each machine has for itself in it, as patterns: never committed, and never written over."""

CERTIFICATES = "certificates"
"""The folder in it with the authority and the servers' certificates, which each machine makes for itself.

The folder is for its owner alone (0700). The files in it are readable (0644): servers in containers read their keys as
users of their own, and reach the files by mounts past the folder.
"""
AUTHORITY = "ca"
"""The name of the authority's files: ``ca.pem`` and ``ca.key``. Every other file there is named for its server."""

MOUNTED_AUTHORITY = f"/{CERTIFICATES}/{AUTHORITY}.pem"
"""The place of the authority's certificate in containers."""

COMPOSE_VERSION = (2, 24, 1)
"""The oldest that does everything in the compose file: it asks the right version of the engine for a health check's
``start_interval`` (release notes of Docker Compose, 2.24.1)."""
ENGINE_VERSION = (25, 0)
"""The oldest that has ``start_interval`` ("HEALTHCHECK", Dockerfile reference)."""

APPLICATIONS, TOOLS, EDGE = "apps", "tools", "edge"
"""The profiles. Stores have none: they always run."""

FOLDER_PLACEHOLDER = "{local-dev}"
"""Stands, in a value on the developer's machine, for the absolute path of :data:`FOLDER`."""

HOST = "host.docker.internal"
"""The developer's machine, as containers call it."""


@dataclass(frozen=True, kw_only=True)
class Port:
    """A TCP port of a container, published on 127.0.0.1."""

    container: int
    published: int
    """The same, unless another container has it."""


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A command with which Docker checks, in the container, that it works."""

    command: tuple[str, ...]
    """Starts with ``CMD`` or ``CMD-SHELL``."""
    interval_seconds: int = 15
    timeout_seconds: int = 5
    retries: int = 3
    start_period_seconds: int = 60
    """The time after the start in which failures do not count, and checks come every second."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """The folder that an image is built from."""

    repository: str | None
    """A repository beside this one; None: this one itself."""
    folder: str = ""
    """Within the repository; empty: its root."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A file or folder of a build whose changes ``docker compose watch`` brings to the container."""

    path: str
    """Within the folder that is built."""
    target: str | None = None
    """The place in the container that it is copied to, before the container starts again; None: the image is built
    anew."""


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A schema of the MySQL server."""

    name: str
    owner: str
    """The application whose migrations make its tables."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A container of the platform: a service of the compose file."""

    name: str
    """In the compose file, and as host name within its network."""
    purpose: str
    memory_mib: int
    """The most that it may take."""
    ports: tuple[Port, ...] = ()

    has_certificate: ClassVar[bool] = False
    """Whether it ends TLS with a certificate for its name."""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Everything of its environment file."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Store(Part):
    """A store: it always runs, and callers wait until it is healthy."""

    image: str


@dataclass(frozen=True, kw_only=True)
class MySql(Store):
    """A MySQL server that refuses connections without TLS."""

    user: str
    """The applications' user. It has the schemas and nothing else."""
    schemas: tuple[Schema, ...]
    settings: Mapping[str, str]
    """Of the server, by the names that its parameter group has."""

    port: ClassVar[int] = 3306
    has_certificate: ClassVar[bool] = True
    password: ClassVar[str] = "mysql-password"  # noqa: S105 (a name)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The image's own."""
        return (
            Variable(name="MYSQL_USER", value=Known(self.user)),
            Variable(name="MYSQL_PASSWORD", value=Random(self.password)),
            Variable(name="MYSQL_ROOT_PASSWORD", value=Random("mysql-root-password")),
            # Through the socket in the container alone.
            Variable(name="MYSQL_ROOT_HOST", value=Known("localhost")),
        )


@dataclass(frozen=True, kw_only=True)
class Redis(Store):
    """A Redis or Valkey server with a password and without a port for plain connections."""

    engine: str
    """``redis`` or ``valkey``: the image's user, and how its programs' names begin."""
    settings: Mapping[str, str]
    """Of the server, by the names that its parameter group has."""
    data_memory_mib: int
    """The most that its data may take."""

    port: ClassVar[int] = 6379
    has_certificate: ClassVar[bool] = True
    password: ClassVar[str] = "redis-password"  # noqa: S105

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What its command and its health check read."""
        return (Variable(name="REDIS_PASSWORD", value=Random(self.password)),)


@dataclass(frozen=True, kw_only=True)
class ClickHouse(Store):
    """A ClickHouse server with one user, over plain HTTP as in the private network."""

    user: str
    statements: Build
    """The folder with its SQL files."""

    http_port: ClassVar[int] = 8123
    native_port: ClassVar[int] = 9000
    password: ClassVar[str] = "clickhouse-password"  # noqa: S105

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What its configuration and its health check read."""
        return (
            Variable(name="CLICKHOUSE_USER", value=Known(self.user)),
            Variable(name="CLICKHOUSE_PASSWORD", value=Random(self.password)),
        )


@dataclass(frozen=True, kw_only=True)
class Mailbox(Store):
    """A mail server that keeps everything, and a page that shows it."""

    smtp_port: ClassVar[int] = 1025
    http_port: ClassVar[int] = 8025


StoreType = TypeVar("StoreType", bound=Store)


@dataclass(frozen=True, kw_only=True)
class Application(Part):
    """A service, a dashboard or the proxy before them."""

    profile: str
    environment: tuple[Variable, ...]
    """The variables of its task definition: those, and no other."""
    additions: tuple[Variable, ...] = ()
    """What only the developer's machine needs. It stands in the compose file, since none of it is secret."""
    build: Build | None = None
    image: str | None = None
    """Of a third party; None: it is built."""
    image_platform: str | None = None
    """The image's, where there is no other for sure, e.g. ``linux/amd64``; other machines emulate it."""
    health_check: HealthCheck | None
    not_checked: str = ""
    """Why it has no health check."""
    stores: tuple[str, ...] = ()
    starts_after: tuple[str, ...] = ()
    """Applications that have to be healthy first."""
    schemas: tuple[str, ...] = ()
    """Those that it uses, whose migrations have to be done first."""
    migration: tuple[str, ...] | None = None
    """The command that makes the tables of the schemas that it owns; None: it owns none."""
    host_label: str | None = None
    """The first label of the host name under which browsers reach it; None: they don't."""
    reached_port: int | None = None
    """The container's port that the proxy sends requests to."""
    authorities: tuple[str, ...] = ()
    """More places in the container at which it looks for the authority's certificate."""
    data_path: str | None = None
    """The mount point of a volume of its own."""
    stop_grace_seconds: int = 30
    watched: tuple[Watch, ...] = ()

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Everything of its environment file."""
        return self.environment

    @property
    def migration_name(self) -> str:
        """The name of the container that migrates, and ends."""
        return f"{self.name}-migrate"

    @property
    def upstream_variable(self) -> str:
        """The variable by which another address of it is given to compose: ``HOST:PORT``."""
        return upstream_variable(self.name)

    @property
    def upstream_on_host(self) -> str:
        """The value of :attr:`upstream_variable` while it runs on the developer's machine.

        Raises:
            ValueError: when nobody reaches it.
        """
        if self.reached_port is None:
            raise ValueError(f"{self.name}: no port to reach it at")
        return f"{HOST}:{self.reached_port}"


def upstream_variable(name: str) -> str:
    """Return the variable that says where an application is reached."""
    return f"{name}_upstream".upper().replace("-", "_")


def interpolated_upstream(name: str, port: int) -> str:
    """Return an application's address as compose interpolates it: another one, or its container's."""
    return f"${{{upstream_variable(name)}:-{name}:{port}}}"


@dataclass(frozen=True, kw_only=True)
class OnDemandNames:
    """Names below one label that get a certificate when they are first asked for, if an application says yes."""

    label: str
    """``stores`` for ``*.stores.DOMAIN``."""
    application: str
    """Answers the requests."""
    asked: str
    """The application that is asked."""
    ask_path: str
    """Answers 200 for a name in ``?domain=`` that may have a certificate."""


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """The application that ends HTTPS for all others."""

    application: str
    """The name of it."""
    configuration: str
    """The file in its image that is replaced by the ``Caddyfile`` of :data:`FOLDER`."""
    health_port: int
    health_path: str
    on_demand: OnDemandNames


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository that lies beside this one."""

    name: str
    """Of its folder, too."""
    url: str
    """To clone it from."""
    purpose: str
    is_needed: bool
    """Whether a container is built from it."""


@dataclass(frozen=True, kw_only=True)
class LocalPlatform:
    """A whole platform."""

    name: str
    """Of the compose project."""
    title: str
    """In a sentence: ``the … platform``."""
    domain: str
    """All host names end with it: one below ``localhost``, which browsers look up nowhere."""
    stack: str
    """The stack whose values are taken over."""
    stores: tuple[Store, ...]
    applications: tuple[Application, ...]
    proxy: Proxy
    repositories: tuple[Repository, ...]
    value_rules: Mapping[str, str] = field(default_factory=dict[str, str])
    """The rules by which values differ from those of the stack, by a short name, in words."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """All containers but the migrations, the stores first."""
        return (*self.stores, *self.applications)

    def part(self, name: str) -> Part:
        """Return a part by its name."""
        return next(part for part in self.parts if part.name == name)

    def application(self, name: str) -> Application:
        """Return an application by its name."""
        return next(application for application in self.applications if application.name == name)

    def stores_of(self, kind: type[StoreType]) -> tuple[StoreType, ...]:
        """Return the stores of a kind."""
        return tuple(store for store in self.stores if isinstance(store, kind))

    @property
    def schemas(self) -> tuple[Schema, ...]:
        """The schemas of all MySQL servers."""
        return tuple(schema for server in self.stores_of(MySql) for schema in server.schemas)

    def host_name(self, application: Application) -> str | None:
        """Return the host name of an application; None: it has none."""
        return None if application.host_label is None else f"{application.host_label}.{self.domain}"

    @property
    def urls(self) -> Iterator[tuple[str, str]]:
        """The URLs that a browser opens, each with the part that answers."""
        for application in self.applications:
            if (host_name := self.host_name(application)) is not None:
                yield f"https://{host_name}", application.name
        yield f"https://SHOP.{self.proxy.on_demand.label}.{self.domain}", self.proxy.on_demand.application
        for mailbox in self.stores_of(Mailbox):
            yield f"http://127.0.0.1:{mailbox.http_port}", mailbox.name
        for tool in self.applications:
            if tool.profile == TOOLS:
                yield from ((f"http://127.0.0.1:{port.published}", tool.name) for port in tool.ports)

    @property
    def certified(self) -> tuple[str, ...]:
        """The servers that need a certificate of the authority's, each also for ``localhost`` and 127.0.0.1."""
        return tuple(store.name for store in self.stores if store.has_certificate)


def environment_file(part: str) -> str:
    """Return the place in :data:`FOLDER` of a part's variables. Each machine has its own, unreadable to others."""
    return f"env/{part}.env"


def environment_example(part: str) -> str:
    """Return the place in :data:`FOLDER` of the committed example of a part's variables."""
    return f"{environment_file(part)}.example"
