"""Application Auto Scaling: between how many tasks a service moves."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient

_NAMESPACE = "ecs"
_DIMENSION = "ecs:service:DesiredCount"


@dataclass(frozen=True, kw_only=True)
class ScalingRange:
    """The numbers of tasks between which a service is scaled."""

    minimum: int
    maximum: int


class ApplicationAutoScaling:
    """The calls of Application Auto Scaling on ECS services that are used."""

    def __init__(self, connection: Connection, cluster: str) -> None:
        self._client: ApplicationAutoScalingClient = connection.client("application-autoscaling")
        self._cluster = cluster

    def range_of(self, service: str) -> ScalingRange | None:
        """Return the range of a service; None for one that is not scaled."""
        with calling("application-autoscaling:DescribeScalableTargets", f"service {service}"):
            answer = self._client.describe_scalable_targets(
                ServiceNamespace=_NAMESPACE, ResourceIds=[self._resource(service)], ScalableDimension=_DIMENSION
            )
        for target in answer["ScalableTargets"]:
            return ScalingRange(minimum=target["MinCapacity"], maximum=target["MaxCapacity"])
        return None

    def _resource(self, service: str) -> str:
        return f"service/{self._cluster}/{service}"
