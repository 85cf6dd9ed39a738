"""Amazon ECS: service deployments, each one change of a service from the revisions that ran to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, Reason, calling

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

ROLLING = "ROLLING"

_RETURNING = frozenset({"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})
_UNDER_WAY = frozenset({"PENDING", "IN_PROGRESS", "STOP_REQUESTED", *_RETURNING})
"""ECS Developer Guide, "View service history using Amazon ECS service deployments": every other status is final."""

_LARGEST_PAGE = 100
"""ECS API reference, "ListServiceDeployments"."""

_DEFAULT_CANARY_MINUTES = 10
_DEFAULT_STEP_PERCENT = 10.0
_DEFAULT_STEP_MINUTES = 6
"""ECS API reference, "CanaryConfiguration" and "LinearConfiguration"."""


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """The way in which a service's deployments replace what ran before."""

    name: str = ROLLING
    """``ROLLING``, ``BLUE_GREEN``, ``CANARY`` or ``LINEAR``."""
    bake_minutes: int = 0
    """How long both revisions run once the new one has all the traffic."""
    step_minutes: float = 0
    """How long a canary, or all the steps of a linear deployment, take before."""

    @property
    def shifts_traffic(self) -> bool:
        """True if it moves traffic from tasks to others, and does not replace task by task."""
        return self.name != ROLLING

    @property
    def minutes(self) -> float:
        """The time in which nothing happens but waiting."""
        return self.step_minutes + self.bake_minutes

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> "Strategy":
        """Return the strategy of a ``DeploymentConfiguration``."""
        name = configuration.get("strategy", ROLLING)
        steps = 0.0
        if name == "CANARY":
            steps = configuration.get("canaryConfiguration", {}).get("canaryBakeTimeInMinutes", _DEFAULT_CANARY_MINUTES)
        if name == "LINEAR":
            linear = configuration.get("linearConfiguration", {})
            each = linear.get("stepBakeTimeInMinutes", _DEFAULT_STEP_MINUTES)
            steps = each * 100 / linear.get("stepPercent", _DEFAULT_STEP_PERCENT)
        return cls(name=name, bake_minutes=configuration.get("bakeTimeInMinutes", 0), step_minutes=steps)


ROLLING_STRATEGY = Strategy()
"""Of a service that names none."""


@dataclass(frozen=True, kw_only=True)
class ServiceRevision:
    """A revision of a service in one of its deployments."""

    arn: str
    requested_count: int
    running_count: int
    production_weight: float | None
    """The percentage of production traffic that it gets; None where ECS shifts none."""
    test_weight: float | None


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A lifecycle hook that waits for somebody to continue."""

    hook_id: str
    expires_at: datetime | None
    timeout_action: str
    """What ECS does then: ``ROLLBACK`` or ``CONTINUE``."""


@dataclass(frozen=True, kw_only=True)
class ServiceDeployment:
    """A service deployment."""

    arn: str
    status: str
    reason: str
    stage: str | None
    """The lifecycle stage; None before the first, and for a rolling one."""
    created_at: datetime
    finished_at: datetime | None
    target: ServiceRevision
    sources: tuple[ServiceRevision, ...]
    """The revisions that ran before."""
    pauses: tuple[Pause, ...]
    """Those that wait now."""
    strategy: Strategy
    rollback_reason: str
    """Empty: it is not rolled back."""
    alarm_status: str
    """``MONITORING``, ``TRIGGERED``, ``MONITORING_COMPLETE`` or ``DISABLED``."""
    alarm_names: tuple[str, ...]
    triggered_alarms: tuple[str, ...]

    @property
    def id(self) -> str:
        """The last part of the ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def is_under_way(self) -> bool:
        """True while its status is not final."""
        return self.status in _UNDER_WAY

    @property
    def is_returning(self) -> bool:
        """True while ECS goes back to what ran before."""
        return self.status in _RETURNING


