"""The server of a ClickHouse host, with the credentials that the program keeps for it."""

from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.clickhouse.server import ClickHouseServer, Credentials
from workbench.errors import OperatorError
from workbench.stores import ClickHouseHost

_KEYS = ("CLICKHOUSE_HOST", "CLICKHOUSE_PORT", "CLICKHOUSE_USER", "CLICKHOUSE_PASSWORD")


def clickhouse_server(
    store: ClickHouseHost, secrets: SecretsManager, url: str | None = None, *, patience_seconds: float | None = None
) -> ClickHouseServer:
    """Return the server at ``url``, or else at the address that the program keeps with its credentials.

    Raises:
        OperatorError: when the secret has no credentials, or ``url`` another form.
    """
    values = secrets.values_of(store.secret) or {}
    if missing := [key for key in _KEYS if not values.get(key)]:
        raise OperatorError(f"secret {store.secret}: {', '.join(missing)} missing; `pulumi up` writes it")
    return ClickHouseServer(
        url or f"http://{values['CLICKHOUSE_HOST']}:{values['CLICKHOUSE_PORT']}",
        Credentials(user=str(values["CLICKHOUSE_USER"]), password=str(values["CLICKHOUSE_PASSWORD"])),
        patience_seconds=patience_seconds,
    )
