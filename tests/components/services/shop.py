"""A small shop on a service host, for tests that render its files."""

import json
from dataclasses import replace
from typing import Any

from zelly_components.hosts.services.args import NginxArgs, ReleaseArgs, ServicesArgs, ServiceUnitArgs
from zelly_components.hosts.services.configuration import configuration

FLAGS = ServiceUnitArgs(name="flags", port=3085, after=[], secrets={"shop/db": ["DB_PASSWORD"]}, memory_mib=256)
WEB = ServiceUnitArgs(
    name="web", port=8000, after=["flags"], secrets={}, memory_mib=512, environment={"GREETING": 'a "b" 100%'}
)
JOBS = ServiceUnitArgs(
    name="jobs", port=3004, after=["web"], secrets={}, memory_mib=128, takes_socket=False, notifies=True, overlaps=False
)

SHOP = ServicesArgs(
    platform="shop",
    environment="trial",
    region="eu-west-1",
    bucket_name="shop-releases",
    units=[WEB, FLAGS, JOBS],
    release=ReleaseArgs(
        migrations_secrets={"shop/db": ["DATABASE_URL"]}, database_instance="shop-db", snapshot_before_release=True
    ),
    nginx=NginxArgs(secret_name="shop/origin", upstream="web", trusted_proxies=["198.51.100.0/24"]),
    packages=["nodejs20"],
    downloads={"/etc/ssl/certs/db.pem": "https://db.example/ca.pem"},
    log_group_name="/shop/host",
    services_log_group_name="/shop/services",
)


def files(args: ServicesArgs = SHOP) -> dict[str, str]:
    """Return the contents of the host's files, by path."""
    return {path: file["content"] for path, file in document(args)["files"].items()}


def document(args: ServicesArgs = SHOP) -> dict[str, Any]:
    """Return the configuration as the host reads it."""
    return json.loads(configuration(args).content)


def setting(unit: str, name: str) -> list[str]:
    """Return the values of a setting in a unit's text."""
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{name}=")]


def with_unit(**changes: Any) -> ServicesArgs:
    """Return the shop whose first service has other values."""
    return replace(SHOP, units=[replace(WEB, **changes), FLAGS, JOBS])
