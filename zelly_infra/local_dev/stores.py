"""The stores on a developer's machine: images of the releases that the stack has, with its settings."""

from collections.abc import Iterable, Mapping

from workbench.errors import OperatorError
from workbench.local_dev.model import Build, ClickHouse, Mailbox, MySql, Port, Redis, Schema, Store
from workbench.program import OtherStack
from zelly_components.limits.aurora_parameters import cluster_parameters
from zelly_components.limits.redis_engines import PARAMETERS
from zelly_infra import catalog
from zelly_infra.local_dev.values import USER
from zelly_infra.surroundings import SCHEMAS

_NAMES: Mapping[catalog.Store, str] = {
    catalog.Store.AURORA: "mysql",
    catalog.Store.REDIS: "redis",
    catalog.Store.CLICKHOUSE: "clickhouse",
}

# "Document history for the Aurora MySQL Release Notes", AWS: the community's release that each is compatible with.
_MYSQL_RELEASES: Mapping[str, str] = {
    "8.0.mysql_aurora.3.04": "8.0.28",
    "8.0.mysql_aurora.3.08": "8.0.39",
    "8.0.mysql_aurora.3.09": "8.0.40",
    "8.0.mysql_aurora.3.10": "8.0.42",
    "8.0.mysql_aurora.3.12": "8.0.44",
}

_REDIS_IMAGES: Mapping[str, str] = {
    # "ElastiCache v7.1 is compatible with Redis OSS v7.0" ("Supported engine versions", ElastiCache User Guide).
    "redis 7.0": "docker.io/library/redis:7.0.15",
    "redis 7.1": "docker.io/library/redis:7.0.15",
    "valkey 7.2": "docker.io/valkey/valkey:7.2.11",
    "valkey 8.0": "docker.io/valkey/valkey:8.0.6",
}
"""By engine and version of ElastiCache's."""

_MAILBOX_IMAGE = "docker.io/axllent/mailpit:v1.33.1"

_STATEMENTS = Build(repository="store-events-consumer", folder="docker/clickhouse/init")


def stores(stack: OtherStack) -> tuple[Store, ...]:
    """Return the stores, in the order of the compose file.

    Raises:
        OperatorError: when the stack has a release that no image is known of.
    """
    return (_mysql(stack), _redis(stack), _clickhouse(stack), _mailbox())


def names(needed: Iterable[catalog.Store]) -> tuple[str, ...]:
    """Return the names of stores of the catalog."""
    return tuple(name for store, name in _NAMES.items() if store in set(needed))


def _mysql(stack: OtherStack) -> MySql:
    version = str(stack.value("aurora.engine_version"))
    release = _known(stack, "aurora.engine_version", version.rpartition(".")[0], _MYSQL_RELEASES)
    return MySql(
        name="mysql",
        purpose="MySQL, in the place of Aurora.",
        image=f"docker.io/library/mysql:{release}",
        memory_mib=1024,
        ports=_ports(MySql.port),
        user=USER,
        schemas=tuple(Schema(name=schema.name, owner=schema.used_by[0]) for schema in SCHEMAS),
        settings=cluster_parameters(pauses=stack.value("aurora.minimum_capacity_acu") == 0),
    )


def _redis(stack: OtherStack) -> Redis:
    engine, version = str(stack.value("redis.engine")), str(stack.value("redis.engine_version"))
    return Redis(
        name="redis",
        engine=engine,
        purpose=f"{engine.capitalize()}, in the place of ElastiCache: BullMQ's queues and caches.",
        image=_known(stack, "redis.engine_version", f"{engine} {version}", _REDIS_IMAGES),
        memory_mib=512,
        data_memory_mib=256,
        ports=_ports(Redis.port),
        settings=PARAMETERS,
    )


def _clickhouse(stack: OtherStack) -> ClickHouse:
    return ClickHouse(
        name="clickhouse",
        purpose="ClickHouse, as on its host: analytics.",
        image=str(stack.value("clickhouse.image")),
        memory_mib=int(stack.value("clickhouse.instance_memory_mib")),
        ports=_ports(ClickHouse.http_port, ClickHouse.native_port),
        user=str(stack.value("clickhouse.username")),
        statements=_STATEMENTS,
    )


def _mailbox() -> Mailbox:
    return Mailbox(
        name="mailpit",
        purpose="Keeps mail that is sent to it, and shows it on a page. Nothing leaves the machine.",
        image=_MAILBOX_IMAGE,
        memory_mib=128,
        ports=_ports(Mailbox.smtp_port, Mailbox.http_port),
    )


def _ports(*numbers: int) -> tuple[Port, ...]:
    return tuple(Port(container=number, published=number) for number in numbers)


def _known(stack: OtherStack, setting: str, wanted: str, known: Mapping[str, str]) -> str:
    if wanted not in known:
        raise OperatorError(
            f"{stack.source}: {setting}: came {stack.value(setting)}, of which no image is known to run on a "
            f"developer's machine; allowed: {', '.join(known)}, or a row for it in {__name__}"
        )
    return known[wanted]
