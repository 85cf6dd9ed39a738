"""Jenkins, for both environments: the controller, a pool of agents for each role, and the VPN to the controller."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_random as random

from relay_infra import catalog
from relay_infra.composition.access import role_arn
from relay_infra.composition.edge import Edge
from relay_infra.composition.foundation import Foundation
from relay_infra.composition.scope import Scope
from relay_infra.config_jenkins import Jenkins as JenkinsConfig
from relay_infra.names import (
    JENKINS,
    JENKINS_BALANCER,
    JENKINS_LOG_GROUP,
    VPN_LOG_GROUP,
    Names,
    agent_role_name,
    agents_log_group,
)
from workbench.composition.bastion import bastion_args
from zelly_components.base import derived
from zelly_components.bastion_wireguard import BastionWireGuard
from zelly_components.build_agents import AwsProfile, BuildAgents, BuildAgentsArgs
from zelly_components.certificate import Certificate, CertificateArgs
from zelly_components.container_registry import ContainerRegistry, ContainerRegistryArgs, push_statements
from zelly_components.ecs_cluster import EcsCluster, EcsClusterArgs
from zelly_components.ecs_service import SecretVariableArgs
from zelly_components.identity.iam import Statement
from zelly_components.jenkins import ssh_key
from zelly_components.jenkins_controller import (
    AgentPoolArgs,
    JenkinsController,
    JenkinsControllerArgs,
    WebhookArgs,
)
from zelly_components.secrets import ApplicationSecret, ApplicationSecretArgs, ManagedSecret, ManagedSecretArgs

RESTORE_TEST_SCHEDULE = "cron(0 18 ? * SUN *)"
"""Long after the window in which EFS backs up, five to thirteen o'clock UTC (EFS User Guide, "Backing up EFS file
systems")."""

CONTROLLER = "controller"
VPN = "vpn"

_ENVIRONMENTS = {"deploy-preproduction": "preproduction", "deploy-production": "production"}
"""Pool that deploys -> environment whose role it may take on."""


@dataclass(frozen=True, kw_only=True)
class Jenkins:
    """The one Jenkins of the account."""

    cluster: EcsCluster
    controller: JenkinsController
    agents: Mapping[str, BuildAgents]
    """By label."""
    vpn: BastionWireGuard
    config: JenkinsConfig
    account_id: str

    @property
    def outputs(self) -> Mapping[str, pulumi.Input[object]]:
        """The pools and their roles, as the stack exports them."""
        return {
            "agent_groups": {label: pool.group_name for label, pool in self.agents.items()},
            "agent_roles": {label: pool.role_arn for label, pool in self.agents.items()},
            "deploy_roles": {
                environment: role_arn(self.account_id, Names(environment).deploy_role)
                for environment in _ENVIRONMENTS.values()
            },
            "file_system": self.controller.file_system_id,
            "url": f"https://{self.config.hostname}/",
            "webhook_url": f"https://{self.config.webhook_hostname}/github-webhook/",
        }


def build_jenkins(scope: Scope, *, foundation: Foundation, edge: Edge) -> Jenkins | None:
    """Make Jenkins where the stack has it."""
    config = scope.environment.jenkins
    if config is None:
        return None
    cluster = EcsCluster(
        _name(scope, "cluster"),
        EcsClusterArgs(
            # Of its own: what deploys services has no business in it.
            cluster_name=scope.name(JENKINS),
            container_insights=scope.environment.containers.container_insights,
        ),
        scope.options,
    )
    build_secrets = _operators_secrets(scope, catalog.CI_SECRETS)
    seed = random.RandomBytes(_name(scope, "agent-key"), length=ssh_key.SEED_BYTES, opts=scope.options).base64
    agents = {
        label: _pool(scope, config, foundation, label, seed=seed, build_secrets=list(build_secrets.values()))
        for label in catalog.AGENT_LABELS
    }
    controller = _controller(scope, config, foundation=foundation, edge=edge, cluster=cluster, agents=agents, seed=seed)
    for pool in agents.values():
        pool.allow_from(CONTROLLER, controller.security_group_id)
    vpn = _vpn(scope, config, foundation)
    controller.allow_from(VPN, vpn.security_group_id)
    foundation.dns.point_name_at(config.hostname, controller.dns_name, proxied=False)
    foundation.dns.point_name_at(config.webhook_hostname, controller.webhook_dns_name, proxied=False)
    return Jenkins(
        cluster=cluster,
        controller=controller,
        agents=agents,
        vpn=vpn,
        config=config,
        account_id=scope.environment.aws_account_id,
    )


