"""What a row's functions work with: one resource on its way, and one that is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from zelly_infra.sandbox.clients import Clients
from zelly_infra.sandbox.errors import AwsRefusalError


@dataclass(frozen=True, kw_only=True)
class Making:
    """A resource that is being made, or a provider function that is being answered."""

    name: str
    """The logical name; empty for a function."""
    inputs: Mapping[str, Any] = field(repr=False)
    """The inputs, with the physical name filled in."""
    tags: Mapping[str, str]
    """Its own tags and the provider's default ones."""
    default_tags: Mapping[str, str]
    """The provider's part of ``tags``, for what a resource makes on its side."""
    region: str
    account_id: str
    service: str | None
    clients: Clients = field(repr=False)

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:
        """Call an operation of the row's service in the resource's region.

        Raises:
            AwsRefusalError: when the API refuses it.
        """
        return self.call_on(self.service or "", operation, **parameters)

    def call_on(self, service: str, operation: str, /, **parameters: Any) -> dict[str, Any]:
        """Call an operation of another service, as :meth:`call` does."""
        client = self.clients.get(service, self.region)
        try:
            return getattr(client, operation)(**parameters)
        except ClientError as error:
            raise AwsRefusalError.of(error) from error
        except BotoCoreError as error:
            raise AwsRefusalError.before_the_service(error, operation=operation) from error

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something in the resource's region and account."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"


@dataclass(frozen=True, kw_only=True)
class Made(Making):
    """A resource after its operation."""

    id: str
    result: Mapping[str, Any] = field(repr=False)
    """The structure of the response that the row's ``result`` names."""
