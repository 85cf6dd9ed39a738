"""What a service host is told of its services, and the checks of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from zelly_components.base import Known
from zelly_components.hosts.services.paths import NGINX_CONFIGURATION_PORT

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_HEALTH_PATH = re.compile(r"/[A-Za-z0-9/_.-]*")
_LONGEST_USER = 31
"""systemd's own limit for a user's name ("User/Group Name Syntax")."""
_NOT_SERVICES = ("all", "credentials", "migrations")
"""Names that the host or its commands use for something else."""

HTTPS_PORT = 443


@dataclass(frozen=True, kw_only=True)
class ServiceUnitArgs:
    """One service: a systemd unit, its socket and its user."""

    name: str
    """Lower-case letters, digits and hyphens. Its unit is ``<platform>-<name>.service``, and its user is called so."""
    port: int
    """TCP, on the loopback address: only what runs on the host reaches it."""
    after: Sequence[str]
    """The services that have to be ready before it starts."""
    secrets: Mapping[str, Sequence[str]]
    """The keys that it gets of each secret, by the secret's name. It finds them as lines ``KEY=value`` in
    ``$CREDENTIALS_DIRECTORY/environment``, and no other service does."""
    memory_mib: int
    """Above this it is killed and started anew, so that it does not take the others along."""
    takes_socket: bool = True
    """Whether it listens on the socket that systemd passes it (``LISTEN_FDS``), so that a restart refuses nobody. Left
    out, it does."""
    notifies: bool = False
    """Whether it tells systemd that it is ready (``READY=1``). Left out, it does not: it is ready when ``health_path``
    answers with 2xx."""
    overlaps: bool = True
    """Whether two of it may run at the same time. Left out, they may."""
    health_path: str = "/health"
    """The path that is asked with GET on its port, of letters, digits and ``/_.-``. Left out, ``/health``."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables beside ``PORT``, without secrets: everybody on the host can read them. Left out, there are none."""


@dataclass(frozen=True, kw_only=True)
class NginxArgs:
    """The nginx that ends TLS and passes requests to one of the services."""

    secret_name: str
    """The secret with ``ORIGIN_CERTIFICATE``, ``ORIGIN_PRIVATE_KEY`` and ``CLIENT_CA_CERTIFICATE``, each as PEM. A
    client has to show a certificate that the last one vouches for."""
    upstream: str
    """The service that requests are passed to."""
    trusted_proxies: Known[Sequence[str]]
    """The ranges whose ``CF-Connecting-IP`` is believed."""
    maximum_body_mib: int = 10
    """The largest body of a request in MiB; a larger one is answered with 413. Left out, 10."""


@dataclass(frozen=True, kw_only=True)
class ReleaseArgs:
    """How releases come to the host; read by its release agent."""

    migrations_secrets: Mapping[str, Sequence[str]]
    """The keys that the migrations get of each secret, by the secret's name."""
    database_instance: str | None
    """The RDS instance that is snapshotted before a release. None: none is, and ``snapshot_before_release`` is
    refused."""
    snapshot_before_release: bool
    """Whether each release takes a snapshot of the database first, and waits for it."""
    ready_seconds: int = 60
    """The seconds in which a service has to become ready; systemd gives up on it then. Left out, 60."""
    settle_seconds: int = 10
    """The seconds in which a service that is ready must not be restarted. Left out, 10."""
    confirm_seconds: int = 300
    """The seconds in which a release has to be confirmed; otherwise it is taken back. Left out, 300."""
    releases_kept: int = 5
    """The number of states in which all services were healthy that stay on the host, to go back to. Left out, 5."""
    minimum_free_mib: int = 1024
    """The room in MiB that has to stay free on the disk. Where it would not, older releases are deleted, and the
    release is refused if that is not enough. Left out, 1024."""


