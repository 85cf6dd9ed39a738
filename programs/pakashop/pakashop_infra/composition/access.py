"""Access of the pipelines: a role for each thing that a job may do, and no key anywhere.

A job that builds runs whatever a branch holds: it may push releases, and send nothing. A job that deploys builds
nothing: it may send one document to the one host, and read what that takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from pakashop_infra.composition.releases import Releases
from pakashop_infra.composition.scope import Scope
from pakashop_infra.config import EnvironmentConfig
from pakashop_infra.names import SERVICES_LOG_GROUP, Names
from zelly_components.github_oidc import GithubOidc, GithubOidcArgs
from zelly_components.identity.github_subjects import ISSUER, repository_subject
from zelly_components.identity.iam import Statement


@dataclass(frozen=True, kw_only=True)
class Access:
    """The roles of an environment's pipelines."""

    build: GithubOidc
    deploy: GithubOidc
    backup: GithubOidc | None
    """None: no job may ask for a backup."""


def build_access(scope: Scope, *, releases: Releases) -> Access:
    """Make the roles, each with what its jobs do."""
    github = scope.environment.github
    build = GithubOidc(
        scope.name("github-build"),
        GithubOidcArgs(
            create=True,
            role_name=scope.names.build_role,
            subjects=[f"{_repository(scope.environment)}:ref:refs/heads/{github.branch}"],
            provider_arn=_provider_arn(scope),
        ),
        scope.options,
    )
    releases.bucket.grant_push("build", build.role_name)
    deploy = _role(scope, "deploy", scope.names.deploy_role, github_environment=scope.environment.environment, of=build)
    _let_deploy(scope, releases, deploy)
    if source := _reading_of_the_source(scope.environment):
        build.grant("read-source", source)
        deploy.grant("read-source", source)
    return Access(build=build, deploy=deploy, backup=_backup(scope, of=build))


def _provider_arn(scope: Scope) -> pulumi.Output[str] | None:
    """Return the account's provider where another stack owns it."""
    if scope.environment.github.create_provider:
        return None
    found = aws.iam.get_open_id_connect_provider_output(
        url=f"https://{ISSUER}", opts=pulumi.InvokeOptions(provider=scope.provider)
    )
    return found.arn


def _repository(environment: EnvironmentConfig) -> str:
    github = environment.github
    return repository_subject(
        github.owner, github.repository, owner_id=github.owner_id, repository_id=github.repository_id
    )


def _role(scope: Scope, part: str, role_name: str, *, github_environment: str, of: GithubOidc) -> GithubOidc:
    """Make a role for the jobs of an environment at GitHub, which has reviewers and branches of its own."""
    return GithubOidc(
        scope.name(f"github-{part}"),
        GithubOidcArgs(
            create=True,
            role_name=role_name,
            subjects=[f"{_repository(scope.environment)}:environment:{github_environment}"],
            provider_arn=of.provider_arn,
        ),
        scope.options,
    )


def _let_deploy(scope: Scope, releases: Releases, deploy: GithubOidc) -> None:
    environment = scope.environment
    releases.document.grant_send("send-releases", deploy.role_name, host_name=scope.names.host)
    if environment.github.promotes_from is None:
        releases.bucket.grant_read("read-releases", deploy.role_name)
    else:
        # A promotion brings the source's artefacts into the environment's own bucket.
        releases.bucket.grant_push("push-releases", deploy.role_name)
    deploy.grant(
        "watch",
        [
            # Takes no resource ("DescribeAlarms", Service Authorization Reference of CloudWatch): a deploy is taken
            # back when an alarm begins to ring.
            Statement(sid="ReadAlarms", actions=["cloudwatch:DescribeAlarms"], resources=["*"]),
            Statement(
                sid="ReadLogs",
                actions=["logs:FilterLogEvents"],
                resources=[
                    f"arn:aws:logs:{environment.region}:{environment.aws_account_id}:log-group:{SERVICES_LOG_GROUP}:*"
                ],
            ),
        ],
    )


def _reading_of_the_source(environment: EnvironmentConfig) -> Sequence[Statement]:
    source = environment.github.promotes_from
    if source is None:
        return []
    account, names = environment.aws_account_id, Names(source.environment)
    bucket = f"arn:aws:s3:::{names.release_bucket(account)}"
    return [
        Statement(sid="ListSource", actions=["s3:ListBucket"], resources=[bucket]),
        Statement(sid="ReadSource", actions=["s3:GetObject"], resources=[f"{bucket}/*"]),
        Statement(
            sid="ReadSourceRecord",
            actions=["ssm:GetParameterHistory"],
            resources=[f"arn:aws:ssm:{source.region}:{account}:parameter{names.release_record}"],
        ),
    ]


def _backup(scope: Scope, *, of: GithubOidc) -> GithubOidc | None:
    environment = scope.environment
    github_environment = environment.github.backup_environment
    if github_environment is None:
        return None
    role = _role(scope, "backup", scope.names.backup_role, github_environment=github_environment, of=of)
    region, account = environment.region, environment.aws_account_id
    role.grant(
        "ask-for-a-backup",
        [
            Statement(
                sid="SendDocument",
                actions=["ssm:SendCommand"],
                resources=[f"arn:aws:ssm:{region}:{account}:document/{scope.name('backup')}"],
            ),
            Statement(
                sid="SendToHost",
                actions=["ssm:SendCommand"],
                resources=[f"arn:aws:ec2:{region}:{account}:instance/*"],
                conditions={"StringEquals": {"ssm:resourceTag/Name": scope.names.host}},
            ),
            # Neither takes a resource.
            Statement(
                sid="ReadAnswers", actions=["ec2:DescribeInstances", "ssm:GetCommandInvocation"], resources=["*"]
            ),
        ],
    )
    return role
