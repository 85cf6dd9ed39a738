"""What the commands look for in AWS, derived from a stack's config."""

import json

from tests.workbench.operations.environments import deployable
from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes
from tests.zelly_infra.switches import NAT_INSTANCE
from workbench.config.stack_file import read_stack_file
from workbench.operations.landscape import Landscape, landscape
from zelly_infra.config import EnvironmentConfig


def test_landscape_of_production() -> None:
    config = read_stack_file("production", ROOT).environment
    services = [deployable("api")]
    assert landscape(config, services) == Landscape(
        stack="production",
        region="ap-south-1",
        services=(deployable("api"),),
        hostnames={
            "api.zelly.in": "alb-nova",
            "account.zelly.in": "alb-customer",
            "orion-api.zelly.in": "alb-orion",
            "stores.zelly.in": "nlb-storefront",
        },
        dns_zone="zelly-production-dns",
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
        hosts={"clickhouse": "zelly-production-clickhouse", "bastion": "zelly-production-bastion"},
        host_images={"clickhouse": "ami-0a59fb4395466ed05", "bastion": "ami-0a59fb4395466ed05"},
        releases={
            "Aurora MySQL": "3.10",
            "ElastiCache for Redis OSS": "7",
            "ClickHouse": "24.3",
            "Amazon Linux": "2023",
        },
        alarm_prefix="zelly-production-monitoring-",
        is_proxied=False,
        aurora_cidrs=None,
        alarm_emails=("alerts@zelly.in",),
        running_hours=None,
        log_groups=frozenset(
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
        ),
    )


def test_shared_balancer_is_one_to_which_several_names_lead() -> None:
    text = json.dumps(with_changes(environment_of("staging"), {"load_balancing/shared": True}))
    found = landscape(EnvironmentConfig.model_validate_json(text), [])
    assert found.balancers == ("alb-shared", "nlb-storefront")
    assert found.certificate_names["api.staging.zelly.in"] == "zelly-staging-alb-nova-certificate"


def test_landscape_of_staging_lets_the_listed_ranges_reach_aurora() -> None:
    config = read_stack_file("staging", ROOT).environment
    found = landscape(config, [])
    assert (found.aurora_cidrs, found.alarm_prefix) == (("203.0.113.0/24",), "zelly-staging-monitoring-")


def test_nat_instance_is_looked_for_where_there_is_one() -> None:
    text = json.dumps(with_changes(environment_of("staging"), NAT_INSTANCE))
    found = landscape(EnvironmentConfig.model_validate_json(text), [])
    assert found.hosts == {
        "clickhouse": "zelly-staging-clickhouse",
        "bastion": "zelly-staging-bastion",
        "nat": "zelly-staging-network-nat",
    }
    assert found.host_images["nat"] == "ami-0123456789abcdef0"
    without = landscape(read_stack_file("staging", ROOT).environment, [])
    assert found.log_groups - without.log_groups == {"/zelly/nat"}
