"""Amazon ECS: services and their deployments. Tasks are in ``ecs_tasks``, task definitions in ``task_definitions``."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.ecs.service_deployments import ROLLING_STRATEGY, Strategy
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling
from workbench.batches import batches

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import DeploymentTypeDef, ServiceTypeDef

_SERVICES_PER_CALL = 10
"""ECS API reference, "DescribeServices"."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One rollout of a service, under way or done."""

    id: str
    status: str
    """``PRIMARY``: the one that is wanted; ``ACTIVE``: one that still has tasks; ``INACTIVE``: replaced."""
    task_definition_arn: str
    desired_count: int
    running_count: int
    pending_count: int
    failed_tasks: int
    """How many of its tasks failed to start or to stay up; the circuit breaker counts them."""
    rollout_state: str
    """``IN_PROGRESS``, ``COMPLETED`` or ``FAILED``."""
    rollout_reason: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ServiceEvent:
    """One line of a service's history, as ECS words it."""

    id: str
    created_at: datetime
    message: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service as it stands."""

    name: str
    status: str
    """``ACTIVE``, ``DRAINING`` or ``INACTIVE``."""
    task_definition_arn: str
    """Of the deployment that is wanted."""
    desired_count: int
    running_count: int
    pending_count: int
    deployments: tuple[Deployment, ...]
    """The primary one first."""
    events: tuple[ServiceEvent, ...]
    """The newest first, at most the last hundred."""
    target_group_arns: tuple[str, ...]
    """Of the balancers that its tasks stand behind."""
    alternate_target_groups: Mapping[str, str] = field(default_factory=dict[str, str])
    """The ARN of the second group by that of the first, where traffic is shifted between the two: which one serves
    changes with each deployment."""
    strategy: Strategy = ROLLING_STRATEGY
    """How its deployments replace what ran before."""

    @property
    def primary(self) -> Deployment | None:
        """The deployment that is wanted; None for a service that was deleted."""
        return next((deployment for deployment in self.deployments if deployment.status == "PRIMARY"), None)


@contextmanager
def suppress_absent_cluster() -> Generator[None]:
    """Leave the block if the cluster does not exist: then nothing in it does."""
    try:
        yield
    except AwsError as error:
        if error.code != "ClusterNotFoundException":
            raise


class Ecs:
    """The calls of Amazon ECS on services that are used."""

    def __init__(self, connection: Connection, cluster: str) -> None:
        self._connection = connection
        self._client: ECSClient = connection.client("ecs")
        self._cluster = cluster

    def services(self, names: Sequence[str]) -> Mapping[str, Service]:
        """Return the services that exist of ``names``, by name: none where there is no cluster."""
        found: dict[str, Service] = {}
        for some in batches(names, _SERVICES_PER_CALL):
            with suppress_absent_cluster(), calling("ecs:DescribeServices", f"cluster {self._cluster}"):
                answer = self._client.describe_services(cluster=self._cluster, services=some)
                found |= {service["serviceName"]: _service(service) for service in answer["services"]}
        return found

    def set_desired_count(self, name: str, count: int) -> None:
        """Ask for a number of tasks."""
        with calling("ecs:UpdateService", f"service {name}"):
            self._client.update_service(cluster=self._cluster, service=name, desiredCount=count)

    def deploy(self, name: str, task_definition_arn: str) -> Service:
        """Make a revision the one that is wanted, and return the service with the deployment that this began.

        Asking twice begins one deployment: a service that wants the revision already is left as it is.
        """
        with calling("ecs:UpdateService", f"service {name}"):
            answer = self._client.update_service(
                cluster=self._cluster, service=name, taskDefinition=task_definition_arn
            )
        return _service(answer["service"])

    def restart(self, name: str, task_definition_arn: str) -> Service:
        """Replace every task by a new one of this revision, and return the service with the deployment that this began.

        Asked once, whatever comes back: each time begins another deployment.
        """
        once: ECSClient = self._connection.client("ecs", repeatable=False)
        with calling("ecs:UpdateService", f"service {name}"):
            answer = once.update_service(
                cluster=self._cluster, service=name, taskDefinition=task_definition_arn, forceNewDeployment=True
            )
        return _service(answer["service"])


def _service(described: "ServiceTypeDef") -> Service:
    return Service(
        name=described["serviceName"],
        status=described["status"],
        task_definition_arn=described["taskDefinition"],
        desired_count=described["desiredCount"],
        running_count=described["runningCount"],
        pending_count=described["pendingCount"],
        deployments=tuple(_deployment(deployment) for deployment in described["deployments"]),
        events=tuple(
            ServiceEvent(id=event["id"], created_at=event["createdAt"], message=event["message"])
            for event in described["events"]
        ),
        target_group_arns=tuple(
            balancer["targetGroupArn"] for balancer in described["loadBalancers"] if "targetGroupArn" in balancer
        ),
        alternate_target_groups={
            balancer["targetGroupArn"]: advanced["alternateTargetGroupArn"]
            for balancer in described["loadBalancers"]
            if "targetGroupArn" in balancer
            and (advanced := balancer.get("advancedConfiguration", {}))
            and "alternateTargetGroupArn" in advanced
        },
        strategy=Strategy.of(described.get("deploymentConfiguration", {})),
    )


def _deployment(described: "DeploymentTypeDef") -> Deployment:
    return Deployment(
        id=described["id"],
        status=described["status"],
        task_definition_arn=described["taskDefinition"],
        desired_count=described["desiredCount"],
        running_count=described["runningCount"],
        pending_count=described["pendingCount"],
        failed_tasks=described.get("failedTasks", 0),
        rollout_state=described.get("rolloutState", "COMPLETED"),
        rollout_reason=described.get("rolloutStateReason", ""),
        created_at=described["createdAt"],
    )
