"""The rules that ECS and Fargate hold a service to, checked before anything is made.

ECS itself reports most of these only when the service is created, minutes into an update, or when a task fails to
start. Every check raises ``ValueError`` with the field, what came and what is allowed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from zelly_components.base import counted
from zelly_components.ecs.deployment import SHIFTING, check_deployment
from zelly_components.ecs.service_args import EcsServiceArgs, TargetArgs
from zelly_components.ecs.task_definition import ContainerArgs, EfsVolumeArgs, HealthCheckArgs
from zelly_components.limits.allowed_values import LOG_RETENTION_DAYS
from zelly_components.limits.capacity_providers import check_capacity_providers
from zelly_components.limits.fargate import check_fargate_size
from zelly_components.limits.task_counts import check_task_counts


def check_service(args: EcsServiceArgs) -> None:
    """Check everything that is known before the service's resources are."""
    check_fargate_size(args.cpu_units, args.memory_mib)
    check_containers(args.containers, args.volumes)
    check_capacity_providers(args.capacity_providers)
    _check_tasks(args)
    LOG_RETENTION_DAYS.check("log_retention_days", args.log_retention_days)
    _check_targets(args.targets, args.containers)
    _check_deployment(args)
    if args.health_check_grace_period_seconds is not None and not args.targets:
        came = args.health_check_grace_period_seconds
        raise ValueError(f"health_check_grace_period_seconds: came {came}; allowed None, since there are no targets")
    deployable = [container.name for container in args.containers if container.deployable]
    if deployable and args.image_parameter_name is None:
        raise ValueError(f"image_parameter_name: came None; allowed a name for the deployable {_listed(deployable)}")
    if args.image_parameter_name is not None and not deployable:
        raise ValueError(
            f"image_parameter_name: came {args.image_parameter_name}; allowed None, since no container is deployable"
        )


def check_containers(containers: Sequence[ContainerArgs], volumes: Sequence[EfsVolumeArgs]) -> None:
    """Check the containers of one task, each for itself and with each other."""
    if not containers:
        raise ValueError("containers: came none; allowed one or more")
    _check_unique("containers", [container.name for container in containers])
    _check_unique("volumes", [volume.name for volume in volumes])
    # All containers of a task share one network interface.
    _check_unique("ports", [port for container in containers for port in container.ports])
    by_name = {container.name: container for container in containers}
    for container in containers:
        _check_variables(container)
        _check_mounts(container, volumes)
        _check_dependencies(container, by_name)
        _check_limits(container)
    try:
        TopologicalSorter({name: container.depends_on.keys() for name, container in by_name.items()}).prepare()
    except CycleError as error:
        raise ValueError(f"depends_on: came a circle of {_listed(error.args[1])}; allowed no circle") from error


def _check_tasks(args: EcsServiceArgs) -> None:
    scaling = args.scaling
    if args.runs_alone and (scaling is not None or args.minimum_tasks != 1):
        raise ValueError(f"runs_alone: came with minimum_tasks {args.minimum_tasks}; allowed with 1 and no scaling")
    maximum_tasks = args.minimum_tasks if scaling is None else scaling.maximum_tasks
    check_task_counts(args.minimum_tasks, maximum_tasks, scales=scaling is not None)
    if scaling is None:
        return
    _check_range("scaling.cpu_target_percent", scaling.cpu_target_percent, 1, 100)


def _check_deployment(args: EcsServiceArgs) -> None:
    deployment = args.deployment
    alternates = [target for target in args.targets if target.alternate is not None]
    if deployment is None:
        if alternates:
            raise ValueError("deployment: came None; required, since a target has an alternate")
        return
    check_deployment(deployment)
    if deployment.strategy in SHIFTING and not 0 < len(alternates) == len(args.targets):
        raise ValueError(
            f"targets.alternate: came {len(alternates)} for {len(args.targets)} targets; "
            f"{deployment.strategy} requires a target, and an alternate for each"
        )
    if (deployment.infrastructure_role_name is None) is bool(alternates):
        came = deployment.infrastructure_role_name
        allowed = "a name, since a target has an alternate" if alternates else "None, since no target has an alternate"
        raise ValueError(f"deployment.infrastructure_role_name: came {came}; allowed {allowed}")


def _check_targets(targets: Sequence[TargetArgs], containers: Sequence[ContainerArgs]) -> None:
    ports = {container.name: container.ports for container in containers}
    for target in targets:
        _check_known("targets.container_name", target.container_name, ports)
        if target.container_port not in ports[target.container_name]:
            raise ValueError(
                f"targets.container_port: came {target.container_port}; "
                f"allowed a port of {target.container_name}: {_listed(sorted(ports[target.container_name]))}"
            )


def _check_variables(container: ContainerArgs) -> None:
    secrets = [secret.name for secret in container.secrets]
    variables = counted(f"containers.{container.name}.environment", container.environment)
    _check_unique(f"containers.{container.name}: environment and secrets", [*variables, *secrets])
    for secret in container.secrets:
        # Colons separate the parts of a reference to a secret.
        if not secret.key or ":" in secret.key:
            field = f"containers.{container.name}.secrets.{secret.name}.key"
            raise ValueError(f"{field}: came {secret.key!r}; allowed a JSON key without a colon")


def _check_mounts(container: ContainerArgs, volumes: Sequence[EfsVolumeArgs]) -> None:
    _check_unique(f"containers.{container.name}.mounts", [mount.container_path for mount in container.mounts])
    for mount in container.mounts:
        _check_known(f"containers.{container.name}.mounts", mount.volume, [volume.name for volume in volumes])


def _check_dependencies(container: ContainerArgs, by_name: Mapping[str, ContainerArgs]) -> None:
    for name, condition in container.depends_on.items():
        field = f"containers.{container.name}.depends_on"
        _check_known(field, name, by_name)
        if condition == "HEALTHY" and by_name[name].health_check is None:
            raise ValueError(f"{field}: came {name} HEALTHY; allowed for a container with a health check")


def _check_limits(container: ContainerArgs) -> None:
    field = f"containers.{container.name}"
    if container.stop_timeout_seconds is not None:
        _check_range(f"{field}.stop_timeout_seconds", container.stop_timeout_seconds, 2, 120)
    if container.health_check is not None:
        _check_health_check(f"{field}.health_check", container.health_check)


def _check_health_check(field: str, health_check: HealthCheckArgs) -> None:
    if list(health_check.command[:1]) not in (["CMD"], ["CMD-SHELL"]):
        raise ValueError(f"{field}.command: came {_listed(health_check.command)}; allowed CMD or CMD-SHELL first")
    _check_range(f"{field}.interval_seconds", health_check.interval_seconds, 5, 300)
    _check_range(f"{field}.timeout_seconds", health_check.timeout_seconds, 2, 60)
    _check_range(f"{field}.retries", health_check.retries, 1, 10)
    _check_range(f"{field}.start_period_seconds", health_check.start_period_seconds, 0, 300)


def _check_range(field: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise ValueError(f"{field}: came {value}; allowed {lowest} to {highest}")


def _check_known(field: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise ValueError(f"{field}: came {name}; allowed {_listed(sorted(known)) or 'none'}")


def _check_unique(field: str, values: Iterable[object]) -> None:
    repeated = [value for value, count in Counter(values).items() if count > 1]
    if repeated:
        raise ValueError(f"{field}: came {_listed(repeated)} more than once; allowed once")


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)
