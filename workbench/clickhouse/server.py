"""A ClickHouse server over HTTP (ClickHouse documentation, "HTTP Interface")."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from workbench.errors import OperatorError

_CONNECT_TIMEOUT_SECONDS = 5
_STATEMENT_TIMEOUT_SECONDS = 600
"""A statement may build a whole table."""

_SESSION_TIMEOUT_SECONDS = 600


class StatementError(OperatorError):
    """ClickHouse's refusal of a statement: nothing of it was carried out but what its message tells."""


class UnreachableError(OperatorError):
    """No connection came about, so that nothing was carried out."""


class LostError(OperatorError):
    """No answer came to what was sent: whether it was carried out is not known."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A user of the server's. Sent in headers: an address would stand in access logs."""

    user: str
    password: str = field(repr=False)


class ClickHouseServer:
    """One server, asked without ever repeating a request: a statement is carried out once or not at all."""

    def __init__(self, url: str, credentials: Credentials, *, patience_seconds: float | None = None) -> None:
        """Take the address, e.g. ``http://10.0.128.5:8123``.

        ``patience_seconds`` is how long is waited for a connection and for an answer; without it five seconds, and as
        long as a statement may take.

        Raises:
            OperatorError: for an address of another form.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise OperatorError("--url: allowed: http://HOST:PORT or https://HOST:PORT, without user and password")
        self.url = url.rstrip("/")
        self._headers = {"X-ClickHouse-User": credentials.user, "X-ClickHouse-Key": credentials.password}
        self._pool = urllib3.PoolManager(
            retries=False,
            timeout=urllib3.Timeout(
                connect=patience_seconds or _CONNECT_TIMEOUT_SECONDS,
                read=patience_seconds or _STATEMENT_TIMEOUT_SECONDS,
            ),
        )

    def version(self) -> str:
        """Return the server's version, which also tells that it is reached and takes the credentials."""
        return self._ask({}, "SELECT version()").strip()

    def execute(self, statement: str, *, session: str) -> None:
        """Carry out one statement. Those of one ``session`` share what USE and SET change."""
        self._ask({"session_id": session, "session_timeout": str(_SESSION_TIMEOUT_SECONDS)}, statement)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query, whole numbers of 64 bits as text."""
        return [json.loads(line) for line in self._ask({}, f"{query} FORMAT JSONEachRow").splitlines()]

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows; the values travel as data, so that nothing in them can become SQL."""
        data = "\n".join(json.dumps(row) for row in rows)
        self._ask({"query": f"INSERT INTO {table} FORMAT JSONEachRow"}, data)

    def _ask(self, parameters: Mapping[str, str], body: str) -> str:
        try:
            answer = self._pool.request(
                "POST", f"{self.url}/?{urlencode(parameters)}", body=body.encode(), headers=self._headers
            )
        except (NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise UnreachableError(f"ClickHouse at {self.url}: {_cause(error)}") from None
        except (HTTPError, MaxRetryError) as error:
            raise LostError(f"ClickHouse at {self.url}: {_cause(error)}") from None
        text = answer.data.decode(errors="replace")
        if answer.status != 200 or "X-ClickHouse-Exception-Code" in answer.headers:
            raise StatementError(f"ClickHouse at {self.url}: {_complaint(text) or f'HTTP {answer.status}'}")
        return text


def _cause(error: Exception) -> str:
    # urllib3 puts the connection before what happened, and an exception of Python's behind it.
    return re.sub(r"^\w+\(host=[^)]*\): ", "", str(error.args[0])) or type(error).__name__


def _complaint(text: str) -> str:
    """Return ClickHouse's message as one line, without its own preamble and version."""
    line = " ".join(text.split())
    line = re.sub(r"^Code: (\d+)(?:, e\.displayText\(\) = |\. )DB::Exception: ", r"code \1: ", line)
    return re.sub(r"(?: \(version .*\)|, e\.what\(\) = .*)$", "", line)[:1000].rstrip(" ,.")
