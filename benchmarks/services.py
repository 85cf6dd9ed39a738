"""Evaluates a program of many ECS services and prints how long that took: ``python -m benchmarks.services 50``."""

import gc
import json
import sys
import time

from workbench.evaluate import evaluate
from zelly_components.ecs_cluster import EcsCluster, EcsClusterArgs
from zelly_components.ecs_service import CapacityProviderArgs, ContainerArgs, EcsService, EcsServiceArgs, ScalingArgs


def services(count: int) -> None:
    """Make one cluster and ``count`` scaled services on it, which all call the first."""
    cluster = EcsCluster("shop", EcsClusterArgs(cluster_name="shop", container_insights="enabled"))
    first, *others = (_service(f"shop-{number}", cluster) for number in range(count))
    for number, service in enumerate(others, start=1):
        first.allow_from(f"shop-{number}", service.security_group_id, port=3000)


def _service(name: str, cluster: EcsCluster) -> EcsService:
    return EcsService(
        name,
        EcsServiceArgs(
            region="eu-west-1",
            account_id="123456789012",
            cluster_arn=cluster.cluster_arn,
            cluster_name=cluster.cluster_name,
            service_name=name,
            vpc_id="vpc-0123456789abcdef0",
            subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            cpu_units=256,
            memory_mib=512,
            architecture="ARM64",
            containers=[
                ContainerArgs(name="app", image="registry.example/shop/app:1", deployable=True, ports=[3000]),
            ],
            volumes=[],
            capacity_providers=[CapacityProviderArgs(name="FARGATE", weight=1)],
            minimum_tasks=1,
            scaling=ScalingArgs(maximum_tasks=4, cpu_target_percent=70),
            targets=[],
            health_check_grace_period_seconds=None,
            enable_execute_command=False,
            log_group_name=f"/shop/{name}",
            log_retention_days=30,
            repository_arns=[],
            image_parameter_name=f"/shop/{name}/image",
            execution_role_name=f"{name}-execution",
            task_role_name=f"{name}-task",
        ),
    )


def main() -> None:
    """Print one JSON object: the number of resources and the seconds of the second evaluation.

    The first one loads the SDK's modules, which is measured elsewhere.
    """
    count = int(sys.argv[1])
    gc.disable()  # as the command line does
    evaluate(lambda: services(1))
    started = time.perf_counter()
    evaluation = evaluate(lambda: services(count))
    seconds = time.perf_counter() - started
    json.dump({"resources": len(list(evaluation.custom())), "seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
