"""The right to deploy services, as data: what ``grant_deploy`` of GitHub's role does."""

from dataclasses import dataclass

import pulumi

from zelly_components.base import Component
from zelly_components.github_oidc import DeployGrantArgs, deploy_statements
from zelly_components.identity.grants import grant_to_role


@dataclass(frozen=True, kw_only=True)
class DeploymentGrantArgs:
    """Arguments of a grant to deploy."""

    role_name: pulumi.Input[str]
    """The name of the role that is granted the right; not its ARN."""
    policy_name: str
    """The name of the inline policy in IAM: 1 to 128 letters, digits and ``+=,.@_-``, unique in the role. All inline
    policies of a role may have 10,240 characters in sum."""
    deploys: DeployGrantArgs
    """The services that the role may deploy, with all that a deployment of them touches."""


class DeploymentGrant(Component):
    """Let a role deploy some services of a cluster, and nothing else.

    It may read no secret. In Python it does what ``GithubOidc.grant_deploy`` does.

    Example::

        from zelly_components.deployment_grant import DeploymentGrant, DeploymentGrantArgs
        from zelly_components.github_oidc import DeployGrantArgs

        DeploymentGrant(
            "shop-production-deploy",
            DeploymentGrantArgs(
                role_name="shop-github-actions",
                policy_name="production-deploy",
                deploys=DeployGrantArgs(
                    region="eu-west-1",
                    account_id="123456789012",
                    cluster_arn="arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
                    cluster_name="shop",
                    service_names=["shop-api"],
                    task_families=["shop-api"],
                    pass_role_arns=["arn:aws:iam::123456789012:role/shop-api-task"],
                    image_parameter_arns=["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/api/images"],
                    log_group_names=["/shop/ecs/api"],
                ),
            ),
        )
    """

    policy_name: str
    """The name of the inline policy."""

    def __init__(self, name: str, args: DeploymentGrantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        grant_to_role(
            self,
            name,
            deploy_statements(args.deploys),
            policy_name=args.policy_name,
            role_name=args.role_name,
        )
        self.policy_name = args.policy_name
        self.register_annotated_outputs()
