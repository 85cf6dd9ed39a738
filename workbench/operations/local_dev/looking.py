"""Commands that hand the terminal over to a container: its output, a shell, a client of a database."""

import shlex
from collections.abc import Iterator, Sequence

from workbench.errors import OperatorError
from workbench.local_dev.model import AUTHORITY, CERTIFICATES, LocalPlatform, MySql
from workbench.operations.local_dev.docker import Compose
from workbench.words import command


def check_running(compose: Compose, name: str) -> None:
    """Refuse a container that nobody can enter.

    Raises:
        OperatorError: when it does not run.
    """
    state = next((state for state in compose.states() if state.service == name), None)
    if state is None or not state.is_running:
        became = "not started" if state is None else state.words
        raise OperatorError(f"{name}: {became}; next: {command('dev up', name)}")


def container_names(platform: LocalPlatform) -> Iterator[str]:
    """Yield the names of all containers, also of those that migrate."""
    for part in platform.parts:
        yield part.name
    yield from (each.migration_name for each in platform.applications if each.migration is not None)


def check_containers(platform: LocalPlatform, names: Sequence[str]) -> None:
    """Refuse names of no container.

    Raises:
        OperatorError: for each of them.
    """
    allowed = tuple(container_names(platform))
    for name in names:
        if name not in allowed:
            raise OperatorError(f"service: came {name}; allowed: {', '.join(allowed)}")


def logs_arguments(names: Sequence[str], *, follow: bool, lines: int | None) -> list[str]:
    """Return the arguments with which compose shows what containers have written."""
    tail = [] if lines is None else ["--tail", str(lines)]
    return ["logs", *(["--follow"] if follow else []), *tail, *names]


def shell_arguments(name: str, *, has_terminal: bool) -> list[str]:
    """Return the arguments with which compose opens a shell; every image with a shell has this one."""
    return ["exec", *_no_terminal(has_terminal=has_terminal), name, "sh"]


def sql_arguments(server: MySql, schema: str | None, *, has_terminal: bool) -> list[str]:
    """Return the arguments with which compose starts MySQL's client, as the applications' user.

    The password is the container's own variable: it stands in no argument, neither here nor in the container.
    """
    client = f"mysql --protocol=tcp --host=127.0.0.1 --user={shlex.quote(server.user)}"
    authority = f"/{CERTIFICATES}/{AUTHORITY}.pem"
    script = f'MYSQL_PWD="$MYSQL_PASSWORD" exec {client} --ssl-mode=VERIFY_CA --ssl-ca={authority} "$@"'
    words = [server.name, "sh", "-c", script, "mysql", *([schema] if schema else [])]
    return ["exec", *_no_terminal(has_terminal=has_terminal), *words]


def _no_terminal(*, has_terminal: bool) -> list[str]:
    return [] if has_terminal else ["--no-TTY"]


def server_of(platform: LocalPlatform, schema: str | None) -> MySql:
    """Return the server that has a schema.

    Raises:
        OperatorError: when the platform has no server, or no such schema.
    """
    servers = platform.stores_of(MySql)
    if not servers:
        raise OperatorError(f"{platform.name}: it has no MySQL")
    allowed = [each.name for each in platform.schemas]
    if schema is not None and schema not in allowed:
        raise OperatorError(f"schema: came {schema}; allowed: {', '.join(allowed)}")
    return next(server for server in servers if schema is None or schema in {each.name for each in server.schemas})
