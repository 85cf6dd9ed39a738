"""The facts of Pakashop, transcribed from its document on infrastructure and releases ("SDLC 05") and independent of
the program.

``test_facts.py`` compares the program with them, once. Other tests take what they expect from the config and the
catalog. P1 to P23 are the numbers under which the document's statements are listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

BRANCHES: Mapping[str, str] = {"main": "staging", "production": "live"}
"""P1 and P2: the branches that are deployed, each with its environment ("Branch Strategy")."""

UNIT_PREFIX = "pakashop-"
HOST_DIRECTORY = "/opt/pakashop"
"""P14 ("Staging Deployment")."""

SERVICES: Mapping[str, tuple[int, str]] = {
    "gateway": (8000, "Node.js"),
    "backend": (3080, "Node.js"),
    "config": (3085, "Node.js"),
    "notifications": (3090, "Node.js"),
    "tracking": (3120, "Node.js"),
    "moderation": (3110, "Python"),
    "recommendations": (3100, "Python"),
    "scheduler": (3004, "Node.js"),
    "search": (3005, "Go"),
    "analytics": (3007, "Go"),
    "fraud": (3006, "Node.js"),
    "coupon": (3008, "Node.js"),
    "loyalty": (3010, "Node.js"),
    "whatsapp": (3009, "Node.js"),
    "reports": (3011, "Node.js"),
    "reconciliation": (3012, "Node.js"),
    "invoicing": (3013, "Node.js"),
    "pricing": (3014, "Node.js"),
    "settlement": (3016, "Node.js"),
}
"""P11: port and language of each ("systemd Services"). The row of whatsapp has no language; the deploy script builds it
as Node.js."""

START_ORDER: tuple[frozenset[str], ...] = (
    frozenset({"config"}),
    frozenset({"gateway"}),
    frozenset({"backend", "search", "analytics"}),
    frozenset(
        {
            "notifications",
            "tracking",
            "moderation",
            "recommendations",
            "fraud",
            "coupon",
            "loyalty",
            "whatsapp",
            "reports",
            "reconciliation",
            "invoicing",
            "pricing",
            "settlement",
            "scheduler",
        }
    ),
)
"""P12: after Redis, PostgreSQL and Meilisearch ("Service Dependency Order")."""

MIGRATING = frozenset(name for name, (_, language) in SERVICES.items() if language == "Node.js") - {"gateway"}
"""The services whose deploy runs Prisma's migrations "if applicable" ("Deployment Script"). Which those are the
document does not say; the gateway, which only passes requests on, has none here."""


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The versions that CI tests with ("CI Pipeline"), P13."""

    postgresql: str = "16"
    redis: str = "7"
    meilisearch: str = "v1.7"
    node: str = "20"
    go: str = "1.22"
    python: str = "3.12"


VERSIONS = Versions()
PORTS: Mapping[str, int] = {"postgresql": 5432, "redis": 6379, "meilisearch": 7700}
TEST_DATABASE = "pakashop_test"
"""Those of CI's service containers, P13."""


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A workflow of "CI/CD Pipelines", P13 to P17."""

    name: str
    pull_requests: tuple[str, ...] = ()
    pushes: tuple[str, ...] = ()
    cron: str | None = None


PIPELINES: Mapping[str, Pipeline] = {
    "ci.yml": Pipeline(name="CI", pull_requests=("main", "production")),
    "deploy-staging.yml": Pipeline(name="Deploy Staging", pushes=("main",)),
    "deploy-production.yml": Pipeline(name="Deploy Production", pushes=("production",)),
    "health-check.yml": Pipeline(name="Health Check", cron="*/15 * * * *"),
    "db-backup.yml": Pipeline(name="Database Backup", cron="0 2 * * *"),
}

HEALTH_URLS: Mapping[str, tuple[str, ...]] = {
    "live": ("https://pakashop.store/api/v1/health", "https://pakashop.store/api/v1/health/ready"),
    "staging": ("https://staging.pakashop.store/api/v1/health",),
}
"""P16 ("Health Check")."""

FRONTENDS: Mapping[str, str] = {"live": "pakashop.store", "staging": "staging.pakashop.store"}
"""P5 ("Frontend (Vercel)")."""
PREVIEWS = "pakashop-pr.vercel.app"
"""P5: below it each branch has its own; Vercel makes them, and nothing here names one."""

BACKUP_TIME_UTC = "02:00"
BACKUP_NAME = r"pakashop-prod-\d{8}-\d{6}"
BACKUP_PREFIXES: Mapping[str, str] = {"nightly": "daily/", "before a deploy": "production/"}
BACKUP_DAYS = 30
"""P15 and P17 ("Database Backup", "Production Deployment")."""
