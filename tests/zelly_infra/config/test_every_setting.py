"""Every member of every list that a stack file may choose from, each at least once.

The settings are read from the models: a new member, or a new key with a list, is in here by itself. What is short is
evaluated, all keys at a time; of the long lists each member is taken by the config and by what reads it.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from tests.zelly_infra.config.settings import ANY, Setting, at, settings
from tests.zelly_infra.evaluations import evaluation_with
from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes
from workbench.cli.plan.estimates import estimate_of
from workbench.operations.doctor.ageing import ends_of, pinned_releases
from workbench.review.rules.recorded import report_on
from zelly_components.limits.instance_type import architecture
from zelly_components.limits.redis_engines import ENGINE_VERSIONS
from zelly_infra.config import EnvironmentConfig
from zelly_infra.program import PROGRAM

ALL = settings()
SHORT = [setting for setting in ALL if setting.members or setting.is_optional]
LONG = [setting for setting in ALL if setting.allowed is not None]
ROUNDS = 4
"""As many as the most members of a short list that one key chooses one of."""

FIXED = {
    "deletion_protection": "production's, which is evaluated by most tests",
    "services/*/initial_image_tag": "the catalog says which service has one",
    "services/*/hostname": "the catalog says which service has one",
}
"""Not changed here, with the reason."""

NAT = {"instance_type": "t4g.micro", "cpu_credits": "unlimited", "ami_id": "ami-0123456789abcdef0"}
HOURS = {"start": "08:00", "stop": "20:00", "time_zone": "Asia/Kolkata"}
NAT_CREDITS = ("standard", "unlimited", None)
WITHIN = ("running_hours/", "network/nat_instance/", "channels/")
"""Sections that may be null."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PRESENT: Mapping[str, Any] = {
    "running_hours": {"weekdays": ["mon"], **HOURS},
    "channels": {"slack": None},
    "channels/slack": {"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD"},
    "network/nat_instance": {**NAT, "log_retention_days": 7},
    "network/subnet_cidrs": {
        "public": ["10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24"],
        "private": ["10.1.10.0/24", "10.1.11.0/24", "10.1.12.0/24"],
    },
    "services/*/cpu_target_percent": 60,
    "aurora/seconds_until_auto_pause": 600,
    "redis/restored_from_snapshot": "keep-20261125",
    "bastion/peers/*/public_key": "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
    "github/organization_id": 12345,
}
"""What stands in the place of null, of keys whose values are on no list."""


def member(setting: Setting, number: int) -> Any:
    """Return the value that a key has in one of the rounds."""
    members = setting.members or (PRESENT[setting.path], None)
    return deepcopy(members[number % len(members)])


