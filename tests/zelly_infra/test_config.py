"""The stack files hold the facts of the platform, and a new environment needs a file and nothing else."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from pydantic import ValidationError

from tests.zelly_infra.stack_files import ROOT
from workbench.config.stack_file import stack_names
from zelly_infra.config import EnvironmentConfig
from zelly_infra.stack_file import read_stack_file

PRODUCTION = read_stack_file("production", ROOT).environment
STAGING = read_stack_file("staging", ROOT).environment
STACKS = {"production": PRODUCTION, "staging": STAGING}


def facts(environment: EnvironmentConfig) -> dict[str, object]:
    return {
        "region": environment.region,
        "cidr": str(environment.network.cidr),
        "aurora maximum": environment.aurora.maximum_capacity_acu,
        "aurora public": environment.aurora.publicly_accessible,
        "redis": (environment.redis.node_type, environment.redis.engine_version[0]),
        "clickhouse": (environment.clickhouse.instance_type, environment.clickhouse.volume_gib),
        "maximum tasks": {name: service.maximum_tasks for name, service in environment.services.items()},
        "deletion_protection": environment.deletion_protection,
        "repositories": environment.registry.create,
        "oidc": environment.github.create,
        "tag": environment.registry.tag_prefix,
    }


def test_production_is_as_documented() -> None:
    assert facts(PRODUCTION) == {
        "region": "ap-south-1",
        "cidr": "10.0.0.0/16",
        "aurora maximum": 8,
        "aurora public": False,
        "redis": ("cache.t4g.small", "7"),
        "clickhouse": ("t3.medium", 50),
        "maximum tasks": {
            "fastify-nova": 4,
            "customer-panel": 2,
            "orion-backend": 2,
            "events-consumer": 1,
            "storefront": 4,
            "internal-tools": 1,
        },
        "deletion_protection": True,
        "repositories": True,
        "oidc": True,
        "tag": "prod",
    }


def test_staging_is_as_documented() -> None:
    assert facts(STAGING) == {
        "region": "ap-southeast-1",
        "cidr": "10.1.0.0/16",
        "aurora maximum": 2,
        "aurora public": True,
        "redis": ("cache.t4g.micro", "7"),
        "clickhouse": ("t3.small", 20),
        "maximum tasks": {
            "fastify-nova": 2,
            "customer-panel": 2,
            "orion-backend": 2,
            "events-consumer": 1,
            "storefront": 2,
            "internal-tools": 1,
        },
        "deletion_protection": False,
        "repositories": False,
        "oidc": False,
        "tag": "staging",
    }


@pytest.mark.parametrize("environment", STACKS.values(), ids=STACKS)
def test_sizes_are_as_documented(environment: EnvironmentConfig) -> None:
    assert {name: (size.cpu_units / 1024, size.memory_mib) for name, size in environment.services.items()} == {
        "fastify-nova": (1, 2048),
        "customer-panel": (0.5, 1024),
        "orion-backend": (0.5, 1024),
        "events-consumer": (0.25, 512),
        "storefront": (1, 2048),
        "internal-tools": (0.25, 512),
    }
    assert {size.minimum_tasks for size in environment.services.values()} == {1}
    assert {name: size.cpu_target_percent for name, size in environment.services.items()} == {
        "fastify-nova": 70,
        "customer-panel": 70,
        "orion-backend": 70,
        "events-consumer": None,
        "storefront": 70,
        "internal-tools": None,
    }


@pytest.mark.parametrize("environment", STACKS.values(), ids=STACKS)
def test_bastion_is_as_documented(environment: EnvironmentConfig) -> None:
    bastion = environment.bastion
    assert (bastion.instance_type, bastion.wireguard_port, str(bastion.vpn_cidr)) == ("t3.micro", 51820, "10.10.0.0/24")


@pytest.mark.parametrize("environment", STACKS.values(), ids=STACKS)
def test_three_zones_in_order(environment: EnvironmentConfig) -> None:
    assert environment.network.availability_zones == tuple(f"{environment.region}{letter}" for letter in "abc")
    assert environment.network.nat_gateways == "single"


def test_stacks_know_each_others_ranges() -> None:
    assert stack_names(ROOT) == sorted(STACKS)
    for name, environment in STACKS.items():
        others = {other: config.network.cidr for other, config in STACKS.items() if other != name}
        assert environment.network.other_environments == others
    ranges = [environment.network.cidr for environment in STACKS.values()] + [IPv4Network("10.10.0.0/24")]
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))


def test_config_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PRODUCTION.region = "eu-west-1"  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("changes", [{"engine_version": "8.0.mysql_aurora.3.10.12"}, {"minimum_capacity_acu": 2.0}])
def test_long_lived_releases_and_statistics_where_there_is_room_are_accepted(changes: dict[str, object]) -> None:
    values = {**PRODUCTION.aurora.model_dump(), **changes, "performance_insights": "minimum_capacity_acu" in changes}
    assert type(PRODUCTION.aurora).model_validate(values).model_dump().items() >= changes.items()