def _name(scope: Scope, part: str) -> str:
    return scope.name(f"{JENKINS}-{part}")


def _operators_secrets(scope: Scope, secrets: Mapping[str, tuple[str, ...]]) -> dict[str, pulumi.Output[str]]:
    return {
        name: ApplicationSecret(
            _name(scope, name.rpartition("/")[2]),
            ApplicationSecretArgs(
                secret_name=name,
                description="Of the pipeline, filled by operators",
                recovery_window_days=scope.environment.secrets.recovery_window_days,
                keys=keys,
            ),
            scope.options,
        ).secret_arn
        for name, keys in secrets.items()
    }


def _pool(
    scope: Scope,
    config: JenkinsConfig,
    foundation: Foundation,
    label: str,
    *,
    seed: pulumi.Output[str],
    build_secrets: list[pulumi.Output[str]],
) -> BuildAgents:
    environment, pool = scope.environment, config.agents.pools[label]
    return BuildAgents(
        _name(scope, label),
        BuildAgentsArgs(
            region=environment.region,
            account_id=environment.aws_account_id,
            group_name=scope.names.agent_group(label),
            role_name=agent_role_name(label),
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.private_subnet_ids,
            instance_types=pool.instance_types,
            spot=pool.spot,
            ami_id=config.agents.ami_id,
            root_volume_gib=pool.root_volume_gib,
            maximum_agents=pool.maximum_agents,
            longest_build_minutes=config.agents.longest_build_minutes,
            public_key=derived(seed, lambda text: ssh_key.public_key(text, "jenkins")),
            log_group_name=agents_log_group(label),
            log_retention_days=config.agents.log_retention_days,
            statements=_build_statements(scope, foundation, build_secrets) if label == catalog.BUILD else [],
            profiles=_profiles(scope, label),
        ),
        scope.options,
    )


def _build_statements(scope: Scope, foundation: Foundation, build_secrets: list[pulumi.Output[str]]) -> list[Statement]:
    return [
        *push_statements(scope.environment.registry.region, list(foundation.registry.repository_arns.values())),
        Statement(sid="ReadOwnSecrets", actions=["secretsmanager:GetSecretValue"], resources=build_secrets),
    ]


def _profiles(scope: Scope, label: str) -> dict[str, AwsProfile]:
    """Return the role that a pool may take on, under the pool's own label; the commands name their region."""
    environment = _ENVIRONMENTS.get(label)
    if environment is None:
        return {}
    role = role_arn(scope.environment.aws_account_id, Names(environment).deploy_role)
    return {label: AwsProfile(role_arn=role, region=scope.environment.region)}


def _controller(
    scope: Scope,
    config: JenkinsConfig,
    *,
    foundation: Foundation,
    edge: Edge,
    cluster: EcsCluster,
    agents: Mapping[str, BuildAgents],
    seed: pulumi.Output[str],
) -> JenkinsController:
    environment = scope.environment
    registry = _registry(scope, config)
    repository = registry.repository_urls[catalog.CONTROLLER_REPOSITORY]
    empty_until = config.home.may_be_empty_until
    return JenkinsController(
        scope.name(JENKINS),
        JenkinsControllerArgs(
            region=environment.region,
            account_id=environment.aws_account_id,
            cluster_arn=cluster.cluster_arn,
            cluster_name=cluster.cluster_name,
            service_name=JENKINS_BALANCER,
            vpc_id=foundation.network.vpc_id,
            public_subnet_ids=foundation.network.public_subnet_ids,
            private_subnet_ids=foundation.network.private_subnet_ids,
            image=pulumi.Output.format("{0}@{1}", repository, config.image),
            repository_arns=[registry.repository_arns[catalog.CONTROLLER_REPOSITORY]],
            cpu_units=config.cpu_units,
            memory_mib=config.memory_mib,
            architecture=config.architecture,
            hostname=config.hostname,
            certificate_arn=_certificate(scope, "certificate", config.hostname),
            webhook=_webhook(scope, config),
            tls_policy=environment.load_balancing.tls_policy,
            access_log_bucket=edge.access_log_bucket,
            agents=_pools(config, agents),
            environment=_variables(config),
            secrets=_controller_secrets(scope, seed),
            home_directory=config.home.directory,
            home_may_be_empty_until=None if empty_until is None else empty_until.isoformat(),
            restore_test_schedule=RESTORE_TEST_SCHEDULE,
            log_group_name=JENKINS_LOG_GROUP,
            log_retention_days=config.log_retention_days,
            execution_role_name=_name(scope, "execution"),
            task_role_name=_name(scope, "task"),
            deletion_protection=environment.deletion_protection,
        ),
        scope.options,
    )


