"""The ECS services: the catalog's entries, sized by the config, reached by the balancer alone."""

from collections.abc import Mapping

import pulumi

from relay_infra import catalog
from relay_infra.catalog import Service
from relay_infra.composition.edge import Edge
from relay_infra.composition.foundation import Foundation
from relay_infra.composition.scope import Scope
from relay_infra.description import TAG_PREFIX
from relay_infra.names import LOAD_BALANCER, log_group_name
from workbench.config.deployments import Deployment, Pause
from zelly_components.ecs_service import (
    AlternateTargetArgs,
    CanaryArgs,
    CapacityProviderArgs,
    ContainerArgs,
    DeploymentArgs,
    EcsService,
    EcsServiceArgs,
    HealthCheckArgs,
    LinearArgs,
    PauseArgs,
    PauseStage,
    ScalingArgs,
    SecretVariableArgs,
    Strategy,
    TargetArgs,
)
from zelly_components.naming import physical_name

HEALTH_CHECK_GRACE_PERIOD_SECONDS = 120
"""Longer than the slowest start: a shorter one lets the balancer end a task that is still starting."""

_NO_COMMIT = "0" * 40
"""No image carries it: the first deploy replaces the tag."""

_ROLE_NAME_LIMIT = 64


def build_services(
    scope: Scope, *, foundation: Foundation, secrets: Mapping[str, pulumi.Output[str]], edge: Edge
) -> Mapping[str, EcsService]:
    """Make every service of the catalog and return the services by the catalog's names."""
    services: dict[str, EcsService] = {}
    for entry in catalog.SERVICES:
        service = _service(scope, foundation, entry, secret_arn=secrets[entry.name], edge=edge)
        if entry.port is not None:
            service.allow_from(LOAD_BALANCER, edge.balancer.security_group_id, port=entry.port)
        services[entry.name] = service
    return services


def _service(
    scope: Scope, foundation: Foundation, entry: Service, *, secret_arn: pulumi.Output[str], edge: Edge
) -> EcsService:
    environment = scope.environment
    size = environment.services[entry.name]
    return EcsService(
        scope.name(entry.name),
        EcsServiceArgs(
            region=environment.region,
            account_id=environment.aws_account_id,
            cluster_arn=foundation.cluster.cluster_arn,
            cluster_name=foundation.cluster.cluster_name,
            service_name=scope.name(entry.name),
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.private_subnet_ids,
            cpu_units=size.cpu_units,
            memory_mib=size.memory_mib,
            architecture=size.architecture,
            containers=[_container(foundation, entry, secret_arn)],
            volumes=[],
            capacity_providers=[
                CapacityProviderArgs(name=provider.name, weight=provider.weight, base=provider.base)
                for provider in environment.containers.capacity_providers
            ],
            minimum_tasks=size.minimum_tasks,
            scaling=None
            if size.cpu_target_percent is None
            else ScalingArgs(maximum_tasks=size.maximum_tasks, cpu_target_percent=size.cpu_target_percent),
            targets=_targets(entry, edge),
            health_check_grace_period_seconds=None if entry.port is None else HEALTH_CHECK_GRACE_PERIOD_SECONDS,
            enable_execute_command=environment.containers.execute_command,
            log_group_name=log_group_name(entry.name),
            log_retention_days=environment.containers.log_retention_days,
            repository_arns=[foundation.registry.repository_arns[entry.repository]],
            image_parameter_name=scope.names.image_parameter(entry.name),
            execution_role_name=_role_name(scope, f"{entry.name}-execution"),
            task_role_name=_role_name(scope, f"{entry.name}-task"),
            deployment=_deployment(scope, entry, edge),
        ),
        scope.options,
    )


def _role_name(scope: Scope, part: str) -> str:
    return physical_name(scope.name(part), limit=_ROLE_NAME_LIMIT)


def _targets(entry: Service, edge: Edge) -> list[TargetArgs]:
    if entry.port is None:
        return []
    balancer = edge.balancer
    return [
        TargetArgs(
            target_group_arn=balancer.target_group_arns[entry.name],
            container_name=entry.name,
            container_port=entry.port,
            alternate=AlternateTargetArgs(
                target_group_arn=balancer.alternate_target_group_arns[entry.name],
                production_rule_arn=balancer.production_rule_arns[entry.name],
                test_rule_arn=balancer.test_rule_arns[entry.name],
            ),
        )
    ]


_STRATEGIES: Mapping[str, Strategy] = {
    "rolling": "ROLLING",
    "blue_green": "BLUE_GREEN",
    "canary": "CANARY",
    "linear": "LINEAR",
}
_PAUSES: Mapping[str, PauseStage] = {
    "scale_up": "POST_SCALE_UP",
    "test_traffic_shift": "POST_TEST_TRAFFIC_SHIFT",
    "production_traffic_shift": "POST_PRODUCTION_TRAFFIC_SHIFT",
}


def _deployment(scope: Scope, entry: Service, edge: Edge) -> DeploymentArgs:
    deployment: Deployment = scope.environment.services[entry.name].deployment
    alarms = edge.deployment_alarms.get(entry.name)
    canary, linear = deployment.canary, deployment.linear
    return DeploymentArgs(
        strategy=_STRATEGIES[deployment.strategy],
        alarm_names=[] if alarms is None else alarms.alarm_names,
        bake_minutes=deployment.bake_minutes,
        canary=None if canary is None else CanaryArgs(percent=canary.percent, bake_minutes=canary.bake_minutes),
        linear=None
        if linear is None
        else LinearArgs(step_percent=linear.step_percent, step_bake_minutes=linear.step_bake_minutes),
        pauses=[] if deployment.pause is None else [_pause(deployment.pause)],
        infrastructure_role_name=None if alarms is None else _role_name(scope, f"{entry.name}-infrastructure"),
    )


def _pause(pause: Pause) -> PauseArgs:
    return PauseArgs(
        stage=_PAUSES[pause.after],
        timeout_minutes=pause.timeout_minutes,
        on_timeout="ROLLBACK" if pause.on_timeout == "rollback" else "CONTINUE",
    )


def _container(foundation: Foundation, entry: Service, secret_arn: pulumi.Output[str]) -> ContainerArgs:
    port = {} if entry.port is None else {"PORT": str(entry.port)}
    return ContainerArgs(
        name=entry.name,
        image=pulumi.Output.format(
            "{0}:{1}", foundation.registry.repository_urls[entry.repository], f"{TAG_PREFIX}-{_NO_COMMIT}"
        ),
        deployable=True,
        ports=[] if entry.port is None else [entry.port],
        environment={"NODE_ENV": "production", **port},
        secrets=[SecretVariableArgs(name=key, secret_arn=secret_arn, key=key) for key in entry.keys],
        health_check=None if entry.port is None else _health_check(entry.port, entry.health_path),
        depends_on={},
        mounts=[],
        user=None,
        stop_timeout_seconds=entry.stop_timeout_seconds,
    )


def _health_check(port: int, path: str) -> HealthCheckArgs:
    # Node 18 and later has fetch; the slim images have neither curl nor wget.
    script = f"fetch('http://127.0.0.1:{port}{path}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
    return HealthCheckArgs(
        command=("CMD", "node", "-e", script),
        interval_seconds=15,
        timeout_seconds=5,
        retries=3,
        start_period_seconds=60,
    )
