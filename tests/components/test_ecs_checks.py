import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.components.ecs_arguments import DATABASE_SECRET, FULL, PROXY, SMALL, VOLUME, WEB, WORKER, record_service
from zelly_components.ecs.checks import check_containers, check_service
from zelly_components.ecs_service import (
    CapacityProviderArgs,
    ContainerArgs,
    EcsServiceArgs,
    HealthCheckArgs,
    MountArgs,
    ScalingArgs,
    SecretVariableArgs,
    TargetArgs,
)
from zelly_components.limits.capacity_providers import check_capacity_providers
from zelly_components.limits.fargate import check_fargate_size

CPU_UNITS = (256, 512, 1024, 2048, 4096, 8192, 16384)
GIB = 1024


def refused(check: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check()


def health_check(**changes: Any) -> HealthCheckArgs:
    assert WEB.health_check is not None
    return replace(WEB.health_check, **changes)


@pytest.mark.parametrize("args", [SMALL, FULL])
def test_service_that_ecs_takes_passes(args: EcsServiceArgs) -> None:
    check_service(args)


def test_component_checks_its_arguments_before_it_makes_anything() -> None:
    refused(
        lambda: record_service(replace(SMALL, memory_mib=768)),
        "memory_mib: came 768 with cpu_units 256; allowed 512, 1024, 2048",
    )


# ---- Fargate's sizes ----


def test_fargate_takes_exactly_its_pairs_of_cpu_and_memory() -> None:
    def is_taken(cpu_units: int, memory_mib: int) -> bool:
        try:
            check_fargate_size(cpu_units, memory_mib)
        except ValueError:
            return False
        return True

    sizes = range(0, 130 * GIB, 256)
    taken = {cpu_units: [memory for memory in sizes if is_taken(cpu_units, memory)] for cpu_units in CPU_UNITS}
    # As the table in the ECS Developer Guide has it: lowest, highest and step in GiB, and 0.5 GiB for the smallest.
    assert taken == {
        256: [512, 1 * GIB, 2 * GIB],
        512: [1 * GIB, 2 * GIB, 3 * GIB, 4 * GIB],
        1024: [gib * GIB for gib in range(2, 9)],
        2048: [gib * GIB for gib in range(4, 17)],
        4096: [gib * GIB for gib in range(8, 31)],
        8192: [gib * GIB for gib in range(16, 61, 4)],
        16384: [gib * GIB for gib in range(32, 121, 8)],
    }


def test_fargate_has_no_other_cpu_sizes() -> None:
    for cpu_units in (0, 128, 768, 32768):
        with pytest.raises(ValueError, match=f"^cpu_units: came {cpu_units}; allowed 256, "):
            check_fargate_size(cpu_units, 2048)


# ---- containers ----


@pytest.mark.parametrize(
    ("containers", "message"),
    [
        ([], "containers: came none; allowed one or more"),
        ([WORKER, WORKER], "containers: came worker more than once; allowed once"),
        ([WEB, replace(WORKER, ports=[4321])], "ports: came 4321 more than once; allowed once"),
        (
            [replace(WORKER, depends_on={"web": "START"})],
            "containers.worker.depends_on: came web; allowed worker",
        ),
        (
            [WEB, replace(WORKER, depends_on={"web": "HEALTHY"}), replace(PROXY, depends_on={"worker": "HEALTHY"})],
            "containers.proxy.depends_on: came worker HEALTHY; allowed for a container with a health check",
        ),
        (
            [replace(WORKER, depends_on={"worker": "START"})],
            "depends_on: came a circle of worker, worker; allowed no circle",
        ),
        (
            [replace(WEB, depends_on={"worker": "START"}), replace(WORKER, depends_on={"web": "START"})],
            "depends_on: came a circle of web, worker, web; allowed no circle",
        ),
        (
            [replace(WORKER, mounts=[MountArgs(volume="cache", container_path="/cache")])],
            "containers.worker.mounts: came cache; allowed proxy-data",
        ),
        (
            [replace(WORKER, mounts=[MountArgs(volume="proxy-data", container_path="/a")] * 2)],
            "containers.worker.mounts: came /a more than once; allowed once",
        ),
        (
            [replace(WEB, environment={"DB_USER": "shop"})],
            "containers.web: environment and secrets: came DB_USER more than once; allowed once",
        ),
        (
            [replace(WORKER, secrets=[SecretVariableArgs(name="KEY", secret_arn=DATABASE_SECRET, key="a:b")])],
            "containers.worker.secrets.KEY.key: came 'a:b'; allowed a JSON key without a colon",
        ),
        (
            [replace(WORKER, secrets=[SecretVariableArgs(name="KEY", secret_arn=DATABASE_SECRET, key="")])],
            "containers.worker.secrets.KEY.key: came ''; allowed a JSON key without a colon",
        ),
        ([replace(WORKER, stop_timeout_seconds=1)], "containers.worker.stop_timeout_seconds: came 1; allowed 2 to 120"),
        (
            [replace(WORKER, stop_timeout_seconds=121)],
            "containers.worker.stop_timeout_seconds: came 121; allowed 2 to 120",
        ),
    ],
)
def test_containers_that_ecs_refuses_are_named(containers: list[ContainerArgs], message: str) -> None:
    refused(lambda: check_containers(containers, [VOLUME]), message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"command": ["wget", "localhost"]}, "command: came wget, localhost; allowed CMD or CMD-SHELL first"),
        ({"command": []}, "command: came ; allowed CMD or CMD-SHELL first"),
        ({"interval_seconds": 4}, "interval_seconds: came 4; allowed 5 to 300"),
        ({"interval_seconds": 301}, "interval_seconds: came 301; allowed 5 to 300"),
        ({"timeout_seconds": 1}, "timeout_seconds: came 1; allowed 2 to 60"),
        ({"timeout_seconds": 61}, "timeout_seconds: came 61; allowed 2 to 60"),
        ({"retries": 0}, "retries: came 0; allowed 1 to 10"),
        ({"retries": 11}, "retries: came 11; allowed 1 to 10"),
        ({"start_period_seconds": -1}, "start_period_seconds: came -1; allowed 0 to 300"),
        ({"start_period_seconds": 301}, "start_period_seconds: came 301; allowed 0 to 300"),
    ],
)
def test_health_check_outside_ecs_limits_is_named(changes: dict[str, Any], message: str) -> None:
    container = replace(WEB, health_check=health_check(**changes))
    refused(lambda: check_containers([container], []), f"containers.web.health_check.{message}")


