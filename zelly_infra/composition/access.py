"""Who may come in beside the customers: developers through the VPN, deploys through GitHub Actions."""

from collections.abc import Mapping

from components.bastion_wireguard import BastionWireGuard, BastionWireGuardArgs, PeerArgs
from components.ecs_service import EcsService
from components.github_oidc import DeployGrantArgs, GithubOidc, GithubOidcArgs, repository_subject
from zelly_infra import catalog
from zelly_infra.catalog import Store
from zelly_infra.composition.foundation import Foundation
from zelly_infra.composition.scope import Scope
from zelly_infra.composition.stores import Stores
from zelly_infra.config_sections import Github
from zelly_infra.names import BASTION_LOG_GROUP, log_group_name


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
    bastion = scope.environment.bastion
    return BastionWireGuard(
        scope.name("bastion"),
        BastionWireGuardArgs(
            region=scope.environment.region,
            vpc_id=foundation.network.vpc_id,
            vpc_cidr_block=foundation.network.cidr_block,
            subnet_id=foundation.network.public_subnet_ids[0],
            instance_type=bastion.instance_type,
            cpu_credits=bastion.cpu_credits,
            ami_id=bastion.ami_id,
            ssh_public_key=bastion.ssh_public_key,
            ssh_allowed_cidr_blocks={name: str(cidr) for name, cidr in bastion.ssh_allowed_cidrs.items()},
            wireguard_port=bastion.wireguard_port,
            vpn_cidr_block=str(bastion.vpn_cidr),
            peers=[
                PeerArgs(name=name, address=str(peer.address), public_key=peer.public_key)
                for name, peer in bastion.peers.items()
            ],
            server_key_secret_name=catalog.WIREGUARD_SECRET,
            peers_parameter_name=scope.names.peers_parameter,
            recovery_window_days=scope.environment.secrets.recovery_window_days,
            log_group_name=BASTION_LOG_GROUP,
            log_retention_days=bastion.log_retention_days,
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
        DeployGrantArgs(
            region=scope.environment.region,
            account_id=scope.environment.aws_account_id,
            cluster_arn=foundation.cluster.cluster_arn,
            cluster_name=scope.names.prefix,
            service_names=[scope.name(name) for name in built],
            task_families=[service.task_definition_family for service in built.values()],
            pass_role_arns=[
                arn for service in built.values() for arn in (service.execution_role_arn, service.task_role_arn)
            ],
            # One pattern each and not five names: three environments have to fit into one role. Nothing else lies in
            # these two, but for the lines that the third-party tools write.
            image_parameter_arns=[
                f"arn:aws:ssm:{scope.environment.region}:{scope.environment.aws_account_id}:parameter"
                f"{scope.names.image_parameter('*')}"
            ],
            log_group_names=[log_group_name("*")],
        ),
    )
    return oidc


def github_subjects(github: Github) -> list[str]:
    """Return the subjects of the tokens that may assume the role: each repository's of the catalog, on each branch.

    A repository whose id is known is trusted by its ids, and by its names alone only while ``names_still_trusted``.
    """
    repositories = [entry.github_repository for entry in catalog.SERVICES if entry.github_repository is not None]
    return [
        f"{subject}:ref:refs/heads/{branch}"
        for repository in repositories
        for subject in _repository_subjects(github, repository)
        for branch in github.trusted_branches
    ]


def _repository_subjects(github: Github, repository: str) -> list[str]:
    names = repository_subject(github.organization, repository)
    number = github.repository_ids.get(repository)
    if number is None:
        return [names]
    ids = repository_subject(github.organization, repository, owner_id=github.organization_id, repository_id=number)
    return [ids, names] if github.names_still_trusted else [ids]
