"""Stack files for tests: the repository's own, with a value changed, taken out or added."""

import functools
import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.support.changed_values import with_changes

ROOT = Path(__file__).parent.parent.parent


def environment_of(stack: str) -> dict[str, Any]:
    """Return the structured key of one of the repository's stack files."""
    return deepcopy(_document(stack)["config"]["zelly:env"])


@functools.cache
def _document(stack: str) -> Any:
    return YAML(typ="safe", pure=True).load(ROOT / f"Pulumi.{stack}.yaml")  # pyright: ignore[reportUnknownMemberType]


_SERVICES = environment_of("staging")["services"]
PREPRODUCTION: Mapping[str, Any] = {
    "environment": "preproduction",
    "region": "eu-west-1",
    "network/cidr": "10.2.0.0/16",
    "network/availability_zones": ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
    "network/other_environments": {},
    "clickhouse/availability_zone": "eu-west-1a",
    "registry/tag_prefix": "preproduction",
    **{
        f"services/{name}/hostname": size["hostname"].replace(".staging.", ".preproduction.")
        for name, size in _SERVICES.items()
        if size["hostname"]
    },
    **{
        f"services/{name}/initial_image_tag": "preproduction-00000000"
        for name, size in _SERVICES.items()
        if size["initial_image_tag"]
    },
}
"""What a third environment, a copy of staging, has to itself."""


_STEADY: Mapping[str, Any] = {
    "services/fastify-nova/cpu_units": 1024,
    "services/fastify-nova/memory_mib": 2048,
    "services/fastify-nova/minimum_tasks": 1,
    "services/fastify-nova/cpu_target_percent": 70,
    "services/fastify-nova/hostname": "api.zelly.in",
    "services/customer-panel/hostname": "account.zelly.in",
    "aurora/engine_version": "8.0.mysql_aurora.3.10.5",
    "aurora/performance_insights": False,
    "redis/engine_version": "7.1",
    "redis/node_type": "cache.t4g.small",
    "clickhouse/instance_type": "t3.medium",
    "clickhouse/instance_memory_mib": 4096,
    "bastion/vpn_cidr": "10.10.0.0/24",
    "bastion/peers": {"peer1": {"address": "10.10.0.2"}, "peer2": {"address": "10.10.0.3"}},
}
_STEADY_OF_ONE: Mapping[str, Mapping[str, Any]] = {
    "production": {
        "network/cidr": "10.0.0.0/16",
        "network/other_environments": {"staging": "10.1.0.0/16"},
        "services/fastify-nova/maximum_tasks": 4,
        "aurora/minimum_capacity_acu": 0.5,
        "aurora/maximum_capacity_acu": 8,
        "aurora/seconds_until_auto_pause": None,
    },
    "staging": {
        "network/cidr": "10.1.0.0/16",
        "network/other_environments": {"production": "10.0.0.0/16"},
        "services/fastify-nova/maximum_tasks": 2,
        "aurora/minimum_capacity_acu": 0,
        "aurora/maximum_capacity_acu": 2,
        "aurora/seconds_until_auto_pause": 300,
    },
}


def steady(stack: str) -> dict[str, Any]:
    """Return what a stack file says, with values that stay what they are: tests of mistakes name them in lines."""
    return with_changes(environment_of(stack), {**_STEADY, **_STEADY_OF_ONE[stack]})


def write_stack_file(folder: Path, stack: str, environment: object) -> Path:
    """Write a stack file whose structured key is ``environment``; in JSON, which is YAML too."""
    path = folder / f"Pulumi.{stack}.yaml"
    path.write_text(json.dumps({"config": {"zelly:env": environment}}))
    return path
