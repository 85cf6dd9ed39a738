"""A role that deploys the services of one environment, and does nothing else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, counted
from zelly_components.github_oidc import DeployGrantArgs, deploy_statements
from zelly_components.identity.iam import Statement, policy

MAXIMUM_SESSION_SECONDS = 3600
"""An hour: all that a role lasts that is taken on with another one's credentials ("Role chaining", IAM User Guide)."""


@dataclass(frozen=True, kw_only=True)
class SourceArgs:
    """An environment whose images are promoted to this one: it is looked at, and nothing in it is changed."""

    region: str
    """The region that the other environment runs in, e.g. ``eu-west-1``."""
    cluster_arn: str
    """The ARN of its cluster, whose tasks are looked at."""
    cluster_name: str
    """The name of the same cluster, which begins its services' ARNs."""
    service_names: Sequence[str]
    """The services whose images are promoted: their names in ECS."""
    image_parameter_arns: Sequence[str]
    """The SSM parameters with the images of those services, which are read, with their earlier values."""


@dataclass(frozen=True, kw_only=True)
class DeployRoleArgs:
    """Arguments of a role that deploys."""

    role_name: str
    """The role's name in IAM, which its user knows before it is made. Another name replaces the role."""
    trusted_role_arn: str
    """The one role that may take it on. It need not exist yet, and may be made anew."""
    deploys: DeployGrantArgs
    """The services that the role may deploy, with all that a deployment of them touches."""
    repository_arns: Sequence[pulumi.Input[str]]
    """The repositories of the images: read, and tagged as deployed."""
    approval_parameter_arns: Sequence[pulumi.Input[str]]
    """The SSM parameters with the record of approvals. Empty: none."""
    source: SourceArgs | None
    """The environment from which images are promoted to this one. None: nothing is promoted to it."""