@dataclass(frozen=True, kw_only=True)
class ServicesArgs:
    """All that a host's configuration is rendered from."""

    platform: str
    """The beginning of the names of units and users, and of paths; lower-case letters, digits and hyphens."""
    environment: str
    region: str
    bucket_name: str
    """The bucket with configurations, releases and artefacts."""
    units: Sequence[ServiceUnitArgs]
    release: ReleaseArgs
    nginx: NginxArgs | None
    """None: nothing on the host listens to the outside."""
    packages: Sequence[str]
    """Packages of Amazon Linux 2023 beside nginx and what the host's own scripts need, e.g. ``nodejs20``."""
    downloads: Mapping[str, str]
    """Files that are fetched once, by path, from ``https://`` addresses; below /etc."""
    log_group_name: str
    """Of the host itself."""
    services_log_group_name: str
    """Of the services, with a stream ``<service>/<instance id>`` for each."""


def check(args: ServicesArgs) -> None:
    """Refuse services that no host could run.

    Raises:
        ValueError: naming the service, what came and what is allowed.
    """
    _check_name("platform", args.platform)
    _check_units(args)
    waves(args.units)
    for path, url in args.downloads.items():
        if not path.startswith("/etc/") or not url.startswith("https://"):
            raise ValueError(f"downloads: came {url} for {path}; allowed https:// addresses and paths below /etc")
    known = sorted(unit.name for unit in args.units)
    if args.nginx is not None and args.nginx.upstream not in known:
        raise ValueError(f"nginx.upstream: came {args.nginx.upstream}; allowed are {', '.join(known)}")
    if args.release.snapshot_before_release and args.release.database_instance is None:
        raise ValueError("release.snapshot_before_release: came true; without a database_instance false is allowed")


def _check_units(args: ServicesArgs) -> None:
    names: set[str] = set()
    ports = {HTTPS_PORT: "nginx", NGINX_CONFIGURATION_PORT: "nginx"}
    known = {unit.name for unit in args.units}
    for unit in args.units:
        _check_unit(args.platform, unit)
        if unit.name in names:
            raise ValueError(f"units.{unit.name}: comes twice; allowed once")
        names.add(unit.name)
        if unit.port in ports:
            raise ValueError(f"units.{unit.name}.port: came {unit.port}; taken by {ports[unit.port]}")
        ports[unit.port] = unit.name
        if unknown := [other for other in unit.after if other not in known]:
            raise ValueError(f"units.{unit.name}.after: came {unknown[0]}; allowed are {', '.join(sorted(known))}")


def waves(units: Iterable[ServiceUnitArgs]) -> tuple[tuple[str, ...], ...]:
    """Return the order of starts and releases: each wave waits for those before it.

    Raises:
        ValueError: when services wait for one another.
    """
    left = {unit.name: set(unit.after) for unit in units}
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    while left:
        wave = tuple(name for name, after in left.items() if after <= done)
        if not wave:
            raise ValueError(f"units: came services that wait for one another: {', '.join(left)}")
        found.append(wave)
        done.update(wave)
        left = {name: after for name, after in left.items() if name not in done}
    return tuple(found)


def _check_name(field_name: str, name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{field_name}: came {name!r}; allowed lower-case letters, digits and hyphens")


def _check_unit(platform: str, unit: ServiceUnitArgs) -> None:
    path = f"units.{unit.name}"
    _check_name(f"{path}.name", unit.name)
    if unit.name in _NOT_SERVICES:
        raise ValueError(f"{path}.name: taken by the host itself; another name is allowed")
    if len(f"{platform}-{unit.name}") > _LONGEST_USER:
        raise ValueError(f"{path}.name: with {platform}- at most {_LONGEST_USER} characters are allowed")
    # Below 1024 root alone listens; from 32768 on Linux takes ports for connections of its own.
    if not 1024 <= unit.port < 32768:
        raise ValueError(f"{path}.port: came {unit.port}; allowed 1024 to 32767")
    if _HEALTH_PATH.fullmatch(unit.health_path) is None:
        raise ValueError(f"{path}.health_path: came {unit.health_path!r}; allowed a path such as /health")
    if unit.memory_mib < 1:
        raise ValueError(f"{path}.memory_mib: came {unit.memory_mib}; allowed 1 or more")
    for name in unit.environment:
        if _VARIABLE.fullmatch(name) is None or name == "PORT":
            raise ValueError(f"{path}.environment: came {name}; allowed names such as LOG_LEVEL, and not PORT")
