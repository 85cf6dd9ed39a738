"""The description of an environment that the tools are given, derived from a stack's config."""

import json
from datetime import date

from tests.zelly_infra.evaluations import config_of
from tests.zelly_infra.stack_files import environment_of, with_changes
from tests.zelly_infra.switches import NAT_INSTANCE
from workbench.program import (
    AcceptedRelease,
    AuroraCluster,
    ClickHouseHost,
    DeployedService,
    Description,
    FileSystem,
    RedisNode,
    Release,
    SharedResources,
    Store,
    UnseenCheck,
)
from zelly_infra.catalog import REPOSITORIES, SERVICES, HttpsIngress
from zelly_infra.config import EnvironmentConfig
from zelly_infra.description import describe

CONFIG = config_of("production")
INGRESSES = {service.name: service.ingress for service in SERVICES if service.ingress}
HOSTNAMES = {service: str(CONFIG.services[service].hostname) for service in INGRESSES}

SHARED = SharedResources(
    repositories=REPOSITORIES,
    registry_region=CONFIG.registry.region,
    provider_url="https://token.actions.githubusercontent.com",
    role_name=CONFIG.github.role_name,
    is_owner=True,
)


ACCEPTED_RELEASES = {
    ("ClickHouse", "24.3"): AcceptedRelease(
        until=date(2027, 11, 30),
        reason="the platform's documents name it; no other host than its clients reaches it",
    )
}
UNSEEN_STEPS = (
    UnseenCheck(
        name="migrations run",
        why="which schemas Aurora holds is not seen from outside",
        service="fastify-nova",
        command="COMMAND",
    ),
)
UNSEEN_INVARIANTS = (
    UnseenCheck(
        name="Caddy locks",
        why="the certificate volume is not seen from outside",
        service="storefront",
        container="caddy",
        command="find /data/caddy/locks -type f",
    ),
)


def stores(config: EnvironmentConfig) -> tuple[Store, ...]:
    return (
        AuroraCluster(
            label="Aurora",
            identifier="zelly-production-aurora",
            version=config.aurora.engine_version,
            version_setting="aurora.engine_version",
            allowed_cidrs=None,
        ),
        RedisNode(
            label="Redis",
            prefix="zelly-production-redis-",
            copy_prefix="zelly-production-restored-",
            engine=config.redis.engine,
            engine_setting="redis.engine",
            version=config.redis.engine_version,
            version_setting="redis.engine_version",
            secret="zelly/redis/auth",
        ),
        ClickHouseHost(
            label="ClickHouse",
            host="zelly-production-clickhouse",
            volume="zelly-production-clickhouse-data",
            zone=config.clickhouse.availability_zone,
            volume_gib=config.clickhouse.volume_gib,
            image=config.clickhouse.image,
            image_setting="clickhouse.image",
            secret="zelly/clickhouse/credentials",
        ),
        FileSystem(
            label="Caddy's certificates",
            name="zelly-production-caddy",
            restoring_role="zelly-production-backup-restore",
        ),
    )


def test_description_of_production() -> None:
    config = CONFIG
    assert describe(config) == Description(
        stack="production",
        region=config.region,
        account_id=config.aws_account_id,
        registry_region=config.registry.region,
        tag_prefix=config.registry.tag_prefix,
        deployed={
            name: DeployedService(architecture=size.architecture, maximum_tasks=size.maximum_tasks)
            for name, size in config.services.items()
        },
        hostnames={HOSTNAMES[service]: ingress.load_balancer for service, ingress in INGRESSES.items()},
        dns_zone="zelly-production-dns",
        dns_zone_id=config.dns.cloudflare_zone_id,
        certificate_names={
            HOSTNAMES[service]: f"zelly-production-{ingress.load_balancer}-certificate"
            for service, ingress in INGRESSES.items()
            if isinstance(ingress, HttpsIngress)
        },
        stores=stores(config),
        hosts={"clickhouse": "zelly-production-clickhouse", "bastion": "zelly-production-bastion"},
        host_images={"clickhouse": config.clickhouse.ami_id, "bastion": config.bastion.ami_id},
        host_release=Release(product="Amazon Linux", release="2023", setting="the ami_id of each host"),
        accepted_releases=ACCEPTED_RELEASES,
        unseen_steps=UNSEEN_STEPS,
        unseen_invariants=UNSEEN_INVARIANTS,
        alarm_prefix="zelly-production-monitoring-",
        is_proxied=False,
        alarm_emails=tuple(config.alarms.emails),
        log_group_prefix="/zelly/",
        running_hours=None,
        log_groups=frozenset(
            {"/zelly/bastion", "/zelly/clickhouse", *(f"/zelly/ecs/{service.name}" for service in SERVICES)}
        ),
        shared=SHARED,
    )


def test_shared_balancer_is_one_to_which_several_names_lead() -> None:
    hostname = config_of("staging").services["fastify-nova"].hostname
    assert hostname is not None
    text = json.dumps(with_changes(environment_of("staging"), {"load_balancing/shared": True}))
    found = describe(EnvironmentConfig.model_validate_json(text))
    assert found.balancers == ("alb-shared", "nlb-storefront")
    assert found.certificate_names[hostname] == "zelly-staging-alb-nova-certificate"


def test_description_of_staging_lets_the_listed_ranges_reach_aurora() -> None:
    config = config_of("staging")
    found = describe(config)
    listed = tuple(str(cidr) for cidr in config.aurora.allowed_cidrs.values())
    assert listed
    (aurora,) = found.stores_of(AuroraCluster)
    assert (aurora.allowed_cidrs, found.alarm_prefix) == (listed, "zelly-staging-monitoring-")


def test_nat_instance_is_looked_for_where_there_is_one() -> None:
    text = json.dumps(with_changes(environment_of("staging"), NAT_INSTANCE))
    found = describe(EnvironmentConfig.model_validate_json(text))
    assert found.hosts == {
        "clickhouse": "zelly-staging-clickhouse",
        "bastion": "zelly-staging-bastion",
        "nat": "zelly-staging-network-nat",
    }
    assert found.host_images["nat"] == "ami-0123456789abcdef0"
    without = describe(config_of("staging"))
    assert found.log_groups - without.log_groups == {"/zelly/nat"}
