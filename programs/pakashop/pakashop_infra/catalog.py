"""The services as data: their ports, languages, dependencies and stores.

Facts from the platform's document on infrastructure and releases ("systemd Services", "Service Dependency Order",
"Deployment Script"). What differs between environments stands in the environment config instead. Units, sockets,
waves, alarms, pictures and pages all come from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language that services are written in."""

    NODE = "node"
    GO = "go"
    PYTHON = "python"


class Store(StrEnum):
    """A data store that services use."""

    POSTGRESQL = "postgresql"
    REDIS = "redis"
    SEARCH = "search"


DATABASE_SECRET = "pakashop/postgresql/master"  # noqa: S105 (a name, as those below)
REDIS_SECRET = "pakashop/redis/auth"  # noqa: S105
REDIS_SERVER_SECRET = "pakashop/redis/server"  # noqa: S105
SEARCH_SECRET = "pakashop/search/keys"  # noqa: S105
SEARCH_SERVER_SECRET = "pakashop/search/server"  # noqa: S105
ORIGIN_SECRET = "pakashop/origin/tls"  # noqa: S105
"""Of nginx: the certificate that Cloudflare trusts, its key, and the authority of Cloudflare's own certificate."""

DATABASE_KEYS = ("DATABASE_URL", "DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD")
"""``DATABASE_URL`` is what Prisma reads; it asks for TLS with the server's name checked."""
REDIS_KEYS = ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_CA_BASE64")
"""Over TLS alone: the last is the authority of Redis's certificate, in PEM, in base64."""
REDIS_SERVER_KEYS = ("REDIS_PASSWORD_SHA256", "TLS_CERTIFICATE", "TLS_PRIVATE_KEY")
SEARCH_KEYS = ("MEILI_HOST", "MEILI_API_KEY", "MEILI_SEARCH_KEY", "MEILI_CA_BASE64")
"""An address with ``https``, a key that writes documents, one that searches, and the certificate's authority."""
SEARCH_SERVER_KEYS = ("MEILI_MASTER_KEY", "TLS_AUTHORITY", "TLS_CERTIFICATE", "TLS_PRIVATE_KEY")

ORIGIN_KEYS = ("ORIGIN_CERTIFICATE", "ORIGIN_PRIVATE_KEY", "ORIGIN_PULL_CA", "ORIGIN_PULL_CERTIFICATE")

PROGRAM_SECRETS: Mapping[str, tuple[str, ...]] = {
    DATABASE_SECRET: DATABASE_KEYS,
    REDIS_SECRET: REDIS_KEYS,
    REDIS_SERVER_SECRET: REDIS_SERVER_KEYS,
    SEARCH_SECRET: SEARCH_KEYS,
    SEARCH_SERVER_SECRET: SEARCH_SERVER_KEYS,
    ORIGIN_SECRET: ORIGIN_KEYS,
}
"""Secrets whose values the program makes and replaces."""

SECRET_BY_STORE: Mapping[Store, str] = {
    Store.POSTGRESQL: DATABASE_SECRET,
    Store.REDIS: REDIS_SECRET,
    Store.SEARCH: SEARCH_SECRET,
}


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service: a systemd unit on the environment's host."""

    name: str
    port: int
    language: Language
    after: tuple[str, ...]
    """The services that have to be ready before it starts. The stores are before all."""
    stores: frozenset[Store]
    """The stores that it is told of. The document does not say it of each: as it was chosen here."""
    has_migrations: bool = False
    """Whether it owns tables."""
    keys: tuple[str, ...] = ()
    """The keys of its own secret, ``pakashop/<service>/env``, whose values operators set."""
    overlaps: bool = True
    """Whether two of it may run at the same time. The scheduler runs jobs of all services: two would run each twice."""
    takes_socket: bool = True
    """Whether it listens on the socket that systemd passes it (``LISTEN_FDS``), so that a restart refuses nobody."""
    health_path: str = "/health"
    """Answers 2xx once the service is ready."""

    @property
    def secret(self) -> str:
        """Its own secret."""
        return f"pakashop/{self.name}/env"


_ALL = frozenset(Store)
_DATABASE = frozenset({Store.POSTGRESQL})
_QUEUES = frozenset({Store.POSTGRESQL, Store.REDIS})

_CORE = ("backend", "search", "analytics")
"""The core services, on which the supporting ones wait."""


def _supporting(
    name: str,
    port: int,
    language: Language = Language.NODE,
    *,
    keys: tuple[str, ...] = (),
    overlaps: bool = True,
) -> Service:
    return Service(
        name=name,
        port=port,
        language=language,
        after=_CORE,
        stores=_QUEUES,
        has_migrations=language is Language.NODE,
        keys=keys,
        overlaps=overlaps,
    )


SERVICES: tuple[Service, ...] = (
    Service(
        name="gateway",
        port=8000,
        language=Language.NODE,
        after=("config",),
        stores=frozenset({Store.REDIS}),
        keys=("JWT_SECRET",),
    ),
    Service(
        name="backend",
        port=3080,
        language=Language.NODE,
        after=("gateway",),
        stores=_ALL,
        has_migrations=True,
        keys=("JWT_SECRET", "PAYMENT_WEBHOOK_SECRET"),
    ),
    Service(name="config", port=3085, language=Language.NODE, after=(), stores=_QUEUES, has_migrations=True),
    _supporting("notifications", 3090, keys=("SMTP_URL",)),
    _supporting("tracking", 3120),
    _supporting("moderation", 3110, Language.PYTHON),
    _supporting("recommendations", 3100, Language.PYTHON),
    _supporting("scheduler", 3004, overlaps=False),
    Service(
        name="search",
        port=3005,
        language=Language.GO,
        after=("gateway",),
        stores=frozenset({Store.POSTGRESQL, Store.SEARCH}),
    ),
    Service(name="analytics", port=3007, language=Language.GO, after=("gateway",), stores=_DATABASE),
    _supporting("fraud", 3006),
    _supporting("coupon", 3008),
    _supporting("loyalty", 3010),
    _supporting("whatsapp", 3009, keys=("WHATSAPP_TOKEN",)),
    _supporting("reports", 3011),
    _supporting("reconciliation", 3012),
    _supporting("invoicing", 3013),
    _supporting("pricing", 3014),
    _supporting("settlement", 3016, keys=("BANK_API_KEY",)),
)
"""In the order of the document's table."""

GATEWAY = "gateway"
"""The service that nginx passes requests to."""

API_PATH = "/api/"
HEALTH_PATHS: Mapping[str, str] = {"health": "/api/v1/health", "ready": "/api/v1/health/ready"}
"""The gateway's, as the internet sees them ("Health Check"), by what the alarms call them."""


def service(name: str) -> Service:
    """Return a service by its name."""
    return next(each for each in SERVICES if each.name == name)


def waves(services: Iterable[Service] = SERVICES) -> tuple[tuple[str, ...], ...]:
    """Return the order in which services start and are released: each wave waits for those that it depends on.

    Raises:
        ValueError: when a service waits for one that is not there, or for itself by a detour.
    """
    left = {each.name: set(each.after) for each in services}
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    while left:
        wave = tuple(name for name, after in left.items() if after <= done)
        if not wave:
            raise ValueError(f"services that wait for one another, or for one that is not there: {', '.join(left)}")
        found.append(wave)
        done.update(wave)
        left = {name: after for name, after in left.items() if name not in done}
    return tuple(found)


APPLICATION_SECRETS: Mapping[str, tuple[str, ...]] = {each.secret: each.keys for each in SERVICES if each.keys}
"""Secrets whose values operators set: created with every key empty, never overwritten afterwards."""