def _variables(config: JenkinsConfig) -> dict[str, pulumi.Input[str]]:
    return {
        "GITHUB_ORGANIZATION": config.github_organization,
        "GITHUB_REPOSITORY": config.github_repository,
    }


def _pools(config: JenkinsConfig, agents: Mapping[str, BuildAgents]) -> dict[str, AgentPoolArgs]:
    return {
        label: AgentPoolArgs(
            group_name=pool.group_name,
            group_arn=pool.group_arn,
            maximum_agents=config.agents.pools[label].maximum_agents,
        )
        for label, pool in agents.items()
    }


def _webhook(scope: Scope, config: JenkinsConfig) -> WebhookArgs:
    return WebhookArgs(
        certificate_arn=_certificate(scope, "webhook-certificate", config.webhook_hostname),
        source_cidr_blocks={name: str(network) for name, network in config.webhook_networks.items()},
    )


def _controller_secrets(scope: Scope, seed: pulumi.Output[str]) -> list[SecretVariableArgs]:
    agent_key = ManagedSecret(
        _name(scope, "agent-login"),
        ManagedSecretArgs(
            secret_name=catalog.AGENT_KEY_SECRET,
            description="The key with which Jenkins' controller logs in to its agents",
            recovery_window_days=scope.environment.secrets.recovery_window_days,
            values={catalog.AGENT_KEY: pulumi.Output.secret(derived(seed, ssh_key.private_key))},
        ),
        scope.options,
    )
    operators = _operators_secrets(scope, catalog.CONTROLLER_SECRETS)
    return [
        SecretVariableArgs(name=catalog.AGENT_KEY, secret_arn=agent_key.secret_arn, key=catalog.AGENT_KEY),
        *(
            SecretVariableArgs(name=key, secret_arn=operators[name], key=key)
            for name, keys in catalog.CONTROLLER_SECRETS.items()
            for key in keys
        ),
    ]


def _registry(scope: Scope, config: JenkinsConfig) -> ContainerRegistry:
    return ContainerRegistry(
        _name(scope, "registry"),
        ContainerRegistryArgs(
            region=scope.environment.registry.region,
            repository_names=[catalog.CONTROLLER_REPOSITORY],
            create=True,
            images_kept={"sha-": config.images_kept},
            untagged_retention_days=scope.environment.registry.untagged_days,
        ),
        scope.options,
    )


def _certificate(scope: Scope, part: str, hostname: str) -> pulumi.Output[str]:
    dns = scope.environment.dns
    return Certificate(
        _name(scope, part),
        CertificateArgs(
            domain_name=hostname,
            subject_alternative_names=[],
            zone_id=dns.cloudflare_zone_id,
            ttl_seconds=dns.ttl_seconds,
        ),
        scope.options,
    ).certificate_arn


def _vpn(scope: Scope, config: JenkinsConfig, foundation: Foundation) -> BastionWireGuard:
    return BastionWireGuard(
        scope.names.vpn,
        bastion_args(
            scope.environment,
            config.vpn,
            foundation.network,
            server_key_secret=catalog.VPN_KEY_SECRET,
            peers_parameter=scope.names.peers_parameter,
            recovery_window_days=scope.environment.secrets.recovery_window_days,
            log_group=VPN_LOG_GROUP,
        ),
        scope.options,
    )
