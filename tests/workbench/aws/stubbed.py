"""A connection whose clients answer what a test says, call by call, and nothing else."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from botocore.stub import Stubber

from workbench.aws.shared.connection import Connection


class StubbedConnection(Connection):
    """Tells requests that may be made again by themselves from the others: each kind has its own client of a service.

    botocore checks requests and answers against its model.
    """

    def __init__(self) -> None:
        super().__init__("ap-south-1")
        self._stubbers: dict[tuple[str, bool], Stubber] = {}

    def client(self, service: str, *, repeatable: bool = True) -> Any:
        """Return one of a service's two clients."""
        return self._stubber(service, repeatable=repeatable).client

    def repeatable(self, service: str) -> Stubber:
        """Return what expects the requests that may be made again."""
        return self._stubber(service, repeatable=True)

    def once(self, service: str) -> Stubber:
        """Return what expects the others."""
        return self._stubber(service, repeatable=False)

    def assert_all_asked(self) -> None:
        """Check that every expected request came."""
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()

    def _stubber(self, service: str, *, repeatable: bool) -> Stubber:
        key = service, repeatable
        if key not in self._stubbers:
            self._stubbers[key] = Stubber(super().client(service, repeatable=repeatable))
            self._stubbers[key].activate()
        return self._stubbers[key]


@contextmanager
def stubbed() -> Generator[StubbedConnection]:
    """Yield a connection for a wrapper; at the end every answer has been fetched."""
    connection = StubbedConnection()
    yield connection
    connection.assert_all_asked()