def round_of(number: int) -> dict[str, Any]:
    """Return staging with another member of every short list, and what these ask for of other keys."""
    environment = deepcopy(environment_of("staging"))
    for setting in SHORT:
        if ANY not in setting.path and setting.path not in FIXED and not setting.path.startswith(WITHIN):
            with_changes(environment, {setting.path: member(setting, number)})
    if environment["running_hours"] is not None:
        environment["running_hours"]["weekdays"] = DAYS[number // 2 :: 2]
    if environment["channels"] is not None:
        environment["channels"]["slack"] = PRESENT["channels/slack"] if number else None
    _complete_hosts(environment, number)
    _complete_services(environment, number)
    _complete_stores(environment)
    _complete_github(environment["github"], has_ids=number == 1)
    return environment


def _complete_hosts(environment: dict[str, Any], number: int) -> None:
    network = environment["network"]
    credits_of_nat = NAT_CREDITS[number % len(NAT_CREDITS)]
    network["nat_instance"] = (
        None if number == 3 else {**PRESENT["network/nat_instance"], "cpu_credits": credits_of_nat}
    )
    for host in (network["nat_instance"], environment["clickhouse"], environment["bastion"]):
        if host is not None:
            host["instance_type"] = "m7g.large" if host["cpu_credits"] is None else "t4g.medium"
    for position, peer in enumerate(environment["bastion"]["peers"].values()):
        peer["public_key"] = PRESENT["bastion/peers/*/public_key"] if (number + position) % 2 else None


def _complete_services(environment: dict[str, Any], number: int) -> None:
    providers = ("FARGATE", "FARGATE_SPOT")
    environment["containers"]["capacity_providers"] = [
        {"name": name, "weight": 1, "base": 0} for name in (providers, providers[:1], providers[1:])[number % 3]
    ]
    for position, service in enumerate(environment["services"].values()):
        service["architecture"] = ("X86_64", "ARM64")[(number + position) % 2]
        if (number + position) % 3 == 0:
            service |= {"cpu_target_percent": None, "minimum_tasks": 2, "maximum_tasks": 2}


def _complete_stores(environment: dict[str, Any]) -> None:
    aurora, redis = environment["aurora"], environment["redis"]
    pauses = aurora["seconds_until_auto_pause"] is not None and not aurora["performance_insights"]
    aurora["minimum_capacity_acu"] = 0 if pauses else 2
    aurora["seconds_until_auto_pause"] = PRESENT["aurora/seconds_until_auto_pause"] if pauses else None
    aurora["allowed_cidrs"] = {"office": "203.0.113.0/24"} if aurora["publicly_accessible"] else {}
    redis["engine_version"] = [*ENGINE_VERSIONS[redis["engine"]]][-1]


def _complete_github(github: dict[str, Any], *, has_ids: bool) -> None:
    github["trusted_branches"] = ["staging"] if github["create"] else []
    github["organization_id"] = PRESENT["github/organization_id"] if has_ids else None
    github["repository_ids"] = {"store-events-consumer": 678} if has_ids else {}
    github["names_still_trusted"] = has_ids


UNPRICED = (
    "m7g.large, Linux: no price",
    "Container Insights with enhanced observability: the number of its metrics is not known",
)

ENVIRONMENTS = [round_of(number) for number in range(ROUNDS)]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_every_member_of_a_short_list_is_evaluated_checked_and_priced(number: int) -> None:
    environment = ENVIRONMENTS[number]
    evaluation = evaluation_with("staging", environment)
    found = estimate_of("staging", "ap-southeast-1", evaluation.resources, ROOT)
    assert [one.reason for one in found.unpriced if not one.reason.startswith(UNPRICED)] == []
    assert report_on(evaluation, ROOT).rules > 50


def test_no_member_of_a_short_list_is_left_out() -> None:
    changing = [setting for setting in SHORT if setting.path not in FIXED]
    had = {
        setting.path: {_kind(setting, value) for one in ENVIRONMENTS for value in at(one, setting.path)}
        for setting in changing
    }
    assert {one.path: left for one in changing if (left := _wanted(one) - had[one.path])} == {}
    assert set(FIXED) <= {setting.path for setting in SHORT}


def _wanted(setting: Setting) -> set[Any]:
    return {*setting.members} if setting.members else {"a value", None}


def _kind(setting: Setting, value: Any) -> Any:
    return value if setting.members or value is None else "a value"


STAGING = with_changes(environment_of("staging"), {"network/nat_instance": {**NAT, "log_retention_days": 7}})

BURSTABLE = ("t1", "t2", "t3", "t3a", "t4g", "t8i")
"""EC2's T types, of which alone CPU credits are told."""

NO_NANO = "network/nat_instance/instance_type"
"""Half a GiB of memory is too little there, and refused."""


def section_with(path: str, changes: Mapping[str, Any]) -> BaseModel:
    """Return the section of a path, as the config reads it, with some of its values changed."""
    model: Any = EnvironmentConfig
    values: Any = STAGING
    for name in path.split("/")[:-1]:
        annotation = model.model_fields[name].annotation
        model = next((one for one in get_args(annotation) if one is not type(None)), annotation)
        values = values[name]
    return model.model_validate_json(json.dumps({**values, **changes}))


def companions(path: str, value: Any) -> dict[str, Any]:
    """Return what else a stack file has to say with a member of a long list."""
    if path.endswith("/instance_type"):
        return {"cpu_credits": "standard" if value.partition(".")[0] in BURSTABLE else None}
    if path == "region":
        zones = [f"{value}{letter}" for letter in "abc"]
        network, clickhouse = STAGING["network"], STAGING["clickhouse"]
        return {
            "network": {**network, "availability_zones": zones},
            "clickhouse": {**clickhouse, "availability_zone": zones[1]},
        }
    return {}


@pytest.mark.parametrize("setting", LONG, ids=lambda setting: setting.path)
def test_every_member_of_a_long_list_is_taken(setting: Setting) -> None:
    assert setting.allowed is not None
    key = setting.path.rpartition("/")[2]
    refused: dict[Any, str] = {}
    for value in setting.allowed.values():
        if setting.path == NO_NANO and str(value).endswith(".nano"):
            continue
        try:
            section = section_with(setting.path, {key: value, **companions(setting.path, value)})
        except ValueError as error:
            refused[value] = str(error)
            continue
        assert getattr(section, key) == value
        assert key != "instance_type" or architecture(str(value)) in {"arm64", "x86_64"}
    assert refused == {}


@pytest.mark.parametrize(
    ("engine", "version"), [(engine, version) for engine, versions in ENGINE_VERSIONS.items() for version in versions]
)
def test_every_version_of_an_engine_is_taken_and_its_end_of_support_known(engine: str, version: str) -> None:
    config = config_with({"redis/engine": engine, "redis/engine_version": version})
    description = PROGRAM.describe(config)
    ends = ends_of(description)
    assert [one for one in pinned_releases(description) if one.key not in ends] == []


@pytest.mark.parametrize("suffix", ["", f"@sha256:{'0' * 64}"])
def test_release_of_an_image_is_its_tags_with_or_without_a_digest(suffix: str) -> None:
    config = config_with({"clickhouse/image": f"docker.io/clickhouse/clickhouse-server:24.3.18.7{suffix}"})
    assert ("ClickHouse", "24.3") in [one.key for one in pinned_releases(PROGRAM.describe(config))]


def config_with(changes: Mapping[str, Any]) -> EnvironmentConfig:
    return EnvironmentConfig.model_validate_json(json.dumps(with_changes(deepcopy(STAGING), changes)))
