"""IAM policy documents as typed, pure data with one canonical JSON form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

POLICY_VERSION = "2012-10-17"
"""The current version of the policy language (IAM User Guide, "IAM JSON policy elements: Version")."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement that allows, or with ``effect="Deny"`` denies, actions on resources.

    ``conditions`` maps an operator to its keys and values, e.g. ``{"StringEquals": {"aws:SourceAccount": "…"}}``.
    """

    sid: str
    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]]
    effect: str = "Allow"
    conditions: Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]] = field(
        default_factory=dict[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]]
    )
    principals: Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]] | None = None
    """Only in a resource policy or trust policy, e.g. ``{"Service": "ecs-tasks.amazonaws.com"}``."""

    def document(self) -> dict[str, Any]:
        """Return the statement as IAM's own mapping; sorted actions never show as a change of order."""
        statement: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Action": sorted(self.actions),
        }
        if self.resources:
            statement["Resource"] = list(self.resources)
        if self.principals is not None:
            statement["Principal"] = dict(self.principals)
        if self.conditions:
            statement["Condition"] = {operator: dict(keys) for operator, keys in self.conditions.items()}
        return statement


def policy(statements: Sequence[Statement]) -> pulumi.Output[str]:
    """Return the statements as a policy document in JSON; an Output, since resources are often not known yet.

    Raises:
        ValueError: when two statements share a Sid, which IAM refuses.
    """
    sids = [statement.sid for statement in statements]
    if len(set(sids)) != len(sids):
        raise ValueError(f"Sid repeated in a policy document: {', '.join(sids)}")
    return pulumi.Output.json_dumps(
        {"Version": POLICY_VERSION, "Statement": [statement.document() for statement in statements]}, sort_keys=True
    )


def service_trust(
    service: str, conditions: Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]] | None = None
) -> pulumi.Output[str]:
    """Return the trust policy that lets one AWS service (``ecs-tasks.amazonaws.com``, …) assume a role."""
    return policy(
        [
            Statement(
                sid="AssumeRole",
                actions=["sts:AssumeRole"],
                resources=[],
                principals={"Service": service},
                conditions=conditions or {},
            )
        ]
    )
