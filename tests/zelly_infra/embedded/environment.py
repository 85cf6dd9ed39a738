"""An environment that stands in the embedded AWS, read back the way an operator reads the real one."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.zelly_infra.evaluations import config_of
from workbench.evaluate import Evaluation
from workbench.sandbox.embedded import EmbeddedAws
from workbench.sandbox.stored import Stored
from zelly_infra.config import EnvironmentConfig
from zelly_infra.outputs import StackOutputs

ACCOUNT_ID = "123456789012"

REGISTRY_REGION = config_of("production").registry.region

_RANDOM_ENDING = re.compile(r"-[0-9a-f]{7}$")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One stack that has been made: its record, its outputs and boto3 in its region."""

    stack: str
    region: str
    aws: EmbeddedAws
    evaluation: Evaluation = field(repr=False)
    """It knows secrets, which no failed test may print."""
    made: Sequence[Stored] = field(repr=False)
    """What was made of it, with the ids that AWS gave."""

    @property
    def config(self) -> EnvironmentConfig:
        """What its stack file says."""
        return config_of(self.stack)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client of the embedded AWS; a call to anything unknown fails there."""
        return self.aws.clients.get(service, region or self.region)

    @cached_property
    def outputs(self) -> StackOutputs:
        """The stack's outputs, secret ones in plain text."""
        return StackOutputs.model_validate(self.evaluation.plain_outputs)

    def listed(self, service: str, operation: str, key: str, **parameters: Any) -> list[Any]:
        """Return everything that a paginated operation lists."""
        pages = self.client(service).get_paginator(operation).paginate(**parameters)
        return [item for page in pages for item in page[key]]

    def in_vpc(self, operation: str, key: str) -> list[Any]:
        """Return what an EC2 operation lists of this environment's VPC; a region has a default VPC beside it."""
        return self.listed("ec2", operation, key, Filters=[{"Name": "vpc-id", "Values": [self.outputs.vpc_id]}])

    def short(self, name: str) -> str:
        """Return a name without the environment before it and the random ending that Pulumi gives it."""
        return _RANDOM_ENDING.sub("", name.removeprefix(f"zelly-{self.stack}-"))

    @cached_property
    def subnet_names(self) -> Mapping[str, str]:
        """The subnets' short names by id, e.g. ``network-public-a``."""
        return {
            subnet["SubnetId"]: self.short(tags_of(subnet)["Name"])
            for subnet in self.in_vpc("describe_subnets", "Subnets")
        }

    @cached_property
    def group_names(self) -> Mapping[str, str]:
        """The security groups' parts by id, e.g. ``fastify-nova``; the VPC's own is ``default``."""
        return {
            group["GroupId"]: self.short(group["GroupName"]).removesuffix("-sg")
            for group in self.in_vpc("describe_security_groups", "SecurityGroups")
        }

    @cached_property
    def secret_names(self) -> Mapping[str, str]:
        """The secrets' names by ARN."""
        return {secret["ARN"]: secret["Name"] for secret in self.listed("secretsmanager", "list_secrets", "SecretList")}

    def subnets(self, ids: Sequence[str]) -> list[str]:
        """Return subnets by their short names."""
        return sorted(self.subnet_names[subnet_id] for subnet_id in ids)

    def groups(self, ids: Sequence[str]) -> list[str]:
        """Return security groups by their parts."""
        return sorted(self.group_names[group_id] for group_id in ids)

    def secret_values(self, name: str) -> dict[str, str]:
        """Return the keys and values that a secret holds now."""
        return json.loads(self.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])

    @cached_property
    def default_tags(self) -> Mapping[str, str]:
        """What the provider puts on everything."""
        return {**self.config.tags, "environment": self.stack}


def zones(part: str) -> list[str]:
    """Return the short names of the subnets of one part, ``public`` or ``private``, in all three zones."""
    return [f"network-{part}-{zone}" for zone in "abc"]


def tags_of(described: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of what AWS describes, as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in described["Tags"]}


def only(items: Sequence[Any]) -> Any:
    """Return the single item of a list that must have no other."""
    (item,) = items
    return item


def picked(described: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a description the members that an expectation names; None for one that is absent."""
    return {key: described.get(key) for key in keys}
