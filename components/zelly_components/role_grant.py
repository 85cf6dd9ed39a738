"""Permissions of a role, as data: what ``grant`` of a role's component does."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from zelly_components.base import Component
from zelly_components.identity.grants import grant_to_role
from zelly_components.identity.iam import Statement


@dataclass(frozen=True, kw_only=True)
class RoleGrantArgs:
    """Arguments of a grant."""

    role_name: pulumi.Input[str]
    """The name of the role that is granted the right; not its ARN."""
    policy_name: str
    """The name of the inline policy in IAM: 1 to 128 letters, digits and ``+=,.@_-``, unique in the role. All inline
    policies of a role may have 10,240 characters in sum."""
    statements: Sequence[Statement]
    """What the role may do: one statement or more, each with a Sid of its own."""


class RoleGrant(Component):
    """Let a role do what the statements allow, by an inline policy.

    It is for a right that no other grant of this package knows. In Python it does what ``GithubOidc.grant`` does.

    Example::

        from zelly_components.identity.iam import Statement
        from zelly_components.role_grant import RoleGrant, RoleGrantArgs

        RoleGrant(
            "shop-pipeline-read-source",
            RoleGrantArgs(
                role_name="shop-pipeline",
                policy_name="read-source",
                statements=[
                    Statement(
                        sid="ReadSource", actions=["s3:GetObject"], resources=["arn:aws:s3:::shop-source/*"]
                    )
                ],
            ),
        )
    """

    policy_name: str
    """The name of the inline policy."""

    def __init__(self, name: str, args: RoleGrantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        grant_to_role(
            self,
            name,
            args.statements,
            policy_name=args.policy_name,
            role_name=args.role_name,
        )
        self.policy_name = args.policy_name
        self.register_annotated_outputs()
