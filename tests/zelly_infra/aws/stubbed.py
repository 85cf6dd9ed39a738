"""A connection whose clients answer what a test says, call by call, and nothing else."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import boto3
from botocore.stub import Stubber

from zelly_infra.aws.connection import Connection


class StubbedConnection:
    """Hands out one client of each service, the same one for repeatable and other calls."""

    def __init__(self) -> None:
        self._session: Any = boto3.session.Session(
            region_name="ap-south-1", aws_access_key_id="nobody", aws_secret_access_key="nothing"
        )
        self._clients: dict[str, Any] = {}
        self._stubbers: dict[str, Stubber] = {}

    def client(self, service: str, *, repeatable: bool = True) -> Any:
        assert repeatable in {True, False}
        if service not in self._clients:
            self._clients[service] = self._session.client(service)
            self._stubbers[service] = Stubber(self._clients[service])
            self._stubbers[service].activate()
        return self._clients[service]

    def stubber(self, service: str) -> Stubber:
        self.client(service)
        return self._stubbers[service]

    def nothing_left(self) -> None:
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()


@contextmanager
def stubbed() -> Generator[tuple[Connection, StubbedConnection]]:
    """Yield a connection for a wrapper and the same for the test; at the end every answer has been fetched."""
    connection = StubbedConnection()
    yield cast(Connection, connection), connection
    connection.nothing_left()
