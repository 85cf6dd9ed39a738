"""Values that a change gives anew and Pulumi ignores, and what takes each of them over instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from workbench.names import Names
from workbench.review.plan_document import PlannedResource
from workbench.words import named


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """One property path of a resource's ``ignoreChanges`` at which the program has another value than before."""

    resource: PlannedResource
    """As it will be."""
    path: str
    """As ``ignoreChanges`` writes it."""
    old: Any
    new: Any
    follows: tuple[str, ...] = ()
    """The URNs of the new or replaced resources that the value comes from."""

    @property
    def taken_over(self) -> str:
        """The way to make the value count, in words."""
        head, project = self.resource.urn.split("::")[:2]
        names = Names(project, head.rpartition(":")[2])
        row = TAKEN_OVER.get((self.resource.type, self.path))
        return "what takes it over is not known" if row is None else row(self.resource.inputs, names)


Row: TypeAlias = Callable[[Mapping[str, Any], Names], str]
"""Inputs and the stack's names -> the command, or what else takes it over."""


def _service(command: str) -> Row:
    def row(inputs: Mapping[str, Any], names: Names) -> str:
        return named(command).format(name=names.short(str(inputs.get("name", "SERVICE"))), stack=names.environment)

    return row


def _text(words: str) -> Row:
    return lambda _inputs, names: named(words).format(stack=names.environment)


_HOST = _text("a host keeps what it was made with: docs/recovery.md#renewing-a-host makes it anew")
_SECRET = _text("operators give the values: PROGRAM secrets set SECRET KEY --stack {stack}")

TAKEN_OVER: Mapping[tuple[str, str], Row] = {
    ("aws:autoscaling/group:Group", "desiredCapacity"): _text("who scales the group sets it"),
    ("aws:autoscaling/group:Group", "protectFromScaleIn"): _text("who gives its instances work sets and clears it"),
    ("aws:ec2/instance:Instance", "ami"): _HOST,
    ("aws:ec2/instance:Instance", "userData"): _HOST,
    ("aws:ecs/service:Service", "taskDefinition"): _service(
        "the next deploy takes it along: PROGRAM service deploy {name} --tag TAG --stack {stack}"
    ),
    ("aws:ecs/service:Service", "desiredCount"): _service(
        "scaling or an operator sets it: PROGRAM service scale {name} --tasks COUNT --stack {stack}"
    ),
    ("aws:ecs/service:Service", "loadBalancers"): _text(
        "ECS says with each deployment which of the two target groups serves; a service that was made with one gets "
        "its second by UpdateService"
    ),
    ("aws:lb/listenerRule:ListenerRule", "actions"): _text("ECS sets the weights with each deployment"),
    ("aws:ssm/parameter:Parameter", "value"): _text(
        "deploys write it: PROGRAM service deploy SERVICE --tag TAG --stack {stack}"
    ),
    ("aws:secretsmanager/secretVersion:SecretVersion", "secretString"): _SECRET,
    ("aws:secretsmanager/secretVersion:SecretVersion", "versionStages"): _SECRET,
    ("aws:rds/clusterInstance:ClusterInstance", "engineVersion"): _text(
        "the cluster's version counts: its instances get that of aurora.engine_version"
    ),
}
"""Type and ignored path -> what takes over the value that Pulumi ignores."""
