"""The arguments of a row's functions: a resource that is being made, one that is made, and one of an earlier run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from workbench.sandbox.clients import Clients
from workbench.sandbox.errors import AwsRefusalError, SandboxError


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
    leave_out: Callable[[str, SandboxError], None] | None = None
    """Notes a property that the made resource goes without: an input whose step was refused, or an output that is not
    answered. None: the resource fails with it."""

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

    def input_shape(self, service: str, operation: str) -> Any:
        """Return botocore's shape of an operation's parameters."""
        meta = self.clients.get(service, self.region).meta
        return meta.service_model.operation_model(meta.method_to_api_mapping[operation]).input_shape

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something in the resource's region and account."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"


@dataclass(frozen=True, kw_only=True)
class Made(Making):
    """A resource after its operation."""

    id: str
    result: Mapping[str, Any] = field(repr=False)
    """The structure of the response that the row's ``result`` names."""


@dataclass(frozen=True, kw_only=True)
class Existing(Made):
    """A resource that was made in an earlier run and is now changed or deleted; ``result`` is empty.

    ``inputs`` are those that the program gives now, with the physical name of the state filled in; on deletion they are
    those of the state.
    """

    old_inputs: Mapping[str, Any] = field(repr=False)
    """The inputs that it was last made or changed with."""
    outputs: Mapping[str, Any] = field(repr=False)
    """The state: every property, in the provider's own names."""
