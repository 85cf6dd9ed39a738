"""Another emulator of AWS on this machine, such as LocalStack or MiniStack, that makes what the table has rows for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from workbench.evaluate import Created, Invocation, RecordedResource, Registration, SymbolicBackend
from workbench.evaluate.secret_values import hidden_texts, without
from workbench.sandbox.backend import EmbeddedBackend
from workbench.sandbox.clients import Clients
from workbench.sandbox.errors import AwsRefusalError, SandboxError

_ANY_REGION = "us-east-1"
"""STS answers alike in all of them."""


class Emulator:
    """A running emulator, which whoever started it ends."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        self.clients = Clients(endpoint_url)
        self.account_id = self._account_id()

    def backend(self, *, region: str) -> "PartialBackend":
        """Return the evaluation backend that makes here what the emulator can make."""
        return PartialBackend(self.clients, account_id=self.account_id, region=region)

    def count_tagged(self, tags: Mapping[str, str], region: str) -> int:
        """Return how many resources of a region carry all of these tags; 0 where the emulator cannot tell."""
        filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
        if not filters:
            return 0
        try:
            client = self.clients.get("resourcegroupstaggingapi", region)
            pages = client.get_paginator("get_resources").paginate(TagFilters=filters)
            return sum(len(page["ResourceTagMappingList"]) for page in pages)
        except (BotoCoreError, ClientError):
            return 0

    def _account_id(self) -> str:
        try:
            return self.clients.get("sts", _ANY_REGION).get_caller_identity()["Account"]
        except (BotoCoreError, ClientError, KeyError) as error:
            raise SandboxError(f"no AWS answers at {self.endpoint_url}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What an emulator refused of one resource."""

    type: str
    name: str
    error: str
    property: str | None = None
    """The input or output that the resource was made without; None where there is no resource."""


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """What an emulator refused of one stack."""

    missing: tuple[Refusal, ...]
    """The resources that it could not make."""
    left_out: tuple[Refusal, ...]
    """The inputs and outputs that resources were made without."""
    with_placeholders: int
    """How many resources were made with placeholders, since they refer to a missing one."""

    def __bool__(self) -> bool:
        """Tell whether it refused anything."""
        return bool(self.missing or self.left_out)


class PartialBackend:
    """Makes registered resources, and notes what the emulator refuses instead of failing.

    A resource that it refuses gets placeholders for its outputs, as in a plan, so that what refers to it is made too.
    An input that takes an operation of its own is left out where that one is refused, and so is an output that the
    emulator does not tell.
    """

    def __init__(self, clients: Clients, *, account_id: str, region: str) -> None:
        self._missing: dict[str, str] = {}
        self._left_out: list[tuple[str, str, str]] = []
        self._current = ""
        self._symbolic = SymbolicBackend()
        self._backend = EmbeddedBackend(clients, account_id=account_id, region=region, leave_out=self._leave_out)

    def create(self, registration: Registration) -> Created:
        """Make the resource, or return placeholders.

        Raises:
            SandboxError: when the emulator has ended.
        """
        self._current = registration.urn
        try:
            return self._backend.create(registration)
        except SandboxError as error:
            if _is_unanswered(error):
                raise
            self._missing[registration.urn] = str(error)
            return self._symbolic.create(registration)

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        """Return the result of a provider function; the program cannot go on without one.

        Raises:
            FunctionError: for an unknown function, an unknown argument, or whatever the emulator refused.
        """
        return self._backend.invoke(invocation)

    def refusals(self, resources: Collection[RecordedResource]) -> Refusals:
        """Return what the emulator refused of an evaluation's resources; no error repeats a secret."""
        by_urn = {resource.urn: resource for resource in resources}
        missing = [_refusal(by_urn[urn], error) for urn, error in sorted(self._missing.items())]
        left_out = [
            _refusal(by_urn[urn], error, name)
            for urn, name, error in sorted(self._left_out)
            if urn not in self._missing
        ]
        made = [resource for resource in resources if resource.custom and resource.urn not in self._missing]
        return Refusals(
            missing=tuple(missing),
            left_out=tuple(left_out),
            with_placeholders=sum(_refers_to(resource, self._missing) for resource in made),
        )

    def _leave_out(self, name: str, error: SandboxError) -> None:
        if _is_unanswered(error):
            raise error
        self._left_out.append((self._current, name, str(error)))


def _is_unanswered(error: SandboxError) -> bool:
    return isinstance(error, AwsRefusalError) and error.is_unanswered


def _refusal(resource: RecordedResource, error: str, name: str | None = None) -> Refusal:
    secrets = hidden_texts(resource.inputs, resource.plain_inputs)
    return Refusal(type=resource.type, name=resource.name, error=without(error, secrets), property=name)


def _refers_to(resource: RecordedResource, urns: Collection[str]) -> bool:
    return any(urn in urns for dependencies in resource.property_dependencies.values() for urn in dependencies)
