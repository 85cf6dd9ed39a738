"""Programs in YAML that make every component: those of the examples in the components' docstrings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.package.capture import Example, example_of
from tools.package.yaml_program import resources
from zelly_components.base import PACKAGE
from zelly_components.package.shapes import components

PROJECT = "examples"
PLUGIN = "../components"
"""The folder of the plugin, as seen from the project's."""

NETWORK: Mapping[str, Any] = {
    "type": f"{PACKAGE}:Vpc",
    "properties": {
        "region": "eu-west-1",
        "accountId": "123456789012",
        "cidrBlock": "10.9.0.0/16",
        "availabilityZones": ["eu-west-1a", "eu-west-1b"],
        "natGatewayZones": ["eu-west-1a"],
        "flowLogRetentionDays": 30,
    },
}
REAL: Mapping[str, str] = {
    "vpc-1": "${network.vpcId}",
    "subnet-public-a": "${network.publicSubnetIds[0]}",
    "subnet-private-a": "${network.privateSubnetIds[0]}",
    "subnet-1": "${network.privateSubnetIds[0]}",
    "subnet-2": "${network.privateSubnetIds[1]}",
    "subnet-3": "${network.publicSubnetIds[0]}",
    "subnet-4": "${network.publicSubnetIds[1]}",
}
"""What the examples take for there, and what is in its place where everything is really made."""
ROLES = ("shop-pipeline", "shop-host-role")
"""Roles that examples write policies of."""
CLUSTER = "shop-jenkins"
"""A cluster that an example places a service in."""
CERTIFICATES = 2
"""Examples have certificates of ACM's, which end in 1 and 2."""
INSTEAD: Mapping[tuple[str, str], str] = {
    # Two examples have a secret of one name.
    ("RedisHost-shop-redis", "authSecretName"): "shop/redis-host/auth",
    # Another example makes the role.
    ("DeploymentGrant-shop-production-deploy", "roleName"): "${GithubOidc-shop.roleName}",
}
"""Properties that have another value where everything is really made, by resource and property."""


@dataclass(frozen=True, kw_only=True)
class YamlProgram:
    """A program, and the examples that it was made of."""

    examples: list[Example] = field(default_factory=list[Example])
    resources: dict[str, Any] = field(default_factory=dict[str, Any])

    def text(self, **beside: Any) -> str:
        """Return the program; JSON is YAML, too."""
        plugins = {"providers": [{"name": PACKAGE, "path": PLUGIN}]}
        document = {"name": PROJECT, "runtime": "yaml", "plugins": plugins, "resources": self.resources, **beside}
        return json.dumps(document, indent=1)


def program_of_examples() -> YamlProgram:
    """Return a program with every example. Two of one kind and name in it the engine would refuse."""
    program = YamlProgram()
    for component in components().values():
        example = example_of(component)
        program.examples.append(example)
        program.resources.update(_resources(example))
    return program


def _resources(example: Example) -> Mapping[str, Any]:
    """Return an example's resources under keys that no other example has."""
    keys = {made.name: f"{example.component}-{made.name}" for made in example.made}
    text = json.dumps(resources(example.made))
    for name, key in keys.items():
        text = text.replace(f"${{{name}.", f"${{{key}.")
    return {keys[name]: {"name": name, **resource} for name, resource in json.loads(text).items()}


def really_made(program: YamlProgram, certificates: Sequence[str]) -> YamlProgram:
    """Return a program in which what the examples take for there is there."""
    text = json.dumps(program.resources)
    for pretended, real in REAL.items():
        text = text.replace(f'"{pretended}"', f'"{real}"')
    for number, arn in enumerate(certificates, start=1):
        # Whole: an ARN that was put in may begin as the next one that is looked for does.
        text = text.replace(f'"arn:aws:acm:eu-west-1:123456789012:certificate/{number}"', f'"{arn}"')
    made = json.loads(text)
    for (name, property_), value in INSTEAD.items():
        assert property_ in made[name]["properties"]
        made[name]["properties"][property_] = value
    return YamlProgram(examples=program.examples, resources={"network": NETWORK, **made})


def write_project(folder: Path, text: str) -> Path:
    """Write a project, as a session copies it."""
    folder.mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(text, encoding="utf-8")
    # Every project of this repository has one; a program in YAML has no use for it.
    (folder / "__main__.py").write_text("", encoding="utf-8")
    return folder