@pytest.mark.parametrize(
    "changes",
    [
        {
            "command": ("CMD", "check"),
            "interval_seconds": 5,
            "timeout_seconds": 2,
            "retries": 1,
            "start_period_seconds": 0,
        },
        {"interval_seconds": 300, "timeout_seconds": 60, "retries": 10, "start_period_seconds": 300},
    ],
)
def test_health_check_at_ecs_limits_passes(changes: dict[str, Any]) -> None:
    check_containers([replace(WEB, health_check=health_check(**changes))], [])


@pytest.mark.parametrize("seconds", [2, 120])
def test_stop_timeout_at_fargates_limits_passes(seconds: int) -> None:
    check_containers([replace(WORKER, stop_timeout_seconds=seconds)], [])


def test_two_volumes_of_one_name_are_refused() -> None:
    refused(
        lambda: check_containers([WORKER], [VOLUME, VOLUME]), "volumes: came proxy-data more than once; allowed once"
    )


# ---- the service ----


@pytest.mark.parametrize(
    ("providers", "message"),
    [
        ([], "capacity_providers: came weights none; allowed at least one above 0"),
        (
            [CapacityProviderArgs(name="FARGATE", weight=0, base=1)],
            "capacity_providers: came weights 0; allowed at least one above 0",
        ),
        (
            [CapacityProviderArgs(name="FARGATE", weight=1)] * 2,
            "capacity_providers: came FARGATE more than once; allowed once",
        ),
        (
            [
                CapacityProviderArgs(name="FARGATE", weight=1, base=1),
                CapacityProviderArgs(name="FARGATE_SPOT", weight=1, base=2),
            ],
            "capacity_providers: came bases 1, 2; allowed one provider with a base",
        ),
        (
            [CapacityProviderArgs(name="FARGATE", weight=1001)],
            "capacity_providers.FARGATE.weight: came 1001; allowed 0 to 1000",
        ),
        (
            [CapacityProviderArgs(name="FARGATE", weight=-1)],
            "capacity_providers.FARGATE.weight: came -1; allowed 0 to 1000",
        ),
        (
            [CapacityProviderArgs(name="FARGATE", weight=1, base=-1)],
            "capacity_providers.FARGATE.base: came -1; allowed 0 to 100000",
        ),
        (
            [CapacityProviderArgs(name="FARGATE", weight=1, base=100_001)],
            "capacity_providers.FARGATE.base: came 100001; allowed 0 to 100000",
        ),
    ],
)
def test_impossible_capacity_provider_strategy_is_named(providers: list[CapacityProviderArgs], message: str) -> None:
    refused(lambda: check_capacity_providers(providers), message)


