"""The stack files and the catalog say what the platform's documents say: the one comparison with the facts."""

import re

import pytest

from tests.zelly_infra import facts
from tests.zelly_infra.stack_files import ROOT
from workbench.config.stack_file import stack_names
from workbench.review.cost.usage import read_usage
from zelly_infra import names
from zelly_infra.catalog import (
    APPLICATION_SECRETS,
    PROGRAM_SECRETS,
    SERVICES,
    Container,
    HttpsIngress,
    PassthroughIngress,
    Service,
)
from zelly_infra.stack_file import read_stack_file
from zelly_infra.surroundings import FRONTENDS, QUEUES, SCHEMAS

CONFIGS = {stack: read_stack_file(stack, ROOT).environment for stack in stack_names(ROOT)}


@pytest.fixture(params=CONFIGS)
def stack(request: pytest.FixtureRequest) -> str:
    return request.param


def test_stacks_are_the_documented_environments() -> None:
    assert CONFIGS.keys() == facts.ENVIRONMENTS.keys()


def test_environment_is_as_documented(stack: str) -> None:
    config, documented = CONFIGS[stack], facts.ENVIRONMENTS[stack]
    assert {
        "region": config.region,
        "VPC": str(config.network.cidr),
        "zones": config.network.availability_zones,
        "NAT gateways": config.network.nat_gateways,
        "deletion_protection": config.deletion_protection,
        "creates repositories": config.registry.create,
        "creates GitHub's role": config.github.create,
        "tags": config.registry.tag_prefix,
        "registry": config.registry.region,
        "organization": config.github.organization,
        "role": config.github.role_name,
    } == {
        "region": documented.region,
        "VPC": documented.vpc_cidr,
        "zones": tuple(f"{documented.region}{letter}" for letter in facts.ZONES),
        "NAT gateways": facts.NAT_GATEWAYS,
        "deletion_protection": documented.deletion_protection,
        "creates repositories": documented.creates_repositories,
        "creates GitHub's role": documented.creates_repositories,
        "tags": documented.tag_prefix,
        "registry": facts.REGISTRY_REGION,
        "organization": facts.GITHUB_ORGANIZATION,
        "role": facts.GITHUB_ROLE,
    }


def test_stores_are_as_documented(stack: str) -> None:
    config, documented = CONFIGS[stack], facts.ENVIRONMENTS[stack]
    engine, version = facts.REDIS_ENGINE
    assert config.aurora.engine_version.startswith(facts.AURORA_ENGINE)
    assert config.redis.engine_version.startswith(version)
    assert config.clickhouse.image.partition("/")[2].startswith(facts.CLICKHOUSE_IMAGE)
    assert {
        "Aurora, most": config.aurora.maximum_capacity_acu,
        "Aurora, public": config.aurora.publicly_accessible,
        "Aurora, user": config.aurora.master_username,
        "Redis": (config.redis.engine, config.redis.node_type),
        "ClickHouse": (config.clickhouse.instance_type, config.clickhouse.volume_gib),
    } == {
        "Aurora, most": documented.aurora_maximum_acu,
        "Aurora, public": documented.aurora_publicly_accessible,
        "Aurora, user": facts.MASTER_USERNAME,
        "Redis": (engine, documented.redis_node_type),
        "ClickHouse": documented.clickhouse,
    }


def test_bastion_is_as_documented(stack: str) -> None:
    bastion = CONFIGS[stack].bastion
    assert (bastion.instance_type, bastion.wireguard_port, str(bastion.vpn_cidr)) == (
        facts.BASTION_INSTANCE_TYPE,
        facts.WIREGUARD_PORT,
        facts.VPN_CIDR,
    )


def test_sizes_of_services_are_as_documented(stack: str) -> None:
    assert {
        name: (
            size.cpu_units / 1024,
            size.memory_mib,
            size.minimum_tasks,
            size.maximum_tasks,
            size.cpu_target_percent,
        )
        for name, size in CONFIGS[stack].services.items()
    } == {
        name: (
            service.vcpu,
            service.memory_mib,
            service.minimum_tasks,
            service.maximum_tasks or facts.ENVIRONMENTS[stack].maximum_tasks[name],
            service.cpu_target_percent,
        )
        for name, service in facts.SERVICES.items()
    }


def test_logs_of_services_are_kept_as_long_as_documented(stack: str) -> None:
    assert CONFIGS[stack].containers.log_retention_days == facts.SERVICE_LOG_DAYS


def test_production_trusts_the_documented_branches() -> None:
    branches = {stack: set(config.github.trusted_branches) for stack, config in CONFIGS.items()}
    assert branches == {"production": {each.branch for each in facts.ENVIRONMENTS.values()}, "staging": set()}


