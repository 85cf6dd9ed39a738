"""The description of one environment of Relay for its tools: its parts and their names."""

from collections.abc import Mapping

from relay_infra.catalog import REPOSITORIES, SERVICES
from relay_infra.config import EnvironmentConfig
from relay_infra.names import LOAD_BALANCER, LOG_GROUPS, NAT_LOG_GROUP, Names, log_group_name
from workbench.program import DeployedService, Description, Release, SharedResources
from workbench.promotions import ApprovalRules

TAG_PREFIX = "sha"
"""Of the tags that may be deployed, in every environment: a build is promoted, not tagged anew."""


def describe(config: EnvironmentConfig) -> Description:
    """Return the description of the environment that the program makes of a config."""
    names = Names(config.environment)
    nat = config.network.nat_instance
    return Description(
        stack=config.environment,
        region=config.region,
        account_id=config.aws_account_id,
        registry_region=config.registry.region,
        tag_prefix=TAG_PREFIX,
        deployed={
            name: DeployedService(architecture=service.architecture, maximum_tasks=service.maximum_tasks)
            for name, service in config.services.items()
        },
        hostnames=dict.fromkeys(_hostnames(config), LOAD_BALANCER),
        dns_zone=names.dns_zone,
        dns_zone_id=config.dns.cloudflare_zone_id,
        certificate_names={
            hostname: names.name(f"{service}-certificate") for hostname, service in _hostnames(config).items()
        },
        stores=(),
        hosts={} if nat is None else {"nat": names.name("network-nat")},
        host_images={} if nat is None else {"nat": nat.ami_id},
        host_release=None
        if nat is None
        else Release(product="Amazon Linux", release="2023", setting="the ami_id of each host"),
        accepted_releases={},
        unseen_steps=(),
        unseen_invariants=(),
        alarm_prefix=f"{names.name('monitoring')}-",
        is_proxied=config.dns.proxied,
        alarm_emails=tuple(config.alarms.emails),
        running_hours=None,
        log_group_prefix=LOG_GROUPS,
        log_groups=frozenset(
            {*(log_group_name(service.name) for service in SERVICES), *([] if nat is None else [NAT_LOG_GROUP])}
        ),
        shared=SharedResources(
            repositories=REPOSITORIES,
            registry_region=config.registry.region,
            provider_url="",
            role_name="",
            is_owner=config.registry.create,
        ),
        approval=None
        if config.promotion is None
        else ApprovalRules(longest_wait_minutes=config.promotion.approval_minutes),
    )


def _hostnames(config: EnvironmentConfig) -> Mapping[str, str]:
    """Return the services by the host names that lead to them."""
    return {service.hostname: name for name, service in config.services.items() if service.hostname is not None}
