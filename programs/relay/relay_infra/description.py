"""The description of one environment of Relay for its tools: its parts and their names."""

from collections.abc import Mapping
from datetime import timedelta

from relay_infra.catalog import AGENT_LABELS, REPOSITORIES, SERVICES
from relay_infra.config import EnvironmentConfig
from relay_infra.names import (
    JENKINS,
    JENKINS_BALANCER,
    JENKINS_LOG_GROUP,
    LOAD_BALANCER,
    LOG_GROUPS,
    NAT_LOG_GROUP,
    VPN_LOG_GROUP,
    Names,
    agents_log_group,
    log_group_name,
)
from workbench.agents import BuildAgents
from workbench.alerts import alert_topics
from workbench.names import COMMIT_DIGITS
from workbench.program import DeployedService, Description, Release, SharedResources
from workbench.promotions import ApprovalRules
from workbench.stores import FileSystem, Store

TAG_PREFIX = "sha"
"""Of the tags that may be deployed, in every environment: a build is promoted, not tagged anew."""
BRANCH_TAG_PREFIX = "branch"
"""Of the tags that move with a branch: for people, never deployed."""
NIGHTLY_TAG_PREFIX = "nightly"
"""Of the tags of nightly builds, with their date: never deployed."""


def deployed_tag_prefix(environment: str) -> str:
    """Return how the tags begin that say that an environment ran an image."""
    return f"deployed-{environment}"


def describe(config: EnvironmentConfig) -> Description:
    """Return the description of the environment that the program makes of a config."""
    names = Names(config.environment)
    return Description(
        stack=config.environment,
        region=config.region,
        account_id=config.aws_account_id,
        registry_region=config.registry.region,
        tag_prefix=TAG_PREFIX,
        deployed_tag_prefix=deployed_tag_prefix(config.environment),
        commit_digits=COMMIT_DIGITS,
        other_tag_prefixes=(BRANCH_TAG_PREFIX, NIGHTLY_TAG_PREFIX),
        deployed={
            name: DeployedService(architecture=service.architecture, maximum_tasks=service.maximum_tasks)
            for name, service in config.services.items()
        },
        hostnames={**dict.fromkeys(_hostnames(config), LOAD_BALANCER), **_jenkins_balancers(config)},
        dns_zone=names.dns_zone,
        dns_zone_id=config.dns.cloudflare_zone_id,
        certificate_names={
            **{hostname: names.name(f"{service}-certificate") for hostname, service in _hostnames(config).items()},
            **_jenkins_certificates(config),
        },
        stores=_stores(config),
        hosts=_hosts(config),
        host_images=_host_images(config),
        host_release=Release(product="Amazon Linux", release="2023", setting="the ami_id of each host")
        if _hosts(config)
        else None,
        accepted_releases={},
        unseen_steps=(),
        unseen_invariants=(),
        alarm_prefix=f"{names.name('monitoring')}-",
        is_proxied=config.dns.proxied,
        alarm_emails=tuple(config.alarms.emails),
        alert_topics=alert_topics(names.name("alerts"), config.channels),
        running_hours=None,
        log_group_prefix=LOG_GROUPS,
        log_groups=_log_groups(config),
        shared=_shared(config),
        approval=None
        if config.promotion is None
        else ApprovalRules(longest_wait_minutes=config.promotion.approval_minutes),
        agents=_agents(config),
    )


def _shared(config: EnvironmentConfig) -> SharedResources:
    return SharedResources(
        repositories=REPOSITORIES,
        registry_region=config.registry.region,
        # Jobs are Jenkins', whose roles no provider of GitHub's hands out.
        provider_url="",
        role_name="",
        is_owner=config.registry.create,
    )


def _agents(config: EnvironmentConfig) -> BuildAgents | None:
    if config.jenkins is None:
        return None
    names = Names(config.environment)
    return BuildAgents(
        groups={label: names.agent_group(label) for label in AGENT_LABELS},
        longest_build=timedelta(minutes=config.jenkins.agents.longest_build_minutes),
    )


def _stores(config: EnvironmentConfig) -> tuple[Store, ...]:
    if config.jenkins is None:
        return ()
    names = Names(config.environment)
    return (
        FileSystem(
            label="Jenkins' home",
            name=names.name(f"{JENKINS}-home"),
            restoring_role=names.name(f"{JENKINS}-backup-restore"),
        ),
    )


def _hosts(config: EnvironmentConfig) -> Mapping[str, str]:
    names = Names(config.environment)
    return {
        **({} if config.network.nat_instance is None else {"nat": names.name("network-nat")}),
        **({} if config.jenkins is None else {"vpn": names.vpn}),
    }


def _host_images(config: EnvironmentConfig) -> Mapping[str, str]:
    nat, jenkins = config.network.nat_instance, config.jenkins
    return {
        **({} if nat is None else {"nat": nat.ami_id}),
        **({} if jenkins is None else {"vpn": jenkins.vpn.ami_id}),
    }


def _log_groups(config: EnvironmentConfig) -> frozenset[str]:
    jenkins = {JENKINS_LOG_GROUP, VPN_LOG_GROUP, *map(agents_log_group, AGENT_LABELS)}
    return frozenset(
        {
            *(log_group_name(service.name) for service in SERVICES),
            *([] if config.network.nat_instance is None else [NAT_LOG_GROUP]),
            *([] if config.jenkins is None else jenkins),
        }
    )


def _jenkins_balancers(config: EnvironmentConfig) -> Mapping[str, str]:
    """Return Jenkins' balancers by the host names that lead to them: an internal one, and the webhook's."""
    jenkins = config.jenkins
    if jenkins is None:
        return {}
    return {jenkins.hostname: JENKINS_BALANCER, jenkins.webhook_hostname: f"{JENKINS_BALANCER}-webhook"}


def _jenkins_certificates(config: EnvironmentConfig) -> Mapping[str, str]:
    jenkins, names = config.jenkins, Names(config.environment)
    if jenkins is None:
        return {}
    return {
        jenkins.hostname: names.name(f"{JENKINS}-certificate"),
        jenkins.webhook_hostname: names.name(f"{JENKINS}-webhook-certificate"),
    }


def _hostnames(config: EnvironmentConfig) -> Mapping[str, str]:
    """Return the services by the host names that lead to them."""
    return {service.hostname: name for name, service in config.services.items() if service.hostname is not None}
