"""A stack on the real engine: commands run, and what they say read back."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from ruamel.yaml import YAML

from tests.support.changed_values import with_changes
from workbench.engine.pulumi_cli import EngineSession

_NOTHING_HAPPENS = ("same", "refresh", "read")
AS_IT_WAS_MADE = ("--refresh=false",)
"""Nothing has changed it by hand: reading all of it back takes 3 of a preview's 7 seconds of processor time. What a
refresh reads is seen where a stack that stands, or one that was adopted, has nothing to do."""
_PARTS_OF_A_REPLACEMENT = ("create-replacement", "delete-replaced")


@dataclass(frozen=True)
class Step:
    """What a preview plans for one resource."""

    operation: str
    type: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What ``pulumi preview --json`` says."""

    document: dict[str, Any] = field(repr=False)

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of resources by operation."""
        return self.document["changeSummary"]

    @property
    def steps(self) -> set[Step]:
        """Everything that is done to a resource."""
        return {
            Step(step["op"], *_type_and_name(step["urn"]))
            for step in self.document["steps"]
            if step["op"] not in (*_NOTHING_HAPPENS, *_PARTS_OF_A_REPLACEMENT)
        }

    def inputs(self, name: str, *, operation: str) -> Mapping[str, Any]:
        """Return what a resource is to have."""
        (step,) = (
            step
            for step in self.document["steps"]
            if step["op"] == operation and _type_and_name(step["urn"])[1] == name
        )
        return step["newState"]["inputs"]

    def changed_properties(self, name: str) -> list[str]:
        """Return the paths of the inputs in which an updated resource changes."""
        (step,) = (
            step for step in self.document["steps"] if step["op"] == "update" and _type_and_name(step["urn"])[1] == name
        )
        return sorted(step["detailedDiff"])


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack of the project."""

    name: str
    session: EngineSession
    project: str
    config_key: str
    region: str

    def initialize(self) -> None:
        """Make the stack known to the engine."""
        completed = self.session.run("stack", "init", self.name)
        assert completed.returncode == 0, completed.stderr

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client of the embedded AWS."""
        return self.session.aws.clients.get(service, region or self.region)

    def run(self, *arguments: str) -> "CompletedProcess[str]":
        """Run a command that has to succeed."""
        completed = self.session.run(*arguments, "--stack", self.name)
        assert completed.returncode == 0, (
            f"{' '.join(arguments)}:\n{completed.stdout[-3000:]}{completed.stderr[-3000:]}"
        )
        return completed

    def preview(self, *options: str) -> Preview:
        """Return what an ``up`` would do now."""
        return Preview(document=json.loads(self.run("preview", "--json", *options).stdout))

    def preview_with(self, changes: Mapping[str, Any]) -> Preview:
        """Return what an ``up`` would do with other values in the stack file, of what stands as it was made."""
        with self.stack_file(changes):
            return self.preview(*AS_IT_WAS_MADE)

    def diff_with(self, changes: Mapping[str, Any]) -> str:
        """Return what an operator sees who asks for the details of a change of what stands as it was made."""
        with self.stack_file(changes):
            return self.run("preview", "--diff", *AS_IT_WAS_MADE).stdout

    @contextmanager
    def stack_file(self, changes: Mapping[str, Any]) -> Generator[None]:
        """Let the stack file have other values in the block."""
        path = self.session.folder / f"Pulumi.{self.name}.yaml"
        text = path.read_text()
        document: Any = YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
        with_changes(document["config"][self.config_key], changes)
        path.write_text(json.dumps(document))  # JSON is YAML, too
        try:
            yield
        finally:
            path.write_text(text)

    @property
    def state(self) -> dict[str, Any]:
        """What the engine knows of the stack, as it is stored."""
        return json.loads(self.state_file.read_text())["checkpoint"]["latest"]

    @property
    def ids(self) -> Mapping[str, str | None]:
        """The id of everything that the engine knows of, by URN; components have none."""
        return {resource["urn"]: resource.get("id") for resource in self.state.get("resources", [])}

    @property
    def state_file(self) -> Path:
        """The file backend's state."""
        backend = Path(self.session.environment["PULUMI_BACKEND_URL"].removeprefix("file://"))
        return backend / ".pulumi" / "stacks" / self.project / f"{self.name}.json"

    @cached_property
    def secret_values(self) -> Mapping[str, str]:
        """Every value that lies in Secrets Manager, by ``secret.key``; what is empty or no secret is left out."""
        client = self.client("secretsmanager")
        names = [
            item["Name"] for page in client.get_paginator("list_secrets").paginate() for item in page["SecretList"]
        ]
        documents = {name: json.loads(client.get_secret_value(SecretId=name)["SecretString"]) for name in names}
        return {
            f"{name}.{key}": value
            for name, document in documents.items()
            for key, value in document.items()
            if value and key.endswith(("PASSWORD", "PRIVATE_KEY", "TOKEN", "private_key"))
        }


def _type_and_name(urn: str) -> tuple[str, str]:
    _, _, types, name = urn.split("::", 3)
    return types.rsplit("$", 1)[-1], name
