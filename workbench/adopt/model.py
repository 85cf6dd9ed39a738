"""A Terraform state, a program's plan, and the pairs of both.

Pure data: `state` reads the first, `workbench.review.plan_document` the second, `matching` makes the third.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from workbench.review.plan_document import PlannedResource

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One instance of a resource or a data source in a Terraform state."""

    address: str
    """As Terraform writes it: ``module.aurora.aws_rds_cluster.this[0]``."""
    type: str
    """Terraform's type: ``aws_rds_cluster``."""
    attributes: Mapping[str, Any]
    """As the state has them, in Terraform's names, secrets included."""
    sensitive: frozenset[Path] = frozenset()
    """The paths of ``sensitive_attributes``."""
    dependencies: Sequence[str] = ()
    """Addresses, without index, that Terraform noted for it."""
    part: str = ""
    """Which of several things in AWS it is that one address stands for: the id of a security group's rule."""


@dataclass(frozen=True, kw_only=True)
class TerraformState:
    """A Terraform state of version 4."""

    terraform_version: str
    serial: int
    lineage: str
    managed: Sequence[Instance]
    """In the order of the file."""
    data: Sequence[Instance]


@dataclass(frozen=True, kw_only=True)
class Translated:
    """An instance in Pulumi's terms."""

    instance: Instance
    type: str
    """Pulumi's type token: ``aws:rds/cluster:Cluster``; empty where there is none."""
    properties: Mapping[str, Any]
    """In the provider's property names, so that they compare with the inputs of a :class:`PlannedResource`."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A resource of the program and the instance that is the same thing in AWS."""

    resource: PlannedResource
    found: Translated
    id: str
    """What the provider imports it by."""
    proof: str
    """Why they are the same, in words: ``name /shop/ecs/api``."""


@dataclass(frozen=True, kw_only=True)
class Ambiguity:
    """A resource of the program with what may be the same thing, and nothing that proves it."""

    resource: PlannedResource
    candidates: Sequence[Translated]
    """The likeliest first; never empty."""
    why: str


@dataclass(frozen=True, kw_only=True)
class Matching:
    """All of a program and all of a state; each resource and each instance is in exactly one list."""

    matched: Sequence[Pair]
    program_only: Sequence[PlannedResource]
    state_only: Sequence[Translated]
    ambiguous: Sequence[Ambiguity]
    """Their candidates stand in no other list."""
    shared: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By the address of what is in the state only: the resources that have it in common there, and one each here."""
