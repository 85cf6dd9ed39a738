"""A connection that tells requests that may be repeated from those that may not."""

from typing import Any

from botocore.stub import Stubber

from zelly_infra.aws.connection import Connection


class ExpectingConnection(Connection):
    """A connection whose clients ask nobody; botocore checks requests and answers against its model."""

    def __init__(self, service: str) -> None:
        super().__init__("ap-south-1")
        self._service = service
        self.repeatable = self._stubber()
        """Expects the requests that may be made again by themselves."""
        self.once = self._stubber()
        """Expects the others."""

    def client(self, service: str, *, repeatable: bool = True) -> Any:
        """Return one of the two clients."""
        assert service == self._service
        return (self.repeatable if repeatable else self.once).client

    def assert_all_asked(self) -> None:
        """Check that every expected request came."""
        self.repeatable.assert_no_pending_responses()
        self.once.assert_no_pending_responses()

    def _stubber(self) -> Stubber:
        stubber = Stubber(super().client(self._service))
        stubber.activate()
        return stubber