class DeployRole(Component):
    """A role of an environment's own that deploys its services, taken on by one other role.

    It registers revisions of the services' families, passes exactly their roles and no others, updates the services,
    follows, continues and stops their deployments, records what was deployed, and tags the image as deployed. A tag is
    put by writing the manifest of an image that is there (``ecr:PutImage``); IAM can't name the tag. The role has none
    of the actions that upload a layer, so that no content comes into a repository by it.

    It reads no secret and no values of any, runs no task and opens no shell.

    Example::

        from zelly_components.deploy_role import DeployRole, DeployRoleArgs
        from zelly_components.github_oidc import DeployGrantArgs

        role = DeployRole(
            "shop-production-deploy",
            DeployRoleArgs(
                role_name="shop-production-deploy",
                trusted_role_arn="arn:aws:iam::123456789012:role/shop-ci-deploy-production",
                deploys=DeployGrantArgs(
                    region="eu-west-1",
                    account_id="123456789012",
                    cluster_arn="arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
                    cluster_name="shop",
                    service_names=["shop-api"],
                    task_families=["shop-api"],
                    pass_role_arns=["arn:aws:iam::123456789012:role/shop-api-task"],
                    image_parameter_arns=["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/images/api"],
                    log_group_names=["/shop/ecs/api"],
                ),
                repository_arns=["arn:aws:ecr:eu-west-1:123456789012:repository/shop/api"],
                approval_parameter_arns=[],
                source=None,
            ),
        )
    """

    role_arn: pulumi.Output[str]
    """The role's ARN, which whoever deploys takes on."""
    role_name: str
    """The role's name in IAM."""

    def __init__(self, name: str, args: DeployRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        role = aws.iam.Role(
            f"{name}-role",
            name=args.role_name,
            description="Deploys the environment's services; taken on by the agents of its pool",
            assume_role_policy=policy([_trust(args)]),
            max_session_duration=MAXIMUM_SESSION_SECONDS,
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=policy(
                [
                    *deploy_statements(args.deploys),
                    *_following_statements(args.deploys),
                    *_image_statements(args),
                    *_approval_statements(args),
                    *([] if args.source is None else _source_statements(args.source, args.deploys.account_id)),
                ]
            ),
            opts=self.child(),
        )
        self.role_arn = role.arn
        self.role_name = args.role_name
        self.register_annotated_outputs()


def _trust(args: DeployRoleArgs) -> Statement:
    # Not the role as the principal: IAM refuses one that does not exist yet, and turns the name of one that does into
    # an id, which its successor of the same name does not have ("AWS JSON policy elements: Principal", IAM User Guide).
    return Statement(
        sid="AssumeRole",
        actions=["sts:AssumeRole"],
        resources=[],
        principals={"AWS": f"arn:aws:iam::{args.deploys.account_id}:root"},
        conditions={"ArnEquals": {"aws:PrincipalArn": args.trusted_role_arn}},
    )


def _following_statements(deploys: DeployGrantArgs) -> list[Statement]:
    ecs = f"arn:aws:ecs:{deploys.region}:{deploys.account_id}"
    services = [f"{deploys.cluster_name}/{service}" for service in deploys.service_names]
    return [
        Statement(
            sid="FindDeployments",
            actions=["ecs:ListServiceDeployments"],
            resources=[f"{ecs}:service/{service}" for service in services],
        ),
        Statement(
            sid="FollowDeployments",
            actions=[
                "ecs:ContinueServiceDeployment",
                "ecs:DescribeServiceDeployments",
                "ecs:StopServiceDeployment",
            ],
            resources=[f"{ecs}:service-deployment/{service}/*" for service in services],
        ),
        Statement(
            sid="ReadRevisions",
            actions=["ecs:DescribeServiceRevisions"],
            resources=[f"{ecs}:service-revision/{service}/*" for service in services],
        ),
        Statement(
            sid="SeeTrafficAndAlarms",
            # None of them takes a resource (Service Authorization Reference, "AWS Elastic Load Balancing V2", "Amazon
            # CloudWatch", "AWS Application Auto Scaling").
            actions=[
                "application-autoscaling:DescribeScalableTargets",
                "cloudwatch:DescribeAlarms",
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeLoadBalancers",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            resources=["*"],
        ),
    ]


def _image_statements(args: DeployRoleArgs) -> list[Statement]:
    return [
        Statement(
            sid="ReadImages",
            actions=[
                "ecr:BatchGetImage",
                "ecr:DescribeImages",
                "ecr:DescribeRepositories",
                # An image's configuration, with its architecture, is a layer as well.
                "ecr:GetDownloadUrlForLayer",
                "ecr:GetLifecyclePolicy",
            ],
            resources=args.repository_arns,
        ),
        Statement(sid="TagAsDeployed", actions=["ecr:PutImage"], resources=args.repository_arns),
    ]


def _approval_statements(args: DeployRoleArgs) -> list[Statement]:
    read = Statement(
        sid="ReadDeployedImages", actions=["ssm:GetParameter"], resources=args.deploys.image_parameter_arns
    )
    if not counted("approval_parameter_arns", args.approval_parameter_arns):
        return [read]
    return [
        read,
        Statement(
            sid="KeepApprovals",
            actions=["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:PutParameter"],
            resources=args.approval_parameter_arns,
        ),
    ]


def _source_statements(source: SourceArgs, account_id: str) -> list[Statement]:
    services = f"arn:aws:ecs:{source.region}:{account_id}:service/{source.cluster_name}"
    return [
        Statement(
            sid="ReadSourceServices",
            actions=["ecs:DescribeServices"],
            resources=[f"{services}/{service}" for service in source.service_names],
        ),
        Statement(
            sid="ReadSourceRevisions",
            actions=["ecs:DescribeTaskDefinition"],
            resources=["*"],
            conditions={"StringEquals": {"aws:RequestedRegion": source.region}},
        ),
        Statement(
            sid="ReadSourceTasks",
            actions=["ecs:DescribeTasks", "ecs:ListTasks"],
            resources=["*"],
            conditions={"ArnEquals": {"ecs:cluster": source.cluster_arn}},
        ),
        Statement(
            sid="ReadSourceRecord",
            actions=["ssm:GetParameter", "ssm:GetParameterHistory"],
            resources=source.image_parameter_arns,
        ),
    ]


def _check(args: DeployRoleArgs) -> None:
    if re.fullmatch(rf"arn:aws:iam::{args.deploys.account_id}:role/[\w+=,.@-]+", args.trusted_role_arn) is None:
        raise ValueError(f"trusted_role_arn: came {args.trusted_role_arn}; allowed one role of the same account")
    if not counted("repository_arns", args.repository_arns):
        raise ValueError("repository_arns: came none; allowed at least one")
