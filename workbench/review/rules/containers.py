"""Rules for ECS and ECR."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from workbench.review.rules.model import (
    Resource,
    ResourceCheck,
    Rule,
    Severity,
    Stack,
    all_of,
    is_unknown,
    requires,
    requires_set,
    shown,
)

REPOSITORY = "aws:ecr/repository:Repository"
CLUSTER = "aws:ecs/cluster:Cluster"
SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"

Container = Mapping[str, Any]

_CONFIDENTIAL = (
    r"(?i)(^|_)(password|passwd|secret|token|api_?key|private_key|access_key_id|secret_access_key|credentials)(_|$)"
)


def _each_container(check: Callable[[Container], Iterable[str]]) -> ResourceCheck:
    def checked(definition: Resource) -> Iterator[str]:
        containers: list[Container] = definition.document("containerDefinitions") or []
        for container in containers:
            yield from (f"container {container.get('name')}: {message}" for message in check(container))

    return checked


def _privileged(container: Container) -> Iterator[str]:
    if container.get("privileged"):
        yield "privileged"


def _read_only(container: Container) -> Iterator[str]:
    if container.get("readonlyRootFilesystem") is not True:
        yield "its root file system can be written to"


def _environment(container: Container) -> Iterator[str]:
    environment: list[Mapping[str, str]] = container.get("environment") or []
    for variable in environment:
        if re.search(_CONFIDENTIAL, variable["name"]):
            yield f"{variable['name']} stands in the environment; allowed: among the secrets"


def _logging(container: Container) -> Iterator[str]:
    configuration: Mapping[str, Any] = container.get("logConfiguration") or {}
    if not configuration.get("logDriver"):
        yield "no logConfiguration"


def _image(container: Container) -> Iterator[str]:
    image = f"{container.get('image')}"
    tag = image.rpartition("/")[2].partition(":")[2]
    if not is_unknown(image) and "@sha256:" not in image and tag in ("", "latest"):
        yield f"image {image}; allowed: one with a tag that says which, or a digest"


def _transit(definition: Resource) -> Iterator[str]:
    for volume in definition.items("volumes"):
        efs = volume.get("efsVolumeConfiguration")
        if efs and efs.get("transitEncryption") != "ENABLED":
            yield f"volume {volume.get('name')}: transitEncryption {shown(efs.get('transitEncryption'))}"


def _insights(cluster: Resource) -> Iterator[str]:
    if is_unknown(cluster.value("settings")):
        return
    settings = {setting.get("name"): setting.get("value") for setting in cluster.items("settings")}
    value = settings.get("containerInsights")
    if value not in ("enabled", "enhanced"):
        yield f"settings.containerInsights: {shown(value)}; allowed: enabled or enhanced"


def _lifecycle(repository: Resource, stack: Stack) -> Iterator[str]:
    policies = stack.of_types(["aws:ecr/lifecyclePolicy:LifecyclePolicy"])
    name = repository.value("name")
    if not any(policy.value("repository") == name or repository.urn in policy.depends_on for policy in policies):
        yield "no aws:ecr/lifecyclePolicy:LifecyclePolicy names it"


def _immutable_tags(resource: Resource) -> Iterator[str]:
    yield from requires("imageTagMutability", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION")(resource)
    for excluded in resource.value("imageTagMutabilityExclusionFilters") or ():
        # Which tags move has to be readable: a pattern that begins with a wildcard lets any kind of tag move.
        if str(excluded["filter"]).startswith("*"):
            yield f"imageTagMutabilityExclusionFilters: {excluded['filter']}; allowed: one that begins with text"


def _shifts(service: Resource) -> bool:
    strategy = service.value("deploymentConfiguration.strategy")
    return not is_unknown(strategy) and strategy not in (None, "ROLLING")


def _rolls_back(service: Resource) -> Iterator[str]:
    if not _shifts(service):
        yield from all_of(
            requires("deploymentCircuitBreaker.enable", True), requires("deploymentCircuitBreaker.rollback", True)
        )(service)


def _alarms_roll_back(service: Resource) -> Iterator[str]:
    if not _shifts(service):
        return
    yield from all_of(
        requires_set("alarms.alarmNames"),
        requires("alarms.enable", True),
        requires("alarms.rollback", True),
        # "The deployment circuit breaker can only be used for services using the rolling update deployment type" (API
        # Reference, DeploymentCircuitBreaker).
        requires("deploymentCircuitBreaker.enable", False, None),
    )(service)


_ECR = (
    Rule(
        id="repository-scans-images",
        title="An image repository scans what is pushed",
        controls=("ECR.1",),
        severity=Severity.HIGH,
        remediation="Set image_scanning_configuration with scan_on_push.",
        types=(REPOSITORY,),
        check=requires("imageScanningConfiguration.scanOnPush", True),
    ),
    Rule(
        id="repository-tags-immutable",
        title="A tag goes on meaning the image that it was pushed with",
        controls=("ECR.2",),
        severity=Severity.MEDIUM,
        remediation='Set image_tag_mutability "IMMUTABLE"; "IMMUTABLE_WITH_EXCLUSION" names the tags that may move.',
        types=(REPOSITORY,),
        check=_immutable_tags,
    ),
    Rule(
        id="repository-lifecycle",
        title="An image repository lets old images go",
        controls=("ECR.3",),
        severity=Severity.MEDIUM,
        remediation="Add an aws.ecr.LifecyclePolicy.",
        types=(REPOSITORY,),
        check_in_stack=_lifecycle,
    ),
    Rule(
        id="repository-kept-with-images",
        title="An image repository is not deleted while it holds images",
        controls=(),
        severity=Severity.HIGH,
        remediation="Leave force_delete off.",
        types=(REPOSITORY,),
        check=requires("forceDelete", False, None),
    ),
)

_ECS = (
    Rule(
        id="task-network-mode",
        title="A task has network interfaces of its own",
        controls=("ECS.1", "ECS.17"),
        severity=Severity.HIGH,
        remediation='Set network_mode "awsvpc".',
        types=(TASK_DEFINITION,),
        check=requires("networkMode", "awsvpc"),
    ),
    Rule(
        id="task-own-processes",
        title="A task does not see the host's processes",
        controls=("ECS.3",),
        severity=Severity.HIGH,
        remediation="Leave pid_mode and ipc_mode out.",
        types=(TASK_DEFINITION,),
        check=all_of(requires("pidMode", "task", None), requires("ipcMode", "task", "none", None)),
    ),
    Rule(
        id="container-not-privileged",
        title="A container is not privileged",
        controls=("ECS.4",),
        severity=Severity.HIGH,
        remediation="Leave privileged out; Fargate refuses it anyway.",
        types=(TASK_DEFINITION,),
        check=_each_container(_privileged),
    ),
    Rule(
        id="container-read-only",
        title="A container can't write to its root file system",
        controls=("ECS.5",),
        severity=Severity.HIGH,
        remediation="Set readonlyRootFilesystem, and mount a volume where the program writes.",
        types=(TASK_DEFINITION,),
        check=_each_container(_read_only),
    ),
    Rule(
        id="container-no-secret-in-environment",
        title="A container gets its secrets from Secrets Manager, not in its environment",
        controls=("ECS.8",),
        severity=Severity.HIGH,
        remediation="Name the secret and its key under secrets.",
        types=(TASK_DEFINITION,),
        check=_each_container(_environment),
    ),
    Rule(
        id="container-logs",
        title="A container's output is kept",
        controls=("ECS.9",),
        severity=Severity.HIGH,
        remediation="Set logConfiguration.",
        types=(TASK_DEFINITION,),
        check=_each_container(_logging),
    ),
    Rule(
        id="container-image-says-which",
        title="A container's image is named by a tag that says which, or by digest",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Name a version; latest is another image tomorrow.",
        types=(TASK_DEFINITION,),
        check=_each_container(_image),
    ),
    Rule(
        id="task-file-system-encrypted-in-transit",
        title="A task mounts file systems over TLS",
        controls=("ECS.18",),
        severity=Severity.MEDIUM,
        remediation='Set transit_encryption "ENABLED" in the volume\'s EFS configuration.',
        types=(TASK_DEFINITION,),
        check=_transit,
    ),
    Rule(
        id="service-no-public-address",
        title="A service's tasks get no public address",
        controls=("ECS.2",),
        severity=Severity.HIGH,
        remediation="Leave assign_public_ip off, in private subnets.",
        types=(SERVICE,),
        check=requires("networkConfiguration.assignPublicIp", False, None),
    ),
    Rule(
        id="service-platform-version",
        title="A service runs on the latest Fargate platform",
        controls=("ECS.10",),
        severity=Severity.MEDIUM,
        remediation="Leave platform_version out.",
        types=(SERVICE,),
        check=requires("platformVersion", "LATEST", None),
    ),
    Rule(
        id="service-circuit-breaker",
        title="A rolling deployment that fails is rolled back",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Set deployment_circuit_breaker with enable and rollback.",
        types=(SERVICE,),
        check=_rolls_back,
    ),
    Rule(
        id="service-deployment-alarms",
        title="A blue/green, canary or linear deployment is rolled back by alarms",
        controls=(),
        severity=Severity.HIGH,
        remediation="Set alarms with names, enable and rollback, and leave the circuit breaker off.",
        types=(SERVICE,),
        check=_alarms_roll_back,
    ),
    Rule(
        id="cluster-container-insights",
        title="A cluster has Container Insights",
        controls=("ECS.12",),
        severity=Severity.MEDIUM,
        remediation="Set the cluster's setting containerInsights to enabled.",
        types=(CLUSTER,),
        check=_insights,
    ),
)

RULES = (*_ECR, *_ECS)
