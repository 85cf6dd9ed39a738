"""Access beside the customers': developers through the VPN, deploys through GitHub Actions."""

from collections.abc import Mapping, Sequence

import pulumi

from workbench.composition.bastion import bastion_args
from zelly_components.bastion_wireguard import BastionWireGuard
from zelly_components.container_registry import push_statements
from zelly_components.ecs_service import EcsService
from zelly_components.github_oidc import DeployGrantArgs, GithubOidc, GithubOidcArgs, deploy_statements
from zelly_components.identity.iam import policy_text
from zelly_components.limits.sizes import INLINE_POLICIES
from zelly_infra import catalog
from zelly_infra.catalog import Store
from zelly_infra.composition.foundation import Foundation
from zelly_infra.composition.scope import Scope, role_name
from zelly_infra.composition.stores import Stores
from zelly_infra.config import EnvironmentConfig
from zelly_infra.github_subjects import github_subjects
from zelly_infra.names import BASTION_LOG_GROUP, Names, log_group_name


def build_bastion(
    scope: Scope, foundation: Foundation, stores: Stores, services: Mapping[str, EcsService]
) -> BastionWireGuard:
    """Make the bastion and open to it every store and every port of every service."""
    bastion = _bastion(scope, foundation)
    for store in Store:
        stores.allow(store, catalog.VPN, bastion.security_group_id)
    for entry in catalog.SERVICES:
        for port in entry.ports:
            services[entry.name].allow_from(catalog.VPN, bastion.security_group_id, port=port)
    return bastion


def _bastion(scope: Scope, foundation: Foundation) -> BastionWireGuard:
    return BastionWireGuard(
        scope.name("bastion"),
        bastion_args(
            scope.environment,
            scope.environment.bastion,
            foundation.network,
            server_key_secret=catalog.WIREGUARD_SECRET,
            peers_parameter=scope.names.peers_parameter,
            recovery_window_days=scope.environment.secrets.recovery_window_days,
            log_group=BASTION_LOG_GROUP,
        ),
        scope.options,
    )


def build_github(scope: Scope, foundation: Foundation, services: Mapping[str, EcsService]) -> GithubOidc:
    """Make, or look up, the role of GitHub Actions, and let it push the images and deploy this stack's services.

    A stack grants its own services only: the role is one for the account, its permissions come from every stack.
    """
    github = scope.environment.github
    oidc = GithubOidc(
        scope.name("github"),
        GithubOidcArgs(
            create=github.create,
            role_name=github.role_name,
            subjects=github_subjects(github),
        ),
        scope.options,
    )
    if scope.environment.registry.create:
        # Once is enough: the role is one for the account, and IAM limits the size of all its policies together.
        foundation.registry.grant_push(scope.name("push-images"), oidc.role_name)
    built = {entry.name: services[entry.name] for entry in catalog.SERVICES if entry.repositories}
    oidc.grant_deploy(
        scope.name("deploy"),
        deploy_grant(
            scope.environment,
            cluster_arn=foundation.cluster.cluster_arn,
            pass_role_arns=[
                arn for service in built.values() for arn in (service.execution_role_arn, service.task_role_arn)
            ],
        ),
    )
    return oidc


def deploy_grant(
    environment: EnvironmentConfig, *, cluster_arn: pulumi.Input[str], pass_role_arns: Sequence[pulumi.Input[str]]
) -> DeployGrantArgs:
    """Return the services that a pipeline may deploy in an environment."""
    names = Names(environment.environment)
    services = [names.name(entry.name) for entry in catalog.SERVICES if entry.repositories]
    return DeployGrantArgs(
        region=environment.region,
        account_id=environment.aws_account_id,
        cluster_arn=cluster_arn,
        cluster_name=names.prefix,
        service_names=services,
        # A family is called like its service.
        task_families=services,
        pass_role_arns=pass_role_arns,
        # One pattern each and not five names: three environments have to fit into one role. Nothing else lies in
        # these two, but for the lines that the third-party tools write.
        image_parameter_arns=[
            f"arn:aws:ssm:{environment.region}:{environment.aws_account_id}:parameter{names.image_parameter('*')}"
        ],
        log_group_names=[log_group_name("*")],
    )


def granted_size(environment: EnvironmentConfig) -> int:
    """Return the size of the inline policies that an environment adds to the role of GitHub Actions, in characters."""
    return INLINE_POLICIES.size(*granted_policies(environment))


def granted_policies(environment: EnvironmentConfig) -> list[str]:
    """Return the inline policies that an environment adds to the role of GitHub Actions, read off its names alone."""
    account, names = environment.aws_account_id, Names(environment.environment)
    roles = [
        f"arn:aws:iam::{account}:role/{role_name(names, f'{entry.name}-{kind}')}"
        for entry in catalog.SERVICES
        if entry.repositories
        for kind in ("execution", "task")
    ]
    cluster = f"arn:aws:ecs:{environment.region}:{account}:cluster/{names.prefix}"
    granted = [policy_text(deploy_statements(deploy_grant(environment, cluster_arn=cluster, pass_role_arns=roles)))]
    if environment.registry.create:
        region = environment.registry.region
        repositories = [f"arn:aws:ecr:{region}:{account}:repository/{name}" for name in catalog.REPOSITORIES]
        granted.append(policy_text(push_statements(region, repositories)))
    return granted
