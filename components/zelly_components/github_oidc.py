"""GitHub Actions without long-lived keys: a role for exact branches and environments of exact repositories."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, Known, counted
from zelly_components.identity.github_subjects import AUDIENCE, ISSUER, trust_policy_excess
from zelly_components.identity.grants import grant_to_role
from zelly_components.identity.iam import Statement, policy

MAXIMUM_SESSION_SECONDS = 3600
"""An hour, IAM's smallest maximum. A stolen session dies with it; a build and a deploy take minutes."""

_NAME = r"[A-Za-z0-9_.-]+"
_SUBJECT = re.compile(
    rf"repo:({_NAME}/{_NAME}|{_NAME}@[1-9][0-9]*/{_NAME}@[1-9][0-9]*):(ref:refs/(heads|tags)/|environment:)[^*?\s]+"
)


@dataclass(frozen=True, kw_only=True)
class GithubOidcArgs:
    """Arguments of the trust."""

    create: bool
    """Whether this stack owns provider and role. An account takes one provider per URL, so that a second stack says
    ``False``: both are looked up and only grants are added."""
    role_name: str
    """The role's name in the account; workflows name it in ``role-to-assume``."""
    subjects: Sequence[str]
    """The exact ``sub`` values that may assume the role: what ``repository_subject`` returns, followed by
    ``:ref:refs/heads/BRANCH``, ``:ref:refs/tags/TAG`` or ``:environment:NAME``. Wildcards and pull requests are
    refused: whoever may open a pull request would deploy. Empty with ``create=False``: the trust belongs to the stack
    that made the role."""
    provider_arn: pulumi.Input[str] | None = None
    """A provider that is there already, for a role beside its owner's. Left out, ``create`` makes one."""


@dataclass(frozen=True, kw_only=True)
class DeployGrantArgs:
    """Services that a pipeline may deploy. No list may be empty."""

    region: str
    """The region of the services, e.g. ``eu-west-1``."""
    account_id: str
    """The account of the services, twelve digits."""
    cluster_arn: pulumi.Input[str]
    """The ARN of the cluster whose tasks a deploy watches."""
    cluster_name: str
    """The name of the same cluster, which begins its services' ARNs."""
    service_names: Sequence[str]
    """The services that it may update: their names in ECS."""
    task_families: Known[Sequence[str]]
    """The task definition families it may register revisions of."""
    pass_role_arns: Sequence[pulumi.Input[str]]
    """The execution and task roles that those task definitions name."""
    image_parameter_arns: Sequence[pulumi.Input[str]]
    """The SSM parameters that hold the deployed images, and with their earlier values the record of deploys."""
    log_group_names: Known[Sequence[str]]
    """The log groups of the services: a deploy that fails shows the last lines of the task that failed."""


class GithubOidc(Component):
    """GitHub's OpenID Connect provider and the one role that its workflows assume.

    The provider has no thumbprints: AWS verifies GitHub's certificate against its own trusted authorities.

    Example::

        from zelly_components.github_oidc import DeployGrantArgs, GithubOidc, GithubOidcArgs

        github = GithubOidc(
            "shop",
            GithubOidcArgs(
                create=True,
                role_name="shop-github-actions",
                subjects=["repo:shop/api:ref:refs/heads/main", "repo:shop/worker:environment:production"],
            ),
        )
        github.grant_deploy(
            "shop-production-deploy",
            DeployGrantArgs(
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
        )
    """

    provider_arn: pulumi.Output[str]
    """The provider's ARN, for further roles."""
    role_arn: pulumi.Output[str]
    """The role's ARN, which workflows take on."""
    role_name: pulumi.Output[str]
    """The role's name, for grants."""

    def __init__(self, name: str, args: GithubOidcArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        _check_subjects(args.subjects, create=args.create)
        if args.provider_arn is not None and not args.create:
            raise ValueError("provider_arn: came one without create; allowed with create, whose role it is trusted by")
        if args.create:
            self._create(args)
        else:
            self._look_up(args)
        self.register_annotated_outputs()

    def grant_deploy(self, policy_name: str, args: DeployGrantArgs) -> None:
        """Let the role deploy these services and nothing else, by an inline policy.

        All inline policies of a role share what ``INLINE_POLICIES`` allows. A grant of five services takes some 3,000:
        three environments fit, beside the grant to push to the registry.

        Raises:
            ValueError: for an empty list, which IAM would refuse or read as something else.
        """
        self.grant(policy_name, deploy_statements(args))

    def grant(self, policy_name: str, statements: Sequence[Statement]) -> None:
        """Let the role do what the statements allow, by an inline policy."""
        grant_to_role(
            self, f"{self._name}-{policy_name}", statements, policy_name=policy_name, role_name=self.role_name
        )

    def _create(self, args: GithubOidcArgs) -> None:
        if (excess := trust_policy_excess(args.subjects)) is not None:
            raise ValueError(f"subjects: the trust policy: {excess}")
        provider_arn = self._made_provider() if args.provider_arn is None else args.provider_arn
        role = aws.iam.Role(
            f"{self._name}-github-role",
            name=args.role_name,
            description="Assumed by GitHub Actions on the branches and environments of its trust policy",
            assume_role_policy=policy([trust_statement(provider_arn, args.subjects)]),
            max_session_duration=MAXIMUM_SESSION_SECONDS,
            opts=self.child(),
        )
        self.provider_arn = pulumi.Output.from_input(provider_arn)
        self.role_arn = role.arn
        self.role_name = role.name

    def _made_provider(self) -> pulumi.Output[str]:
        return aws.iam.OpenIdConnectProvider(
            f"{self._name}-github", url=f"https://{ISSUER}", client_id_lists=[AUDIENCE], opts=self.child()
        ).arn

    def _look_up(self, args: GithubOidcArgs) -> None:
        opts = pulumi.InvokeOptions(parent=self)
        self.provider_arn = aws.iam.get_open_id_connect_provider_output(url=f"https://{ISSUER}", opts=opts).arn
        self.role_arn = aws.iam.get_role_output(name=args.role_name, opts=opts).arn
        self.role_name = pulumi.Output.from_input(args.role_name)


def trust_statement(provider_arn: pulumi.Input[str], subjects: Sequence[str]) -> Statement:
    """Return the trust of the role: GitHub's tokens for AWS's audience whose subject is in the list.

    Both conditions are ``StringEquals``. What a trust policy holds (``TRUST_POLICY``) is some twenty subjects.
    """
    return Statement(
        sid="GithubActions",
        actions=["sts:AssumeRoleWithWebIdentity"],
        resources=[],
        principals={"Federated": provider_arn},
        conditions={"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": sorted(subjects)}},
    )


