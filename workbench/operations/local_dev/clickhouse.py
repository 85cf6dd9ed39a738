"""The ClickHouse server on a developer's machine, with the credentials of its environment file."""

from pathlib import Path

from workbench.clickhouse.server import ClickHouseServer, Credentials
from workbench.errors import OperatorError
from workbench.local_dev.model import FOLDER, ClickHouse, LocalPlatform, environment_file
from workbench.operations.local_dev.variables import assignments, read_lines
from workbench.words import command

_PASSWORD = "CLICKHOUSE_PASSWORD"  # noqa: S105 (a name)


def local_clickhouse(platform: LocalPlatform, root: Path, url: str | None = None) -> ClickHouseServer:
    """Return the server at ``url``, or else at the port that it publishes.

    Raises:
        OperatorError: when the platform has none, its file has no password, or ``url`` another form.
    """
    server = next(iter(platform.stores_of(ClickHouse)), None)
    if server is None:
        raise OperatorError(f"{platform.name}: it has no ClickHouse on this machine")
    source = f"{FOLDER}/{environment_file(server.name)}"
    found = {each.name: each.value for each in assignments(source, read_lines(root / source) or [])}
    if not found.get(_PASSWORD):
        raise OperatorError(f"{source}: {_PASSWORD} missing; next: {command('dev env')}")
    user = found.get("CLICKHOUSE_USER") or server.user
    port = next(port.published for port in server.ports if port.container == ClickHouse.http_port)
    return ClickHouseServer(url or f"http://127.0.0.1:{port}", Credentials(user=user, password=found[_PASSWORD]))
