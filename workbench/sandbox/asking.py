"""Requests to the embedded AWS's own paths, which take its token."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

from workbench.sandbox.server import process as server

TIMEOUT_SECONDS = 10


def ask(port: int, token: str, path: str, content: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """Return the server's answer, or None when nothing, or somebody else, is at its port."""
    connection = http.client.HTTPConnection(server.LOOPBACK, port, timeout=TIMEOUT_SECONDS)
    try:
        body = None if content is None else json.dumps(content)
        connection.request("POST", path, body, headers={server.TOKEN_HEADER: token})
        response = connection.getresponse()
        return json.loads(response.read()) if response.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
