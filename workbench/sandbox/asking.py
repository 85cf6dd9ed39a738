"""Requests to the embedded AWS's own paths, which take its token."""

import http.client
import json
import threading
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from workbench.sandbox.server import process as server

TIMEOUT_SECONDS = 10


def ask(port: int, token: str, path: str, content: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """Return the server's answer, or None when nothing, or somebody else, is at its port."""
    with closing(_connection(port)) as connection:
        return _answer(connection, token, path, content)


class Asker:
    """Asks many times on one connection, one question after the other from whatever threads."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._lock = threading.Lock()
        self._kept: http.client.HTTPConnection | None = None

    def ask(self, path: str, content: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the server's answer, or None, as :func:`ask` does."""
        with self._lock:
            if self._kept is not None:
                answer = _answer(self._kept, self._token, path, content)
                if answer is not None:
                    return answer
                # The server may have closed it meanwhile.
                self._kept.close()
            self._kept = _connection(self._port)
            return _answer(self._kept, self._token, path, content)


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(server.LOOPBACK, port, timeout=TIMEOUT_SECONDS)


def _answer(
    connection: http.client.HTTPConnection, token: str, path: str, content: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    try:
        body = None if content is None else json.dumps(content)
        connection.request("POST", path, body, headers={server.TOKEN_HEADER: token})
        response = connection.getresponse()
        return json.loads(response.read()) if response.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
