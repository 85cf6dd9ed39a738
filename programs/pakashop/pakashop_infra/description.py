"""The description of one environment of Pakashop for its tools: its parts and their names."""

from pakashop_infra.config import EnvironmentConfig
from pakashop_infra.names import LOG_GROUPS, NAT_LOG_GROUP, SERVICES_LOG_GROUP, Names
from workbench.program import Description, Release, ReleaseTarget, SharedResources


def describe(config: EnvironmentConfig) -> Description:
    """Return the description of the environment that the program makes of a config."""
    names = Names(config.environment)
    has_nat_instance = config.network.nat_instance is not None
    return Description(
        stack=config.environment,
        region=config.region,
        account_id=config.aws_account_id,
        registry_region=config.region,
        tag_prefix="",
        deployed={},
        hostnames={},
        dns_zone="",
        dns_zone_id="",
        certificate_names={},
        stores=(),
        hosts={"nat": names.name("network-nat")} if has_nat_instance else {},
        host_images={} if config.network.nat_instance is None else {"nat": config.network.nat_instance.ami_id},
        host_release=Release(product="Amazon Linux", release="2023", setting="the ami_id of each host"),
        accepted_releases={},
        unseen_steps=(),
        unseen_invariants=(),
        alarm_prefix=f"{names.name('monitoring')}-",
        is_proxied=True,
        alarm_emails=tuple(config.alarms.emails),
        running_hours=None,
        log_group_prefix=LOG_GROUPS,
        log_groups=frozenset({NAT_LOG_GROUP}) if has_nat_instance else frozenset(),
        shared=SharedResources(
            repositories=(), registry_region=config.region, provider_url="", role_name="", is_owner=True
        ),
        releases=ReleaseTarget(
            host=names.host,
            document=names.release_document,
            bucket=names.release_bucket(config.aws_account_id),
            record=names.release_record,
            log_group=SERVICES_LOG_GROUP,
        ),
    )