def _ingress(service: Service) -> tuple[str, tuple[int, ...]] | None:
    match service.ingress:
        case HttpsIngress(load_balancer=balancer, port=port):
            return balancer, (port,)
        case PassthroughIngress(load_balancer=balancer, ports=ports):
            return balancer, ports
        case None:
            return None


def _documented_ports(name: str, documented: facts.ServiceFacts) -> set[int]:
    behind_caddy = {facts.ASTRO_PORT, facts.CADDY_HEALTH_PORT} if name == "storefront" else set[int]()
    return {*(documented.ingress[1] if documented.ingress else documented.vpn_ports), *behind_caddy}


def test_services_are_as_documented() -> None:
    assert {
        service.name: (
            service.github_repository,
            service.repositories,
            _ingress(service),
            set(service.ports),
            set(service.stores),
        )
        for service in SERVICES
    } == {
        name: (
            documented.github_repository,
            documented.images,
            documented.ingress,
            _documented_ports(name, documented),
            documented.stores,
        )
        for name, documented in facts.SERVICES.items()
    }


def test_surroundings_are_as_documented() -> None:
    assert {schema.name: (schema.contents, schema.used_by) for schema in SCHEMAS} == facts.SCHEMAS
    assert {queue.name: (queue.producer, queue.consumer, queue.purpose) for queue in QUEUES} == facts.QUEUES
    assert {each.name: (each.repository, each.runs_on) for each in FRONTENDS} == facts.FRONTENDS
    assert {each.name: tuple(call.to for call in each.calls) for each in FRONTENDS} == facts.CALLS_OF_FRONTENDS
    folders = {service.name: service.build_folder for service in SERVICES if service.build_folder}
    assert folders == facts.BUILD_FOLDERS


def test_secrets_have_the_documented_keys() -> None:
    assert {**PROGRAM_SECRETS, **APPLICATION_SECRETS} == {
        **facts.SECRET_KEYS,
        # In no document: what orion-backend and events-consumer reach ClickHouse with, and the VPN's own key.
        "zelly/clickhouse/credentials": facts.CLICKHOUSE_KEYS,
        "zelly/wireguard/server": ("WIREGUARD_PRIVATE_KEY",),
    }


def _containers() -> dict[str, Container]:
    return {container.name: container for service in SERVICES for container in service.containers}


def test_applications_get_the_environment_that_they_rely_on() -> None:
    variables = {name: dict(container.environment) for name, container in _containers().items()}
    listens_on = {name: of_one.pop("PORT") for name, of_one in variables.items() if "PORT" in of_one}
    assert variables == facts.ENVIRONMENT_VARIABLES
    assert listens_on == {name: str(_containers()[name].ports[0]) for name in facts.TOLD_THEIR_PORT}


def test_applications_are_asked_for_their_health_where_they_answer() -> None:
    assert {service.ingress.health_check_path for service in SERVICES if service.ingress} == {facts.HEALTH_PATH}
    asked = {
        name: re.findall(r"http://127\.0\.0\.1:(\d+)(/[\w/]*)", " ".join(container.health_check))
        for name, container in _containers().items()
        if container.health_check
    }
    assert asked == {
        name: [(str(facts.CADDY_HEALTH_PORT if name == "caddy" else _containers()[name].ports[0]), path)]
        for name, path in facts.HEALTH_PATHS_INSIDE.items()
    }


def test_applications_have_as_long_to_stop_as_they_rely_on() -> None:
    stop = {name: container.stop_timeout_seconds for name, container in _containers().items()}
    assert stop == dict.fromkeys(stop, facts.STOP_TIMEOUT_SECONDS_OF_OTHERS) | facts.STOP_TIMEOUT_SECONDS


def test_certificates_are_kept_where_documented() -> None:
    paths = {name: container.data_path for name, container in _containers().items() if container.data_path}
    assert paths == {"caddy": facts.CADDY_DATA_PATH}


def test_names_are_as_documented() -> None:
    for environment in CONFIGS:
        of_environment = names.Names(environment)
        assert of_environment.prefix == facts.CLUSTER.format(environment=environment)
        for service in facts.SERVICES:
            assert of_environment.name(service) == facts.SERVICE.format(environment=environment, service=service)
    for service in facts.SERVICES:
        assert names.log_group_name(service) == facts.SERVICE_LOG_GROUP.format(service=service)


def test_documented_costs_are_those_of_the_documents() -> None:
    assert {stack: read_usage(ROOT / "usage" / f"{stack}.yaml").documented_usd_per_month for stack in CONFIGS} == {
        stack: documented.monthly_usd for stack, documented in facts.ENVIRONMENTS.items()
    }
