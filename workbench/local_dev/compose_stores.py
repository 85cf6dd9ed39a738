"""The stores in the compose file: a function for each kind."""

from collections.abc import Callable, Mapping
from typing import Any

from workbench.local_dev.compose_parts import (
    Service,
    certificate_mounts,
    command,
    environment_files,
    health_check,
    limits,
    mount,
    ports,
    volume,
)
from workbench.local_dev.model import MOUNTED_AUTHORITY, ClickHouse, HealthCheck, Mailbox, MySql, Redis, Store
from workbench.local_dev.yaml_text import Commented

RESTART = "on-failure:5"
"""As CIS's Docker benchmark has it. One that fails again and again ends, and compose stops to wait and names it; with
``unless-stopped`` both would go on for ever, and everything would start whenever Docker does."""


def store_service(store: Store) -> Service:
    """Return a store's service."""
    return {
        "image": store.image,
        **environment_files(store),
        **_KINDS[type(store)](store),
        **ports(store),
        "restart": RESTART,
        **limits(store),
    }


def volumes_of(store: Store) -> list[str]:
    """Return the names of the volumes that hold a store's data."""
    return [] if isinstance(store, Mailbox) else [_volume(store)]


def _volume(store: Store) -> str:
    return f"{store.name}-data"


def _mysql(store: Any) -> Service:
    assert isinstance(store, MySql)  # noqa: S101 (the table says so)
    client = (
        'MYSQL_PWD="$MYSQL_PASSWORD" exec mysql --protocol=tcp --host=127.0.0.1 --user="$MYSQL_USER" '
        f"--ssl-mode=VERIFY_CA --ssl-ca={MOUNTED_AUTHORITY} --database={store.schemas[-1].name} --execute='SELECT 1'"
    )
    return {
        "volumes": [
            volume(_volume(store), "/var/lib/mysql"),
            mount(f"{store.name}/server.cnf", "/etc/mysql/conf.d/server.cnf"),
            mount(f"{store.name}/init.sql", "/docker-entrypoint-initdb.d/init.sql"),
            *certificate_mounts(store),
        ],
        "healthcheck": Commented(
            health_check(HealthCheck(command=("CMD-SHELL", client), interval_seconds=10, start_period_seconds=120)),
            "While it sets itself up, the image runs a server that a ping takes for the real one (docker-library/"
            "mysql#930).\nThat one has no TCP, and not yet the schema that init.sql makes last.",
        ),
    }


def _redis(store: Any) -> Service:
    assert isinstance(store, Redis)  # noqa: S101
    # The last argument is the standard input: so the password is in no command line and in no file.
    server = f'exec {store.engine}-server /usr/local/etc/redis/redis.conf - <<END\nrequirepass "$REDIS_PASSWORD"\nEND\n'
    client = (
        f'REDISCLI_AUTH="$REDIS_PASSWORD" {store.engine}-cli --tls --cacert {MOUNTED_AUTHORITY} '
        f"-h localhost -p {store.port} ping | grep -q PONG"
    )
    return {
        "user": Commented(store.engine, "The image changes to this user only if it starts the server itself."),
        "command": Commented(
            command("sh", "-c", server), "The password is read from the standard input: no list of processes shows it."
        ),
        "volumes": [
            volume(_volume(store), "/data"),
            mount(f"{store.name}/redis.conf", "/usr/local/etc/redis/redis.conf"),
            *certificate_mounts(store),
        ],
        "healthcheck": health_check(
            HealthCheck(command=("CMD-SHELL", client), interval_seconds=10, start_period_seconds=30)
        ),
    }


def _clickhouse(store: Any) -> Service:
    assert isinstance(store, ClickHouse)  # noqa: S101
    # The client takes user and password from the variables that the image makes the user of.
    client = ("clickhouse-client", "--host", "127.0.0.1", "--query", "SELECT 1")
    return {
        "volumes": [
            volume(_volume(store), "/var/lib/clickhouse"),
            mount(f"{store.name}/server.xml", "/etc/clickhouse-server/config.d/server.xml"),
            mount(f"{store.name}/users.xml", "/etc/clickhouse-server/users.d/users.xml"),
        ],
        "ulimits": Commented(
            {"nofile": {"soft": 262144, "hard": 262144}}, "It keeps a file open for each part of a column."
        ),
        "healthcheck": health_check(HealthCheck(command=("CMD", *client), interval_seconds=10)),
    }


def _mailbox(_store: Any) -> Service:
    check = HealthCheck(command=("CMD", "/mailpit", "readyz"), interval_seconds=10, start_period_seconds=15)
    return {
        "environment": Commented(
            {"MP_SMTP_AUTH_ACCEPT_ANY": "1", "MP_SMTP_AUTH_ALLOW_INSECURE": "1"},
            "A client that signs in is let in, whatever its name and password.",
        ),
        "healthcheck": health_check(check),
    }


_KINDS: Mapping[type[Store], Callable[[Any], Service]] = {
    MySql: _mysql,
    Redis: _redis,
    ClickHouse: _clickhouse,
    Mailbox: _mailbox,
}