def test_capacity_provider_strategy_at_ecs_limits_passes() -> None:
    check_capacity_providers(
        [
            CapacityProviderArgs(name="FARGATE", weight=0, base=100_000),
            CapacityProviderArgs(name="FARGATE_SPOT", weight=1000),
        ]
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (replace(SMALL, minimum_tasks=-1), "minimum_tasks: came -1; allowed 0 or more"),
        (replace(FULL, minimum_tasks=0), "minimum_tasks: came 0; allowed 1 or more"),
        (
            replace(FULL, minimum_tasks=5),
            "scaling.maximum_tasks: came 4; allowed 5 (minimum_tasks) or more",
        ),
        (
            replace(FULL, scaling=ScalingArgs(maximum_tasks=4, cpu_target_percent=0)),
            "scaling.cpu_target_percent: came 0; allowed 1 to 100",
        ),
        (
            replace(FULL, scaling=ScalingArgs(maximum_tasks=4, cpu_target_percent=101)),
            "scaling.cpu_target_percent: came 101; allowed 1 to 100",
        ),
        (
            replace(FULL, targets=[TargetArgs(target_group_arn="arn", container_name="caddy", container_port=80)]),
            "targets.container_name: came caddy; allowed proxy, web",
        ),
        (
            replace(FULL, targets=[TargetArgs(target_group_arn="arn", container_name="proxy", container_port=8080)]),
            "targets.container_port: came 8080; allowed a port of proxy: 80, 443",
        ),
        (
            replace(FULL, targets=[]),
            "health_check_grace_period_seconds: came 120; allowed None, since there are no targets",
        ),
        (
            replace(FULL, image_parameter_name=None),
            "image_parameter_name: came None; allowed a name for the deployable web",
        ),
        (
            replace(SMALL, image_parameter_name="/shop/images/worker"),
            "image_parameter_name: came /shop/images/worker; allowed None, since no container is deployable",
        ),
    ],
)
def test_service_that_cannot_run_is_named(args: EcsServiceArgs, message: str) -> None:
    refused(lambda: check_service(args), message)


def test_service_without_scaling_may_start_with_no_task() -> None:
    check_service(replace(SMALL, minimum_tasks=0))


def test_scaling_may_have_equal_bounds() -> None:
    check_service(replace(FULL, minimum_tasks=4))


@pytest.mark.parametrize("percent", [1, 100])
def test_scaling_may_aim_at_either_end(percent: int) -> None:
    check_service(replace(FULL, scaling=ScalingArgs(maximum_tasks=4, cpu_target_percent=percent)))


def test_service_that_scales_may_start_with_one_task() -> None:
    check_service(replace(FULL, minimum_tasks=1))
