"""Inline policies of roles: what a component's ``grant`` verbs and the components for grants make."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.identity.iam import Statement, policy


def grant_to_role(
    component: Component,
    logical_name: str,
    statements: Sequence[Statement],
    *,
    policy_name: str,
    role_name: pulumi.Input[str],
) -> None:
    """Let a role do what the statements allow, by an inline policy.

    Raises:
        ValueError: for no statement, or two with one Sid, which IAM refuses.
    """
    if not statements:
        raise ValueError("statements: came none; allowed one or more")
    aws.iam.RolePolicy(
        logical_name, name=policy_name, role=role_name, policy=policy(statements), opts=component.child()
    )