class ServiceDeployments:
    """The calls of Amazon ECS on service deployments that are used."""

    def __init__(self, connection: Connection, cluster: str) -> None:
        self._client: ECSClient = connection.client("ecs")
        self._cluster = cluster

    def newest(self, service: str) -> ServiceDeployment | None:
        """Return the newest deployment of a service; None for one that never had any."""
        listed: list[tuple[datetime, str]] = []
        more: dict[str, Any] = {}
        # The order of the list is not documented. ECS keeps 90 days of it.
        while True:
            with calling("ecs:ListServiceDeployments", f"service {service}"):
                page = self._client.list_service_deployments(
                    cluster=self._cluster, service=service, maxResults=_LARGEST_PAGE, **more
                )
            briefs: Sequence[Mapping[str, Any]] = page["serviceDeployments"]
            listed += [(brief["createdAt"], brief["serviceDeploymentArn"]) for brief in briefs]
            if "nextToken" not in page:
                return self.described(max(listed)[1]) if listed else None
            more = {"nextToken": page["nextToken"]}

    def described(self, arn: str) -> ServiceDeployment:
        """Return a deployment by its ARN."""
        operation, target = "ecs:DescribeServiceDeployments", f"service deployment {arn.rpartition('/')[2]}"
        with calling(operation, target):
            answer = self._client.describe_service_deployments(serviceDeploymentArns=[arn])
        if not answer["serviceDeployments"]:
            raise AwsError(operation=operation, target=target, code="MISSING", message="gone", reason=Reason.REFUSED)
        return service_deployment(answer["serviceDeployments"][0])

    def task_definition_of(self, revision_arn: str) -> str:
        """Return the ARN of a service revision's task definition."""
        operation, target = "ecs:DescribeServiceRevisions", f"service revision {revision_arn.rpartition('/')[2]}"
        with calling(operation, target):
            answer = self._client.describe_service_revisions(serviceRevisionArns=[revision_arn])
        if not answer["serviceRevisions"]:
            raise AwsError(operation=operation, target=target, code="MISSING", message="gone", reason=Reason.REFUSED)
        return answer["serviceRevisions"][0].get("taskDefinition", "")

    def roll_back(self, arn: str) -> None:
        """Ask for the way back to what ran before. Asking twice is asking once, and too late is not asking at all."""
        try:
            with calling("ecs:StopServiceDeployment", f"service deployment {arn.rpartition('/')[2]}"):
                self._client.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
        except AwsError as error:
            # It has its final status already, which tells.
            if error.code != "ConflictException":
                raise

    def answer_pause(self, arn: str, pause: Pause, action: Literal["CONTINUE", "ROLLBACK"]) -> None:
        """Let a deployment that waits at a pause go on, or back."""
        with calling("ecs:ContinueServiceDeployment", f"service deployment {arn.rpartition('/')[2]}"):
            self._client.continue_service_deployment(serviceDeploymentArn=arn, hookId=pause.hook_id, action=action)


def service_deployment(described: Mapping[str, Any]) -> ServiceDeployment:
    """Return a deployment as ``DescribeServiceDeployments`` describes it."""
    alarms: Mapping[str, Any] = described.get("alarms", {})
    return ServiceDeployment(
        arn=described["serviceDeploymentArn"],
        status=described["status"],
        reason=described.get("statusReason", ""),
        stage=described.get("lifecycleStage"),
        created_at=described["createdAt"],
        finished_at=described.get("finishedAt"),
        target=_revision(described["targetServiceRevision"]),
        sources=tuple(_revision(each) for each in described.get("sourceServiceRevisions", ())),
        pauses=tuple(
            Pause(
                hook_id=hook["hookId"],
                expires_at=hook.get("expiresAt"),
                timeout_action=hook.get("timeoutAction", "ROLLBACK"),
            )
            for hook in described.get("lifecycleHookDetails", ())
            if hook.get("status") == "AWAITING_ACTION"
        ),
        strategy=Strategy.of(described.get("deploymentConfiguration", {})),
        rollback_reason=described.get("rollback", {}).get("reason", ""),
        alarm_status=alarms.get("status", "DISABLED"),
        alarm_names=tuple(alarms.get("alarmNames", ())),
        triggered_alarms=tuple(alarms.get("triggeredAlarmNames", ())),
    )


def _revision(described: Mapping[str, Any]) -> ServiceRevision:
    return ServiceRevision(
        arn=described["arn"],
        requested_count=described.get("requestedTaskCount", 0),
        running_count=described.get("runningTaskCount", 0),
        production_weight=described.get("requestedProductionTrafficWeight"),
        test_weight=described.get("requestedTestTrafficWeight"),
    )
