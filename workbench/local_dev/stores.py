"""The files that configure the stores."""

from collections.abc import Iterator

from workbench.local_dev.model import AUTHORITY, CERTIFICATES, ClickHouse, MySql, Redis

_MIB = 1024 * 1024


def mysql_settings(server: MySql) -> str:
    """Return ``server.cnf``: the settings of its parameter group, and its certificate."""
    certificates = {
        "ssl_ca": f"/{CERTIFICATES}/{AUTHORITY}.pem",
        "ssl_cert": f"/{CERTIFICATES}/{server.name}.pem",
        "ssl_key": f"/{CERTIFICATES}/{server.name}.key",
    }
    lines = [f"{name} = {value}" for name, value in {**server.settings, **certificates}.items()]
    return "\n".join(("[mysqld]", *lines, ""))


def mysql_schemas(server: MySql) -> str:
    """Return ``init.sql``: the schemas, which the applications' user gets whole, and nothing else.

    It may be applied again: a volume that is older than a schema lacks it.
    """
    return "\n".join(_statements(server))


def _statements(server: MySql) -> Iterator[str]:
    character_set, collation = server.settings["character_set_server"], server.settings["collation_server"]
    yield f"-- The image has made the user {server.user} already, with the password of its environment."
    for schema in server.schemas:
        yield f"\nCREATE SCHEMA IF NOT EXISTS `{schema.name}` CHARACTER SET {character_set} COLLATE {collation};"
        yield f"GRANT ALL PRIVILEGES ON `{schema.name}`.* TO '{server.user}'@'%';"
    yield ""


def redis_settings(server: Redis) -> str:
    """Return ``redis.conf``: the settings of its parameter group, and TLS alone."""
    settings = {
        "port": "0",
        "tls-port": str(server.port),
        "tls-ca-cert-file": f"/{CERTIFICATES}/{AUTHORITY}.pem",
        "tls-cert-file": f"/{CERTIFICATES}/{server.name}.pem",
        "tls-key-file": f"/{CERTIFICATES}/{server.name}.key",
        "tls-auth-clients": "no",
        "dir": "/data",
        "appendonly": "yes",
        "maxmemory": f"{server.data_memory_mib}mb",
        **server.settings,
    }
    return "\n".join((*(f"{name} {value}" for name, value in settings.items()), ""))


def clickhouse_settings(server: ClickHouse) -> str:
    """Return ``server.xml``: within the container's memory, and without tables of its own that grow."""
    memory = server.memory_mib * 3 // 4 * _MIB
    removed = (
        "asynchronous_metric_log",
        "metric_log",
        "processors_profile_log",
        "query_thread_log",
        "text_log",
        "trace_log",
    )
    return "\n".join(
        (
            "<clickhouse>",
            f"    <max_server_memory_usage>{memory}</max_server_memory_usage>",
            "    <!-- Its own default is 5 GiB. -->",
            f"    <mark_cache_size>{memory // 8}</mark_cache_size>",
            *(f'    <{name} remove="1"/>' for name in ("mysql_port", "postgresql_port", *removed)),
            "    <logger>",
            "        <level>information</level>",
            "        <console>1</console>",
            '        <log remove="1"/>',
            '        <errorlog remove="1"/>',
            "    </logger>",
            "    <query_log><ttl>event_date + INTERVAL 14 DAY DELETE</ttl></query_log>",
            "    <part_log><ttl>event_date + INTERVAL 14 DAY DELETE</ttl></part_log>",
            "</clickhouse>",
            "",
        )
    )


def clickhouse_users(server: ClickHouse) -> str:
    """Return ``users.xml``: limits of one query. The image makes the user from its environment."""
    memory = server.memory_mib * 3 // 8 * _MIB
    return "\n".join(
        (
            "<clickhouse>",
            "    <profiles>",
            "        <default>",
            f"            <max_memory_usage>{memory}</max_memory_usage>",
            f"            <max_bytes_before_external_group_by>{memory // 2}</max_bytes_before_external_group_by>",
            f"            <max_bytes_before_external_sort>{memory // 2}</max_bytes_before_external_sort>",
            "        </default>",
            "    </profiles>",
            "</clickhouse>",
            "",
        )
    )
