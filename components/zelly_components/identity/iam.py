"""IAM policy documents as typed, pure data with one canonical JSON form."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from zelly_components.base import counted, handed_on

POLICY_VERSION = "2012-10-17"
"""The current version of the policy language (IAM User Guide, "IAM JSON policy elements: Version")."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement that allows, or with ``effect="Deny"`` denies, actions on resources.

    ``conditions`` maps an operator to its keys and values, e.g. ``{"StringEquals": {"aws:SourceAccount": "…"}}``.
    """

    sid: str
    """Its name in the policy, letters and digits, unique there."""
    actions: Sequence[str]
    """The actions, e.g. ``s3:GetObject``, also with ``*``; one or more."""
    resources: Sequence[pulumi.Input[str]]
    """The ARNs that the actions are on, also with ``*``. Empty in a trust policy alone."""
    effect: str = "Allow"
    """``Allow`` or ``Deny``, which wins over every other statement. Left out, it allows."""
    conditions: Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]] = field(
        default_factory=dict[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]]
    )
    """Conditions that all have to hold: by operator, the values of each key, e.g. ``{"StringEquals":
    {"aws:SourceAccount": "123456789012"}}``. Left out, there are none."""
    principals: Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]] | None = None
    """Whom it is about, in a resource policy or trust policy alone, e.g. ``{"Service": "ecs-tasks.amazonaws.com"}``.
    Left out, the role that has the policy."""

    def document(self) -> dict[str, Any]:
        """Return the statement as IAM's own mapping; sorted actions never show as a change of order."""
        statement: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Action": sorted(self.actions),
        }
        if self.resources:
            statement["Resource"] = handed_on(self.resources)
        if self.principals is not None:
            statement["Principal"] = dict(self.principals)
        if self.conditions:
            conditions = counted("conditions", self.conditions)
            statement["Condition"] = {operator: dict(keys) for operator, keys in conditions.items()}
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


SOURCE_ARNS: Mapping[str, str] = {
    # EBS User Guide, "IAM service roles for Amazon Data Lifecycle Manager".
    "dlm.amazonaws.com": "arn:aws:dlm:{region}:{account_id}:policy/*",
    # ECS Developer Guide, "Amazon ECS task IAM role". One cluster cannot be named.
    "ecs-tasks.amazonaws.com": "arn:aws:ecs:{region}:{account_id}:*",
    # EventBridge Scheduler User Guide, "Troubleshooting quotas": the schedule's group, never the schedule itself.
    "scheduler.amazonaws.com": "arn:aws:scheduler:{region}:{account_id}:schedule-group/default",
    # VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs".
    "vpc-flow-logs.amazonaws.com": "arn:aws:ec2:{region}:{account_id}:vpc-flow-log/*",
}
"""The services that say for whom they assume a role -> what they then send as ``aws:SourceArn``. They send
``aws:SourceAccount`` as well. A service that is not known to send both would be locked out by a condition on them."""


def policy_text(statements: Sequence[Statement]) -> str:
    """Return the text that :func:`policy` renders, for statements without Outputs: its size is checked beforehand."""
    document = {"Version": POLICY_VERSION, "Statement": [statement.document() for statement in statements]}
    return json.dumps(document, sort_keys=True)


def service_trust(service: str, *, region: str, account_id: str) -> pulumi.Output[str]:
    """Return the trust policy that lets one AWS service assume a role for one region of one account.

    Without its conditions whoever can make the service act, from whatever account, could point it at the role.

    Raises:
        ValueError: for a service that is not known to say for whom it acts (:data:`SOURCE_ARNS`), or an account that is
            none.
    """
    if service not in SOURCE_ARNS:
        raise ValueError(f"service: came {service}; allowed {', '.join(SOURCE_ARNS)}")
    if not re.fullmatch(r"\d{12}", account_id):
        raise ValueError(f"account_id: came {account_id!r}; allowed twelve digits")
    source_arn = SOURCE_ARNS[service].format(region=region, account_id=account_id)
    return _trust(
        service,
        {"StringEquals": {"aws:SourceAccount": account_id}, "ArnLike": {"aws:SourceArn": source_arn}},
    )


def instance_trust() -> pulumi.Output[str]:
    """Return the trust policy of a role for EC2 instances.

    It has no condition: EC2's guide names none for it, and a key that EC2 does not send would leave every instance
    without credentials. A role reaches an instance through ``iam:PassRole``, which knows no other account's roles.
    """
    return _trust("ec2.amazonaws.com", {})


def backup_trust() -> pulumi.Output[str]:
    """Return the trust policy of a role for AWS Backup.

    It has no condition: the service's own default role has none ("Default service role", AWS Backup Developer Guide),
    and a key that it does not send would end every backup. A role reaches it through ``iam:PassRole``, too.
    """
    return _trust("backup.amazonaws.com", {})


def chat_trust() -> pulumi.Output[str]:
    """Return the trust policy of a role for Amazon Q Developer in chat applications.

    It has no condition: its guide names no key that it sends ("Identity and Access Management for Amazon Q Developer in
    chat applications"), and one that it does not send would leave the chat without graphs. A role reaches it through
    ``iam:PassRole``, too.
    """
    return _trust("chatbot.amazonaws.com", {})


def deployment_trust() -> pulumi.Output[str]:
    """Return the trust policy of a role with which ECS changes load balancers during a deployment.

    It has no condition: ECS's own has none ("Amazon ECS infrastructure IAM role for load balancers", Developer Guide),
    and a key that ECS does not send would fail every deployment. A role reaches ECS through ``iam:PassRole``, too.
    """
    return _trust("ecs.amazonaws.com", {})


def _trust(service: str, conditions: Mapping[str, Mapping[str, pulumi.Input[str]]]) -> pulumi.Output[str]:
    return policy(
        [
            Statement(
                sid="AssumeRole",
                actions=["sts:AssumeRole"],
                resources=[],
                principals={"Service": service},
                conditions=conditions,
            )
        ]
    )
