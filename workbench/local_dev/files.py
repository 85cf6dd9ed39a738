"""Every committed file of ``local-dev/``, by its path there."""

from collections.abc import Iterator, Mapping

from workbench.local_dev.caddyfile import caddyfile
from workbench.local_dev.compose import compose_file
from workbench.local_dev.environment import environment_example_text
from workbench.local_dev.model import ClickHouse, LocalPlatform, MySql, Redis, environment_example
from workbench.local_dev.readme import readme
from workbench.local_dev.stores import (
    clickhouse_settings,
    clickhouse_users,
    mysql_schemas,
    mysql_settings,
    redis_settings,
)

_COMMENTS: Mapping[str, tuple[str, str]] = {".sql": ("-- ", ""), ".xml": ("<!-- ", " -->"), ".md": ("<!-- ", " -->")}
"""How a comment begins and ends, by the file's ending; ``#`` everywhere else."""


def files(platform: LocalPlatform) -> Mapping[str, str]:
    """Return the texts of all files."""
    return {path: _marked(platform, path, text) for path, text in _files(platform)}


def _files(platform: LocalPlatform) -> Iterator[tuple[str, str]]:
    yield "compose.yaml", compose_file(platform)
    yield "README.md", readme(platform)
    yield "Caddyfile", caddyfile(platform)
    for server in platform.stores_of(MySql):
        yield f"{server.name}/server.cnf", mysql_settings(server)
        yield f"{server.name}/init.sql", mysql_schemas(server)
    for server in platform.stores_of(Redis):
        yield f"{server.name}/redis.conf", redis_settings(server)
    for server in platform.stores_of(ClickHouse):
        yield f"{server.name}/server.xml", clickhouse_settings(server)
        yield f"{server.name}/users.xml", clickhouse_users(server)
    for part in platform.parts:
        if part.variables:
            yield environment_example(part.name), environment_example_text(platform, part)


def mark(platform: LocalPlatform) -> str:
    """Return the words that the first line of each file has."""
    return f"Written by `{platform.name} dev write`"


def _marked(platform: LocalPlatform, path: str, text: str) -> str:
    begin, end = next((marks for ending, marks in _COMMENTS.items() if path.endswith(ending)), ("# ", ""))
    return f"{begin}{mark(platform)}: what is changed here is lost.{end}\n{text}"
