"""The role that deploys, which the account has once."""

from collections.abc import Mapping, Sequence

import pulumi

from sample_infra import services as shop
from sample_infra.config import EnvironmentConfig
from sample_infra.scope import Scope
from zelly_components import ecs_service as ecs
from zelly_components.container_registry import ContainerRegistry, push_statements
from zelly_components.ecs_cluster import EcsCluster
from zelly_components.github_oidc import DeployGrantArgs, GithubOidc, GithubOidcArgs, deploy_statements
from zelly_components.identity.iam import policy_text
from zelly_components.limits.sizes import INLINE_POLICIES


def build_pipelines(
    scope: Scope, registry: ContainerRegistry, cluster: EcsCluster, services: Mapping[str, ecs.EcsService]
) -> GithubOidc:
    create = scope.config.registry.create
    oidc = GithubOidc(
        scope.names.name("pipelines"),
        GithubOidcArgs(
            create=create,
            role_name=shop.ROLE,
            subjects=["repo:shop/shop:ref:refs/heads/main"] if create else [],
        ),
        scope.options,
    )
    if create:
        registry.grant_push(scope.names.name("push-images"), oidc.role_name)
    built = [services[entry.name] for entry in shop.SERVICES if entry.repositories]
    roles = [arn for service in built for arn in (service.execution_role_arn, service.task_role_arn)]
    oidc.grant_deploy(
        scope.names.name("deploy"), _grant(scope.config, cluster_arn=cluster.cluster_arn, pass_role_arns=roles)
    )
    return oidc


def _grant(
    config: EnvironmentConfig, *, cluster_arn: pulumi.Input[str], pass_role_arns: Sequence[pulumi.Input[str]]
) -> DeployGrantArgs:
    names = shop.names_of(config.environment)
    services = [names.name(entry.name) for entry in shop.SERVICES if entry.repositories]
    parameters = f"arn:aws:ssm:{config.region}:{config.aws_account_id}:parameter"
    return DeployGrantArgs(
        region=config.region,
        account_id=config.aws_account_id,
        cluster_arn=cluster_arn,
        cluster_name=names.prefix,
        service_names=services,
        task_families=services,
        pass_role_arns=pass_role_arns,
        image_parameter_arns=[f"{parameters}{names.image_parameter('*')}"],
        log_group_names=[f"{shop.LOG_GROUPS}ecs/*"],
    )


def granted_size(config: EnvironmentConfig) -> int:
    """Return how many characters of inline policies an environment adds to the pipelines' role."""
    account, names = config.aws_account_id, shop.names_of(config.environment)
    roles = [
        f"arn:aws:iam::{account}:role/{names.name(f'{entry.name}-{kind}')}"
        for entry in shop.SERVICES
        if entry.repositories
        for kind in ("execution", "task")
    ]
    cluster = f"arn:aws:ecs:{config.region}:{account}:cluster/{names.prefix}"
    granted = [policy_text(deploy_statements(_grant(config, cluster_arn=cluster, pass_role_arns=roles)))]
    if config.registry.create:
        region = config.registry.region
        repositories = [f"arn:aws:ecr:{region}:{account}:repository/{name}" for name in shop.REPOSITORIES]
        granted.append(policy_text(push_statements(region, repositories)))
    return INLINE_POLICIES.size(*granted)
