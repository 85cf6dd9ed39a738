"""Services of an embedded ECS whose images come from its own registry, made with boto3 alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from tests.workbench.sandbox.conftest import REGION
from tests.workbench.sandbox.network import Network
from workbench.sandbox.ecr.images import Architecture, Behaviour, sandbox_image
from workbench.sandbox.ecr.pushing import put_image

CLUSTER = "rollouts"
REGISTRY_REGION = "ap-south-1"
REGISTRY = f"123456789012.dkr.ecr.{REGISTRY_REGION}.amazonaws.com"
BREAKER = {"enable": True, "rollback": True}
FOREVER = 1_000_000
"""Seconds: longer than any test takes, at the speed of the tests too."""

_NUMBERS = count(1)
_ID = re.compile(r"(?P<kind>task|deployment) (?P<id>[0-9a-f-]{36}|ecs-svc/\d+)")


class Clients(Protocol):
    """An embedded AWS that can be asked."""

    def client(self, service: str, region: str = ...) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class EcsService:
    """One service with a container ``web`` of its own repository."""

    sandbox: Clients
    network: Network
    name: str = field(default_factory=lambda: f"service-{next(_NUMBERS)}")
    container: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """More members of its container definition."""

    @property
    def ecs(self) -> Any:
        return self.sandbox.client("ecs")

    @property
    def repository(self) -> str:
        return f"shop/{self.name}"

    def image(self, tag: str) -> str:
        return f"{REGISTRY}/{self.repository}:{tag}"

    def push(self, tag: str, behaviour: Behaviour, *, architecture: Architecture = "X86_64") -> str:
        """Put an image into the registry and return its digest."""
        image = sandbox_image(tag, behaviour, architecture)
        put_image(self.sandbox.client("ecr", REGISTRY_REGION), self.repository, tag, image)
        return image.digest

    def register(self, image: str, **other: Any) -> str:
        """Register a revision and return its ARN."""
        container = {"name": "web", "image": image, "essential": True, **self.container}
        definition = self.ecs.register_task_definition(
            **{
                "family": self.name,
                "containerDefinitions": [container],
                "requiresCompatibilities": ["FARGATE"],
                "networkMode": "awsvpc",
                "cpu": "256",
                "memory": "512",
                "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
                **other,
            }
        )
        return definition["taskDefinition"]["taskDefinitionArn"]

    def create(self, tag: str, *, desired: int = 1, breaker: Mapping[str, bool] | None = None, **other: Any) -> None:
        """Make the service, with the revision of an image's tag."""
        self.ecs.create_service(
            cluster=CLUSTER,
            serviceName=self.name,
            taskDefinition=self.register(self.image(tag)),
            desiredCount=desired,
            launchType="FARGATE",
            networkConfiguration=self.network_configuration,
            deploymentConfiguration={
                "maximumPercent": 200,
                "minimumHealthyPercent": 100,
                "deploymentCircuitBreaker": breaker or BREAKER,
            },
            **other,
        )

    @property
    def network_configuration(self) -> Mapping[str, Any]:
        groups = [self.network.security_group_id]
        return {"awsvpcConfiguration": {"subnets": self.network.subnet_ids, "securityGroups": groups}}

    def deploy(self, tag: str) -> None:
        self.ecs.update_service(cluster=CLUSTER, service=self.name, taskDefinition=self.register(self.image(tag)))

    def described(self) -> dict[str, Any]:
        (service,) = self.ecs.describe_services(cluster=CLUSTER, services=[self.name])["services"]
        return service

    def rollouts(self) -> list[tuple[str, str, str, int]]:
        """Return status, state, revision and failed tasks of every deployment."""
        return [
            (
                each["status"],
                each["rolloutState"],
                each["taskDefinition"].rpartition(":")[2],
                each["failedTasks"],
            )
            for each in self.described()["deployments"]
        ]

    def tasks(self, status: str = "RUNNING") -> list[dict[str, Any]]:
        arns = self.ecs.list_tasks(cluster=CLUSTER, serviceName=self.name, desiredStatus=status)["taskArns"]
        return self.ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []

    def events(self) -> list[str]:
        """Return the events, the oldest first, with the ids of tasks and deployments as numbers."""
        messages = [event["message"] for event in reversed(self.described()["events"])]
        known: dict[str, str] = {}
        return [_numbered(message, known) for message in messages]


def make_cluster(sandbox: Clients) -> None:
    sandbox.client("ecs", REGION).create_cluster(clusterName=CLUSTER)


def make_service(sandbox: Clients, network: Network, **container: Any) -> EcsService:
    """Return a service that is not there yet, with its repository, which is empty."""
    service = EcsService(sandbox=sandbox, network=network, container=container)
    ecr = sandbox.client("ecr", REGISTRY_REGION)
    ecr.create_repository(repositoryName=service.repository, imageTagMutability="IMMUTABLE")
    return service


def _numbered(message: str, known: dict[str, str]) -> str:
    def number(found: re.Match[str]) -> str:
        kind = found["kind"]
        of_kind = sum(name.startswith(kind) for name in known.values())
        return f"{kind} {known.setdefault(found['id'], f'{kind}{of_kind + 1}')}"

    return _ID.sub(number, message)
