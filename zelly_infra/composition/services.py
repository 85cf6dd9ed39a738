"""The ECS services: the catalog's entries, sized by the config, reached only by their entrances and the VPN."""

from collections.abc import Mapping

import pulumi

from zelly_components.ecs_service import (
    CapacityProviderArgs,
    ContainerArgs,
    EcsService,
    EcsServiceArgs,
    EfsVolumeArgs,
    HealthCheckArgs,
    MountArgs,
    ScalingArgs,
    SecretVariableArgs,
    TargetArgs,
)
from zelly_infra import catalog
from zelly_infra.catalog import Container, Service
from zelly_infra.composition.edge import Edge, Entrance
from zelly_infra.composition.foundation import Foundation
from zelly_infra.composition.scope import Scope
from zelly_infra.composition.stores import Stores
from zelly_infra.names import log_group_name
from zelly_infra.settings import setting_value

HEALTH_CHECK_GRACE_PERIOD_SECONDS = 120
"""Longer than the slowest start: a shorter one lets the balancer end a task that is still starting, and a deploy that
is healthy is rolled back."""


def build_services(scope: Scope, foundation: Foundation, stores: Stores, edge: Edge) -> Mapping[str, EcsService]:
    """Make every service of the catalog, let it reach its stores, and return the services by the catalog's names."""
    services: dict[str, EcsService] = {}
    for entry in catalog.SERVICES:
        entrance = edge.entrances.get(entry.name)
        service = _service(scope, foundation, stores, entry, entrance)
        if entrance is not None:
            for port in entrance.reached_ports:
                service.allow_from(entrance.load_balancer_name, entrance.security_group_id, port=port)
        for store in sorted(entry.stores):
            stores.allow(store, entry.name, service.security_group_id)
        if _volumes(stores, entry):
            stores.certificates.allow_from(entry.name, service.security_group_id)
        services[entry.name] = service
    return services


def _service(
    scope: Scope, foundation: Foundation, stores: Stores, entry: Service, entrance: Entrance | None
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
            subnet_ids=foundation.network.private_subnet_ids[: None if entrance is None else entrance.zones],
            cpu_units=size.cpu_units,
            memory_mib=size.memory_mib,
            architecture=size.architecture,
            containers=[_container(scope, foundation, stores, entry, container) for container in entry.containers],
            volumes=_volumes(stores, entry),
            capacity_providers=[
                CapacityProviderArgs(name=provider.name, weight=provider.weight, base=provider.base)
                for provider in environment.containers.capacity_providers
            ],
            minimum_tasks=size.minimum_tasks,
            scaling=None
            if size.cpu_target_percent is None
            else ScalingArgs(maximum_tasks=size.maximum_tasks, cpu_target_percent=size.cpu_target_percent),
            targets=_targets(entrance),
            health_check_grace_period_seconds=None if entrance is None else HEALTH_CHECK_GRACE_PERIOD_SECONDS,
            enable_execute_command=environment.containers.execute_command,
            log_group_name=log_group_name(entry.name),
            log_retention_days=environment.containers.log_retention_days,
            repository_arns=[foundation.registry.repository_arns[name] for name in entry.repositories],
            image_parameter_name=scope.names.image_parameter(entry.name) if entry.repositories else None,
            execution_role_name=scope.role_name(f"{entry.name}-execution"),
            task_role_name=scope.role_name(f"{entry.name}-task"),
        ),
        scope.options,
    )


def _container(
    scope: Scope, foundation: Foundation, stores: Stores, entry: Service, container: Container
) -> ContainerArgs:
    storefront = scope.environment.storefront
    return ContainerArgs(
        name=container.name,
        image=_initial_image(scope, foundation, entry, container),
        deployable=container.repository is not None,
        ports=container.ports,
        environment={
            **container.environment,
            **{name: setting_value(storefront, setting) for name, setting in container.settings.items()},
        },
        secrets=[
            SecretVariableArgs(name=variable.name, secret_arn=stores.secret_arns[variable.secret], key=variable.key)
            for variable in container.secrets
        ],
        health_check=None if container.health_check is None else _health_check(container.health_check),
        depends_on=dict.fromkeys(container.starts_after, "HEALTHY"),
        mounts=_mounts(container),
        user=None if container.data_path is None else _volume_owner(scope),
        stop_timeout_seconds=container.stop_timeout_seconds,
    )


def _initial_image(scope: Scope, foundation: Foundation, entry: Service, container: Container) -> pulumi.Input[str]:
    size = scope.environment.services[entry.name]
    if container.repository is None:
        return size.images[container.name]
    return pulumi.Output.format(
        "{0}:{1}", foundation.registry.repository_urls[container.repository], size.initial_image_tag
    )


def _health_check(command: tuple[str, ...]) -> HealthCheckArgs:
    return HealthCheckArgs(command=command, interval_seconds=15, timeout_seconds=5, retries=3, start_period_seconds=60)


def _mounts(container: Container) -> list[MountArgs]:
    if container.data_path is None:
        return []
    return [MountArgs(volume=catalog.CADDY_VOLUME, container_path=container.data_path)]


def _volume_owner(scope: Scope) -> str:
    # The access point gives its files to this user; another one could not write to them.
    storefront = scope.environment.storefront
    return f"{storefront.user_id}:{storefront.group_id}"


def _volumes(stores: Stores, entry: Service) -> list[EfsVolumeArgs]:
    if all(container.data_path is None for container in entry.containers):
        return []
    certificates = stores.certificates
    return [
        EfsVolumeArgs(
            name=catalog.CADDY_VOLUME,
            file_system_id=certificates.file_system_id,
            file_system_arn=certificates.file_system_arn,
            access_point_id=certificates.access_point_id,
            access_point_arn=certificates.access_point_arn,
        )
    ]


def _targets(entrance: Entrance | None) -> list[TargetArgs]:
    return [
        TargetArgs(
            target_group_arn=target.target_group_arn, container_name=target.container, container_port=target.port
        )
        for target in (entrance.targets if entrance is not None else ())
    ]
