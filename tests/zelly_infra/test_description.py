"""The description of an environment that the tools are given, derived from a stack's config."""

import json

from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes
from tests.zelly_infra.switches import NAT_INSTANCE
from workbench.program import DeployedService, Description, Product, SharedResources
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
        aurora_cluster="zelly-production-aurora",
        aurora_version=config.aurora.engine_version,
        redis_engine=config.redis.engine,
        redis_version=config.redis.engine_version,
        redis_prefix="zelly-production-redis-",
        redis_secret="zelly/redis/auth",
        clickhouse_zone="ap-south-1a",
        clickhouse_volume_gib=50,
        clickhouse_secret="zelly/clickhouse/credentials",
        hosts={"clickhouse": "zelly-production-clickhouse", "bastion": "zelly-production-bastion"},
        host_images={"clickhouse": "ami-0a59fb4395466ed05", "bastion": "ami-0a59fb4395466ed05"},
        releases={
            Product.AURORA: "3.10",
            Product.REDIS: "7",
            Product.CLICKHOUSE: "24.3",
            Product.LINUX: "2023",
        },
        alarm_prefix="zelly-production-monitoring-",
        is_proxied=False,
        aurora_cidrs=None,
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
    assert (found.aurora_cidrs, found.alarm_prefix) == (("203.0.113.0/24",), "zelly-staging-monitoring-")


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
