"""The containers of a task definition: their arguments, their canonical JSON, and the image of each.

Nothing here makes a resource. Whatever ECS or the provider would fill in or reorder is already written out and sorted,
so that what ECS answers later equals what was sent, and an unchanged service never shows a change.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import pulumi

DependencyCondition = Literal["START", "HEALTHY", "COMPLETE", "SUCCESS"]

EXIT_CONDITIONS: frozenset[DependencyCondition] = frozenset({"COMPLETE", "SUCCESS"})
"""The conditions that wait for a container to end."""

LOG_BUFFER = "25m"
"""The buffer for one container's output while CloudWatch Logs does not take it: the size that AWS
recommends against loss ("Preventing log loss with non-blocking mode in the awslogs container log driver"). ECS's own
default is 10m."""

_FIRST_OPEN_PORT = 1024

_UNPRIVILEGED_PORTS = [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
"""Lets a user other than root listen on ports below 1024, as Docker does by default and ECS does not (aws/containers-
roadmap#1721). It is a setting of the task's own network interface (ECS API, "SystemControl")."""


@dataclass(frozen=True, kw_only=True)
class HealthCheckArgs:
    """A command with which ECS checks, inside the task, that a container works (ECS API, "HealthCheck")."""

    command: Sequence[str]
    """Starts with ``CMD`` (run the rest as it is) or ``CMD-SHELL`` (run it in the container's shell)."""
    interval_seconds: int
    """The seconds between two checks: 5 to 300."""
    timeout_seconds: int
    """The seconds until a check counts as failed: 2 to 60."""
    retries: int
    """Failures in a row until the container is unhealthy: 1 to 10."""
    start_period_seconds: int
    """The time after the start in which failures do not count: 0 to 300."""


@dataclass(frozen=True, kw_only=True)
class SecretVariableArgs:
    """An environment variable whose value is one JSON key of a Secrets Manager secret."""

    name: str
    """The variable's name in the container, e.g. ``DB_PASSWORD``."""
    secret_arn: pulumi.Input[str]
    """The ARN of the secret. The execution role is allowed to read it."""
    key: str
    """The key of the secret's JSON whose value it gets. A task whose secret lacks it does not start."""


@dataclass(frozen=True, kw_only=True)
class EfsVolumeArgs:
    """An EFS access point as a volume, reached over TLS and with the task role's permission."""

    name: str
    """The volume's name in the task definition, which mounts refer to: letters, digits, hyphens and underscores."""
    file_system_id: pulumi.Input[str]
    """The file system: a shared directory's output ``file_system_id``. Should resolve only once the mount targets
    exist: a task that cannot mount does not start."""
    file_system_arn: pulumi.Input[str]
    """The ARN of the same file system, on which the task role may mount and write."""
    access_point_id: pulumi.Input[str]
    """The access point that is mounted, with its directory, user and group."""
    access_point_arn: pulumi.Input[str]
    """The ARN of the same access point: the task role may use no other."""


@dataclass(frozen=True, kw_only=True)
class MountArgs:
    """A mount point of a volume in a container."""

    volume: str
    """The name of one of the service's volumes."""
    container_path: str
    """The absolute path in the container at which the volume stands, e.g. ``/data``."""
    read_only: bool = False
    """Whether the container may only read. Left out, it may write."""


@dataclass(frozen=True, kw_only=True)
class ContainerArgs:
    """One container of a task."""

    name: str
    """The container's name, unique in the task: letters, digits, hyphens and underscores."""
    image: pulumi.Input[str]
    """The image with its tag or digest. Of a deployable container it is only the first one; deploys choose the later
    ones."""
    deployable: bool
    """Whether deploys change the image. False: the image given here is the one that runs."""
    ports: Sequence[int] = ()
    """The TCP ports that it listens on, also below 1024. All containers of a task share one network interface. Left
    out, none is registered or opened."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Variables by name, readable by everyone who may describe the task definition: never a secret. Left out, there are
    none."""
    secrets: Sequence[SecretVariableArgs] = ()
    """Variables whose values are read from Secrets Manager when the task starts. Left out, there are none."""
    health_check: HealthCheckArgs | None = None
    """The check inside the task that the container works. Left out, ECS only notices when it exits."""
    depends_on: Mapping[str, DependencyCondition] = field(default_factory=dict[str, DependencyCondition])
    """The containers that come first, and how far. One waited for with COMPLETE or SUCCESS is not essential: the task
    goes on when it ends. Every other container is, and takes the task down with it. Left out, it waits for none."""
    mounts: Sequence[MountArgs] = ()
    """The volumes that it sees, each at a path. Left out, it sees none."""
    user: str | None = None
    """The user that it runs as: ``uid``, ``uid:gid`` or a name. Left out, the image's own."""
    command: Sequence[str] | None = None
    """The arguments of the entry point. Left out, the image's own command."""
    entry_point: Sequence[str] | None = None
    """The program that is run. Left out, the image's own; with one, the image's own command is not used."""
    stop_timeout_seconds: int | None = None
    """The seconds between SIGTERM and SIGKILL, 2 to 120. Left out, 30, Fargate's default."""


@dataclass(frozen=True, kw_only=True)
class LogDestination:
    """The log group that all containers of a task write to; the stream prefix is the container's name."""

    log_group_name: str
    region: str


def container_definitions(
    containers: Sequence[ContainerArgs],
    *,
    images: Mapping[str, pulumi.Input[str]],
    log_destination: LogDestination,
    init_process_enabled: bool,
) -> list[dict[str, Any]]:
    """Return the containers in ECS's own form, sorted by name, for :func:`canonical_json`.

    ``images`` holds the image of each container by name. ``init_process_enabled`` puts an init process into every
    container, which reaps what ECS Exec leaves behind.
    """
    ending = {
        name
        for container in containers
        for name, condition in container.depends_on.items()
        if condition in EXIT_CONDITIONS
    }
    return [
        {
            "name": container.name,
            "image": images[container.name],
            "essential": container.name not in ending,
            **_lists(container),
            **_optional(container),
            **({"linuxParameters": {"initProcessEnabled": True}} if init_process_enabled else {}),
            "logConfiguration": _log_configuration(container.name, log_destination),
        }
        for container in sorted(containers, key=lambda container: container.name)
    ]


def canonical_json(definitions: Sequence[Mapping[str, Any]]) -> pulumi.Output[str]:
    """Return the definitions as the one JSON text that stands for them: sorted keys, no spaces."""
    return pulumi.Output.json_dumps(definitions, sort_keys=True, separators=(",", ":"))


def image_document(images: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    """Return the value of a service's image parameter: a JSON object of container names and images."""
    return pulumi.Output.json_dumps(images, sort_keys=True, separators=(",", ":"))


def deployed_image(document: str, container: str, initial: str) -> str:
    """Return the image that was last deployed to a container, or ``initial`` when none was.

    ``document`` is the value of the service's image parameter.

    Raises:
        ValueError: for any other document. Falling back to ``initial`` would quietly undo every deploy.
    """
    try:
        images: Any = json.loads(document)
    except json.JSONDecodeError as error:
        raise ValueError(f"image parameter: came {document!r}; allowed a JSON object of images by container") from error
    if not isinstance(images, dict):
        raise ValueError(f"image parameter: came {document!r}; allowed a JSON object of images by container")
    image = cast(dict[str, Any], images).get(container, initial)
    if not isinstance(image, str) or not image:
        raise ValueError(f"image parameter, {container}: came {image!r}; allowed the name of an image")
    return image


def _lists(container: ContainerArgs) -> dict[str, Any]:
    # ECS answers with every one of these and with "cpu", also when they were left out.
    return {
        "cpu": 0,
        "environment": [{"name": name, "value": container.environment[name]} for name in sorted(container.environment)],
        "mountPoints": [
            {"sourceVolume": mount.volume, "containerPath": mount.container_path, "readOnly": mount.read_only}
            for mount in sorted(container.mounts, key=lambda mount: mount.container_path)
        ],
        "portMappings": [
            {"containerPort": port, "hostPort": port, "protocol": "tcp"} for port in sorted(container.ports)
        ],
        "secrets": [
            {"name": secret.name, "valueFrom": _value_from(secret)}
            for secret in sorted(container.secrets, key=lambda secret: secret.name)
        ],
        "systemControls": _UNPRIVILEGED_PORTS if any(port < _FIRST_OPEN_PORT for port in container.ports) else [],
        "volumesFrom": [],
    }


def _optional(container: ContainerArgs) -> dict[str, Any]:
    health_check = container.health_check
    members: dict[str, Any] = {
        "command": None if container.command is None else list(container.command),
        "dependsOn": [
            {"containerName": name, "condition": container.depends_on[name]} for name in sorted(container.depends_on)
        ]
        or None,
        "entryPoint": None if container.entry_point is None else list(container.entry_point),
        "healthCheck": None
        if health_check is None
        else {
            "command": list(health_check.command),
            "interval": health_check.interval_seconds,
            "timeout": health_check.timeout_seconds,
            "retries": health_check.retries,
            "startPeriod": health_check.start_period_seconds,
        },
        "stopTimeout": container.stop_timeout_seconds,
        "user": container.user,
    }
    return {member: value for member, value in members.items() if value is not None}


def _value_from(secret: SecretVariableArgs) -> pulumi.Output[str]:
    # arn:json-key:version-stage:version-id; the two empty ones mean the current version (ECS Developer Guide, "Pass
    # Secrets Manager secrets through Amazon ECS environment variables").
    return pulumi.Output.format("{0}:{1}::", secret.secret_arn, secret.key)


def _log_configuration(container_name: str, destination: LogDestination) -> dict[str, Any]:
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": destination.log_group_name,
            "awslogs-region": destination.region,
            "awslogs-stream-prefix": container_name,
            # A blocking driver stops the container's writes, and so the service, while CloudWatch Logs takes none.
            # Lines lost beyond the buffer cost less than that. No awslogs-create-group: a task that may create its
            # log group brings a deleted one back without retention.
            "mode": "non-blocking",
            "max-buffer-size": LOG_BUFFER,
        },
    }
