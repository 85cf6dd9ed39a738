"""One embedded AWS for all tests of it, and resources registered in it as the monitor registers them.

Starting one takes longer than a module's tests. A test that needs an empty account starts its own.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from workbench.evaluate import Created, Invocation, Registration
from workbench.sandbox.embedded import EmbeddedAws
from workbench.sandbox.stored import Stored

REGION = "eu-west-1"
DEFAULT_TAGS = {"Project": "shop"}


class Sandbox:
    """An embedded AWS, a provider in one region with default tags, and boto3 to read back what was made."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self._backend = aws.backend()
        self._provider_inputs = {"region": REGION, "defaultTags": json.dumps({"tags": DEFAULT_TAGS})}
        self._stored: dict[tuple[str, str], Stored] = {}

    def create(self, type_token: str, name: str, /, **inputs: Any) -> Created:
        """Register a resource with its inputs in the provider's own names."""
        created = self._backend.create(
            Registration(
                urn=f"urn:pulumi:test::test::{type_token}::{name}",
                type=type_token,
                name=name,
                inputs=inputs,
                provider_inputs=self._provider_inputs,
            )
        )
        self._stored[type_token, name] = Stored(
            type=type_token,
            name=name,
            id=created.id,
            inputs=inputs,
            outputs={**inputs, **created.outputs},
            provider_inputs=self._provider_inputs,
        )
        return created

    def update(self, type_token: str, name: str, /, **inputs: Any) -> Mapping[str, Any]:
        """Change what was created under this name to these inputs (all of them), and return the new outputs."""
        stored = self._stored[type_token, name]
        outputs = self._backend.update(stored, inputs)
        self._stored[type_token, name] = replace(stored, inputs=inputs, outputs={**stored.outputs, **inputs, **outputs})
        return outputs

    def delete(self, type_token: str, name: str, /) -> None:
        """Delete what was created under this name."""
        self._backend.delete(self._stored[type_token, name])

    def read(self, type_token: str, name: str, /) -> Mapping[str, Any] | None:
        """Return which inputs of what was created under this name are others now; None when it is gone."""
        stored = self._stored[type_token, name]
        found = self._backend.read(type_token, stored.id, self._provider_inputs, stored=stored)
        if found is None:
            return None
        return {name: value for name, value in found.inputs.items() if stored.inputs.get(name) != value}

    def invoke(self, token: str, /, **arguments: Any) -> Mapping[str, Any]:
        """Call a provider function."""
        return self._backend.invoke(Invocation(token=token, args=arguments, provider_inputs=self._provider_inputs))

    def client(self, service: str, region: str = REGION) -> Any:
        """Return a boto3 client of the embedded AWS."""
        return self.aws.clients.get(service, region)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with EmbeddedAws.start() as aws:
        yield Sandbox(aws)


def tags_of(listed: list[dict[str, str]]) -> dict[str, str]:
    """Return AWS's list of keys and values as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in listed}
