"""The description of an environment that the tools are given, derived from a stack's config."""

import json
from datetime import date

from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes
from tests.zelly_infra.switches import NAT_INSTANCE
from workbench.program import AcceptedRelease, DeployedService, Description, Release, SharedResources, UnseenCheck
from workbench.stores import AuroraCluster, ClickHouseHost, FileSystem, RedisNode, Store
from zelly_infra.catalog import REPOSITORIES
from zelly_infra.config import EnvironmentConfig
from zelly_infra.description import describe
from zelly_infra.stack_file import read_stack_file

DEPLOYED = {
    name: DeployedService(architecture="X86_64", maximum_tasks=maximum)
    for name, maximum in (
        ("fastify-nova", 4),
        ("customer-panel", 2),
        ("orion-backend", 2),
        ("events-consumer", 1),
        ("storefront", 4),
        ("internal-tools", 1),
    )
}

LOG_GROUPS = frozenset(
    {
        "/zelly/bastion",
        "/zelly/clickhouse",
        "/zelly/ecs/customer-panel",
        "/zelly/ecs/events-consumer",
        "/zelly/ecs/fastify-nova",
        "/zelly/ecs/internal-tools",
        "/zelly/ecs/orion-backend",
        "/zelly/ecs/storefront",
    }
)

SHARED = SharedResources(
    repositories=REPOSITORIES,
    registry_region="ap-south-1",
    provider_url="https://token.actions.githubusercontent.com",
    role_name="zelly-github-actions",
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
            zone="ap-south-1a",
            volume_gib=50,
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
    config = read_stack_file("production", ROOT).environment
    assert describe(config) == Description(
        stack="production",
        region="ap-south-1",
        account_id=config.aws_account_id,
        registry_region="ap-south-1",
        tag_prefix="prod",
        deployed=DEPLOYED,
        hostnames={
            "api.zelly.in": "alb-nova",
            "account.zelly.in": "alb-customer",
            "orion-api.zelly.in": "alb-orion",
            "stores.zelly.in": "nlb-storefront",
        },
        dns_zone="zelly-production-dns",
        dns_zone_id=config.dns.cloudflare_zone_id,
        certificate_names={
            "api.zelly.in": "zelly-production-alb-nova-certificate",
            "account.zelly.in": "zelly-production-alb-customer-certificate",
            "orion-api.zelly.in": "zelly-production-alb-orion-certificate",
        },
        stores=stores(config),
        hosts={"clickhouse": "zelly-production-clickhouse", "bastion": "zelly-production-bastion"},
        host_images={"clickhouse": "ami-0a59fb4395466ed05", "bastion": "ami-0a59fb4395466ed05"},
        host_release=Release(product="Amazon Linux", release="2023", setting="the ami_id of each host"),
        accepted_releases=ACCEPTED_RELEASES,
        unseen_steps=UNSEEN_STEPS,
        unseen_invariants=UNSEEN_INVARIANTS,
        alarm_prefix="zelly-production-monitoring-",
        is_proxied=False,
        alarm_emails=("alerts@zelly.in",),
        log_group_prefix="/zelly/",
        running_hours=None,
        log_groups=LOG_GROUPS,
        shared=SHARED,
    )


def test_shared_balancer_is_one_to_which_several_names_lead() -> None:
    text = json.dumps(with_changes(environment_of("staging"), {"load_balancing/shared": True}))
    found = describe(EnvironmentConfig.model_validate_json(text))
    assert found.balancers == ("alb-shared", "nlb-storefront")
    assert found.certificate_names["api.staging.zelly.in"] == "zelly-staging-alb-nova-certificate"


def test_description_of_staging_lets_the_listed_ranges_reach_aurora() -> None:
    config = read_stack_file("staging", ROOT).environment
    found = describe(config)
    (aurora,) = found.stores_of(AuroraCluster)
    assert (aurora.allowed_cidrs, found.alarm_prefix) == (("203.0.113.0/24",), "zelly-staging-monitoring-")


def test_nat_instance_is_looked_for_where_there_is_one() -> None:
    text = json.dumps(with_changes(environment_of("staging"), NAT_INSTANCE))
    found = describe(EnvironmentConfig.model_validate_json(text))
    assert found.hosts == {
        "clickhouse": "zelly-staging-clickhouse",
        "bastion": "zelly-staging-bastion",
        "nat": "zelly-staging-network-nat",
    }
    assert found.host_images["nat"] == "ami-0123456789abcdef0"
    without = describe(read_stack_file("staging", ROOT).environment)
    assert found.log_groups - without.log_groups == {"/zelly/nat"}
