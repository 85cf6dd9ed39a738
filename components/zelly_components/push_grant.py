"""The right to push images, as data: what ``grant_push`` of a container registry does."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from zelly_components.base import Component
from zelly_components.container_registry import push_statements
from zelly_components.identity.grants import grant_to_role


@dataclass(frozen=True, kw_only=True)
class PushGrantArgs:
    """Arguments of a grant to push images."""

    role_name: pulumi.Input[str]
    """The name of the role that is granted the right; not its ARN."""
    policy_name: str
    """The name of the inline policy in IAM: 1 to 128 letters, digits and ``+=,.@_-``, unique in the role. All inline
    policies of a role may have 10,240 characters in sum."""
    region: str
    """The region of the repositories, e.g. ``eu-west-1``: the role logs in to the registry of this one alone."""
    repository_arns: Sequence[pulumi.Input[str]]
    """The repositories, one or more: values of a registry's output ``repository_arns``."""


class PushGrant(Component):
    """Let a role log in to a registry of images, push to some of its repositories and pull from them.

    In Python it does what ``ContainerRegistry.grant_push`` does for all repositories of the registry.

    Example::

        from zelly_components.push_grant import PushGrant, PushGrantArgs

        PushGrant(
            "shop-push-images",
            PushGrantArgs(
                role_name="shop-pipeline",
                policy_name="push-images",
                region="eu-west-1",
                repository_arns=["arn:aws:ecr:eu-west-1:123456789012:repository/shop/api"],
            ),
        )
    """

    policy_name: str
    """The name of the inline policy."""

    def __init__(self, name: str, args: PushGrantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        grant_to_role(
            self,
            name,
            push_statements(args.region, args.repository_arns),
            policy_name=args.policy_name,
            role_name=args.role_name,
        )
        self.policy_name = args.policy_name
        self.register_annotated_outputs()
