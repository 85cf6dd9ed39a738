"""A connection whose clients a test can get at, to put answers in the place of the embedded AWS's."""

from typing import Any

from workbench.aws.shared.connection import Connection


class WatchedConnection(Connection):
    """A connection that remembers the clients it made, by service and whether they may ask again."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.clients: dict[tuple[str, bool], Any] = {}

    def client(self, service: str, *, repeatable: bool = True) -> Any:
        """Return a client as the real one does."""
        made = super().client(service, repeatable=repeatable)
        self.clients[service, repeatable] = made
        return made
