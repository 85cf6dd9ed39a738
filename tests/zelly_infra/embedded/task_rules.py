"""What ECS and Fargate refuse of a task definition, written down from their documentation, not from the components.

The components check their arguments by rules of their own (:mod:`zelly_components.ecs.checks`); these look at what
was registered in the end. The shape itself, enums included, is botocore's
(``tests/zelly_infra/composition/test_aws_requests.py``).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

TaskDefinition = Mapping[str, Any]
"""As RegisterTaskDefinition takes it."""

Container = Mapping[str, Any]

FARGATE_SIZES: Mapping[str, tuple[int, int, int]] = {
    "256": (512, 2048, 512),
    "512": (1024, 4096, 1024),
    "1024": (2048, 8192, 1024),
    "2048": (4096, 16384, 1024),
    "4096": (8192, 30720, 1024),
    "8192": (16384, 61440, 4096),
    "16384": (32768, 122880, 8192),
}
"""CPU units: least and most memory in MiB, and its steps (ECS Developer Guide, "Task CPU and memory" on Fargate)."""

NOT_A_STEP = {("256", "1536")}

HEALTH_CHECK_RANGES = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
"""Seconds, and tries (ECS API, "HealthCheck")."""

LONGEST_STOP_SECONDS = 120
"""Of a Fargate task (ECS API, "ContainerDefinition", stopTimeout)."""

LOG_OPTIONS: Mapping[str, str] = {
    "awslogs-group": r"[A-Za-z0-9_/.#-]{1,512}",
    "awslogs-region": r"[a-z]{2}(-[a-z]+)+-\d",
    "awslogs-stream-prefix": r"[^:*]+",
    "mode": r"blocking|non-blocking",
    "max-buffer-size": r"\d+[bkmg]?",
}
"""What is used of the options of awslogs (ECS API, "LogConfiguration"); the first three are required on Fargate."""

REQUIRED_LOG_OPTIONS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")

NOT_ON_FARGATE = ("disableNetworking", "dockerSecurityOptions", "extraHosts", "hostname", "links", "privileged")
"""Of a container (ECS Developer Guide, "Task definition differences for Fargate"; awsvpc for names and hosts)."""

SECRET = re.compile(
    r"arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}:[^:]+:[^:]*:[^:]*"
)
"""``arn:json-key:version-stage:version-id`` ("Pass Secrets Manager secrets through … environment variables")."""

UNPRIVILEGED_PORTS = "net.ipv4.ip_unprivileged_port_start"


def refusals(task: TaskDefinition) -> list[str]:
    """Return what ECS would refuse, or what would keep the task from starting, one sentence each."""
    containers: Sequence[Container] = task["containerDefinitions"]
    return [
        *_task(task),
        *_ports(containers),
        *_dependencies(containers),
        *_volumes(task),
        *_system_controls(containers),
        *(f"{container['name']}: {refusal}" for container in containers for refusal in _container(container)),
    ]


def seconds_until_healthy(task: TaskDefinition) -> int:
    """Return how long the start of a task may take by its health checks: one after the other along ``dependsOn``."""
    by_name = {container["name"]: container for container in task["containerDefinitions"]}

    def until(name: str) -> int:
        before = [until(dependency["containerName"]) for dependency in by_name[name].get("dependsOn", [])]
        return max(before, default=0) + by_name[name].get("healthCheck", {}).get("startPeriod", 0)

    return max(until(name) for name in by_name)


def _task(task: TaskDefinition) -> Iterator[str]:
    containers = task["containerDefinitions"]
    if (task["networkMode"], task["requiresCompatibilities"]) != ("awsvpc", ["FARGATE"]):
        yield "not a Fargate task in a network of its own"
    yield from _size(task["cpu"], task["memory"])
    # 0 is none of its own.
    if sum(container.get("cpu", 0) for container in containers) > int(task["cpu"]):
        yield "the containers reserve more CPU than the task has"
    if sum(container.get("memory", container.get("memoryReservation", 0)) for container in containers) > int(
        task["memory"]
    ):
        yield "the containers reserve more memory than the task has"
    if not any(container["essential"] for container in containers):
        yield "no container is essential"
    if not task.get("executionRoleArn"):
        yield "nobody may pull its images and write its logs"
    if not 21 <= task.get("ephemeralStorage", {}).get("sizeInGiB", 21) <= 200:
        yield "ephemeral storage is 21 to 200 GiB"


def _size(cpu: str, memory: str) -> Iterator[str]:
    least, most, step = FARGATE_SIZES.get(cpu, (0, 0, 1))
    if not least <= int(memory) <= most or int(memory) % step or (cpu, memory) in NOT_A_STEP:
        yield f"Fargate has no task of {cpu} CPU units and {memory} MiB"


def _ports(containers: Sequence[Container]) -> Iterator[str]:
    mappings = [mapping for container in containers for mapping in container.get("portMappings", [])]
    for mapping in mappings:
        if mapping.get("hostPort", mapping["containerPort"]) != mapping["containerPort"]:
            yield f"port {mapping['containerPort']} has another one on the host"
    # All containers share one network interface.
    for port, times in Counter((mapping["containerPort"], mapping["protocol"]) for mapping in mappings).items():
        if times > 1:
            yield f"port {port[0]} is listened on {times} times"


def _dependencies(containers: Sequence[Container]) -> Iterator[str]:
    by_name = {container["name"]: container for container in containers}
    if len(by_name) != len(containers):
        yield "two containers have one name"
    for container in containers:
        for dependency in container.get("dependsOn", []):
            name, condition = dependency["containerName"], dependency["condition"]
            if name not in by_name:
                yield f"{container['name']} waits for {name}, which there is not"
            elif condition == "HEALTHY" and "healthCheck" not in by_name[name]:
                yield f"{container['name']} waits for the health of {name}, which nobody checks"
            elif condition in ("COMPLETE", "SUCCESS") and by_name[name]["essential"]:
                yield f"{container['name']} waits for the end of {name}, which ends the task"
    try:
        TopologicalSorter({name: waits_for(container) for name, container in by_name.items()}).prepare()
    except CycleError:
        yield "containers wait for each other"


def waits_for(container: Container) -> list[str]:
    """Return the containers that have to come first."""
    return [dependency["containerName"] for dependency in container.get("dependsOn", [])]


def _volumes(task: TaskDefinition) -> Iterator[str]:
    volumes = {volume["name"]: volume for volume in task.get("volumes", [])}
    mounted = {mount["sourceVolume"] for each in task["containerDefinitions"] for mount in each["mountPoints"]}
    if mounted != volumes.keys():
        yield f"volumes are {', '.join(sorted(volumes))}; mounted are {', '.join(sorted(mounted))}"
    for name, volume in volumes.items():
        file_system = volume["efsVolumeConfiguration"]
        authorization = file_system.get("authorizationConfig", {})
        # EFS API through ECS: "EFSVolumeConfiguration" and "EFSAuthorizationConfig".
        if authorization and file_system.get("transitEncryption") != "ENABLED":
            yield f"volume {name}: an access point or IAM needs encryption in transit"
        if "accessPointId" in authorization and file_system.get("rootDirectory", "/") != "/":
            yield f"volume {name}: an access point has its own root directory"


def _system_controls(containers: Sequence[Container]) -> Iterator[str]:
    controls = [control for container in containers for control in container.get("systemControls", [])]
    # Set for one container they hold for the whole task, and the last one to start wins (ECS API, "SystemControl").
    if len({control["namespace"] for control in controls}) != len(controls):
        yield "two containers set one kernel parameter"
    if any(not control["namespace"].startswith("net.") for control in controls):
        yield "a kernel parameter is not one of the network"
    first = min([int(each["value"]) for each in controls if each["namespace"] == UNPRIVILEGED_PORTS], default=1024)
    for container in containers:
        root = container.get("user", "root").partition(":")[0] in ("root", "0")
        for mapping in container.get("portMappings", []):
            if not root and mapping["containerPort"] < first:
                yield f"{container['name']} may not listen on {mapping['containerPort']} as {container['user']}"


def _container(container: Container) -> Iterator[str]:
    for member in NOT_ON_FARGATE:
        if container.get(member):
            yield f"{member} is not for Fargate"
    if container.get("linuxParameters", {}).keys() - {"initProcessEnabled", "capabilities"}:
        yield "linuxParameters of an EC2 host"
    if not 2 <= container.get("stopTimeout", 30) <= LONGEST_STOP_SECONDS:
        yield f"stopTimeout {container['stopTimeout']}"
    yield from _health_check(container)
    yield from _log_configuration(container.get("logConfiguration"))
    yield from _variables(container)


def _health_check(container: Container) -> Iterator[str]:
    health_check = container.get("healthCheck")
    if health_check is None:
        return
    command = health_check["command"]
    if command[0] not in ("CMD", "CMD-SHELL") or len(command) < 2:
        yield f"health check {' '.join(command)}"
    for member, (lowest, highest) in HEALTH_CHECK_RANGES.items():
        if not lowest <= health_check[member] <= highest:
            yield f"health check: {member} {health_check[member]}"
    if health_check["timeout"] >= health_check["interval"]:
        yield "health check: the next one begins before this one has timed out"
    ports = {str(mapping["containerPort"]) for mapping in container.get("portMappings", [])}
    if not ports & set(re.findall(r"127\.0\.0\.1:(\d+)", command[-1])):
        yield f"health check asks none of its ports: {command[-1]}"


def _log_configuration(configuration: Mapping[str, Any] | None) -> Iterator[str]:
    if configuration is None or configuration["logDriver"] != "awslogs":
        yield "its output goes nowhere that is looked at"
        return
    options = configuration["options"]
    for option in sorted(set(REQUIRED_LOG_OPTIONS) - options.keys()):
        yield f"logs: {option} is missing"
    for option, value in options.items():
        if re.fullmatch(LOG_OPTIONS.get(option, r"(?!)"), value) is None:
            yield f"logs: {option} {value}"
    if "max-buffer-size" in options and options.get("mode") != "non-blocking":
        yield "logs: only a non-blocking driver has a buffer"


def _variables(container: Container) -> Iterator[str]:
    secrets = container.get("secrets", [])
    names = Counter(pair["name"] for pair in [*container.get("environment", []), *secrets])
    yield from (f"variable {name} is set {times} times" for name, times in names.items() if times > 1)
    for secret in secrets:
        if SECRET.fullmatch(secret["valueFrom"]) is None:
            yield f"secret {secret['name']}: {secret['valueFrom']}"