def deploy_statements(args: DeployGrantArgs) -> list[Statement]:
    """Return the statements of a deploy: it copies task definitions, updates services, reads tasks and logs.

    Secrets may not be read: a pipeline that could would hand them to whoever may change it.

    Which action takes which resource and condition key is from the Service Authorization Reference, "Amazon ECS":
    ``RegisterTaskDefinition`` and ``TagResource`` take task definitions, ``UpdateService`` and ``DescribeServices``
    take services, ``DescribeTasks`` and ``ListTasks`` take ``ecs:cluster`` (``ListTasks`` has only container instances
    as resources, and Fargate has none), while ``DescribeTaskDefinition`` takes neither.

    Raises:
        ValueError: for an empty list.
    """
    _check_not_empty(args)
    return [
        *_revision_statements(args),
        *_service_statements(args),
        Statement(
            sid="RecordDeployedImages",
            actions=["ssm:GetParameterHistory", "ssm:PutParameter"],
            resources=args.image_parameter_arns,
        ),
        Statement(
            sid="ReadLogs",
            actions=["logs:GetLogEvents"],
            resources=[
                f"arn:aws:logs:{args.region}:{args.account_id}:log-group:{group}:*" for group in args.log_group_names
            ],
        ),
    ]


def _revision_statements(args: DeployGrantArgs) -> list[Statement]:
    definitions = f"arn:aws:ecs:{args.region}:{args.account_id}:task-definition"
    return [
        Statement(
            sid="ReadTaskDefinitions",
            actions=["ecs:DescribeTaskDefinition"],
            resources=["*"],
            conditions={"StringEquals": {"aws:RequestedRegion": args.region}},
        ),
        Statement(
            sid="RegisterTaskDefinitions",
            actions=["ecs:RegisterTaskDefinition"],
            # Which revision it will be is not known yet when it is registered.
            resources=[f"{definitions}/{family}:*" for family in args.task_families],
        ),
        Statement(
            # A copy keeps its tags, which asks for this too. By the condition it holds only while something is being
            # registered, which the statement before limits to the families.
            sid="TagWhatIsRegistered",
            actions=["ecs:TagResource"],
            resources=[f"{definitions}/*"],
            conditions={"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        ),
        Statement(
            sid="PassTaskRoles",
            actions=["iam:PassRole"],
            resources=args.pass_role_arns,
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    ]


def _service_statements(args: DeployGrantArgs) -> list[Statement]:
    services = f"arn:aws:ecs:{args.region}:{args.account_id}:service/{args.cluster_name}"
    return [
        Statement(
            sid="UpdateServices",
            actions=["ecs:DescribeServices", "ecs:UpdateService"],
            resources=[f"{services}/{service}" for service in args.service_names],
        ),
        Statement(
            sid="WatchTasks",
            actions=["ecs:DescribeTasks", "ecs:ListTasks"],
            resources=["*"],
            conditions={"ArnEquals": {"ecs:cluster": args.cluster_arn}},
        ),
    ]


def _check_subjects(subjects: Sequence[str], *, create: bool) -> None:
    if create != bool(subjects):
        required = "at least one with create, which makes the trust policy" if create else "none without create"
        raise ValueError(f"subjects: came {', '.join(subjects) or 'none'}; allowed: {required}")
    if len(set(subjects)) != len(subjects):
        raise ValueError(f"subjects: came {', '.join(subjects)}; allowed: each once")
    for subject in subjects:
        if _SUBJECT.fullmatch(subject) is None:
            raise ValueError(
                f"subjects: came {subject}; allowed: repo:OWNER/REPOSITORY: or repo:OWNER@ID/REPOSITORY@ID: "
                "followed by ref:refs/heads/BRANCH, ref:refs/tags/TAG or environment:NAME, without * or ?"
            )


def _check_not_empty(args: DeployGrantArgs) -> None:
    for field in ("service_names", "task_families", "pass_role_arns", "image_parameter_arns", "log_group_names"):
        if not counted(field, getattr(args, field)):
            raise ValueError(f"{field}: came none; allowed: at least one")
