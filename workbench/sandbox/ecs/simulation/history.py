"""The service deployments and service revisions of a service, as ECS keeps them.

ECS Developer Guide, "View service history using Amazon ECS service deployments". A rollback is part of the service
deployment that it takes back, although the scheduler counts a deployment of its own for it where tasks have to start.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.ecs.simulation.definitions import task_definition
from workbench.sandbox.ecs.simulation.lifecycle import Leg, Pause
from workbench.sandbox.ecs.simulation.pulling import pull
from workbench.sandbox.server.state import kept

ONGOING = frozenset({"PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})
"""The guide's "Pending" and "Ongoing"; every other status is final."""

NO_SHIFT = "ROLLING"
"""The strategy that replaces tasks and moves no traffic by weights; that of a service that names none."""

SUPERSEDED = "Service deployment stopped because a newer service deployment began."
"""ECS's own words are not documented."""


@dataclass(kw_only=True)
class Revision:
    """A service revision: what a service was asked to run."""

    arn: str
    created_at: datetime
    definition: str
    """The task definition's ARN."""
    deployments: list[str]
    """The scheduler's deployments whose tasks are of it: one, and those that rolled back to it."""
    network: Mapping[str, Any]
    launch: Mapping[str, Any]
    """The launch type or the capacity provider strategy, and the platform version."""
    load_balancers: Sequence[Mapping[str, Any]]
    images: Sequence[Mapping[str, str]]
    alternate: bool = False
    """Its tasks are in the alternate target groups."""


@dataclass(kw_only=True)
class Hook:
    """A pause that a service deployment has come to."""

    id: str
    stage: str
    pause: Pause
    expires_at: datetime
    status: str = "AWAITING_ACTION"


@dataclass(frozen=True, kw_only=True)
class Rollback:
    """The way back of a service deployment."""

    reason: str
    started_at: datetime
    revision: Revision


@dataclass(kw_only=True)
class ServiceDeployment:
    """One change of a service from revisions that ran before to another."""

    arn: str
    created_at: datetime
    target: Revision
    source: Revision | None
    """The revision that a rollback goes back to; None for the first deployment of a service."""
    sources: Sequence[Revision]
    configuration: Mapping[str, Any]
    updated_at: datetime
    status: str = "IN_PROGRESS"
    reason: str | None = None
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    stopped_at: datetime | None = None
    rollback: Rollback | None = None
    cause: str | None = None
    """Why it ended early."""
    requested: str | None = None
    """What was asked for: ``ROLLBACK`` or ``ABORT``."""
    failures: int = 0
    alarms_ignored: bool = False
    triggered: Sequence[str] = ()
    """The names of the alarms that ended it."""
    route: Sequence[Leg] = ()
    """The legs that it goes through one after the other; none for a rolling one."""
    leg: int = 0
    entered_at: datetime
    stage: str | None = None
    production: float = 0.0
    """The share of production traffic that the target gets, in percent."""
    test: float = 0.0
    hooks: list[Hook] = field(default_factory=list[Hook])

    @property
    def strategy(self) -> str:
        """Return how it replaces what ran before."""
        return self.configuration.get("strategy") or NO_SHIFT

    @property
    def ongoing(self) -> bool:
        """Tell whether its status can still change."""
        return self.status in ONGOING

    @property
    def watches_alarms(self) -> bool:
        """Tell whether an alarm can end it: none that rang before it began, and none once it is on its way back."""
        return self.status == "IN_PROGRESS" and not self.alarms_ignored

    @property
    def alarms_roll_back(self) -> bool:
        """Tell whether an alarm takes it back instead of only stopping it."""
        alarms: Mapping[str, Any] = self.configuration.get("alarms") or {}
        return bool(alarms.get("rollback"))

    def request_due(self, at: datetime, delay: timedelta) -> str | None:
        """Return what somebody asked for, once ECS acts on it."""
        acts = self.requested_at is not None and self.requested_at + delay <= at
        return self.requested if acts and self.status in {"STOP_REQUESTED", "ROLLBACK_REQUESTED"} else None

    def finish(self, at: datetime, status: str, reason: str | None = None) -> None:
        """Give it its final status."""
        self.status = status
        self.reason = reason or self.reason
        self.updated_at = at
        self.finished_at = at
        if status == "STOPPED":
            self.stopped_at = at

    def roll_back(self, at: datetime, reason: str) -> None:
        """Turn it back to where it came from; without such a revision it has failed for good."""
        self.reason = reason
        if self.source is None:
            self.finish(at, "ROLLBACK_FAILED", f"{reason} {NO_CANDIDATE}")
            return
        self.status = "ROLLBACK_IN_PROGRESS"
        self.updated_at = at
        self.rollback = Rollback(reason=reason, started_at=at, revision=self.source)


NO_CANDIDATE = "No rollback candidate was found to run the rollback."
"""ECS's words, as terraform-provider-aws's acceptance tests expect them of a first blue/green deployment that fails."""


def history(service: Any) -> list[ServiceDeployment]:
    """Return a service's deployments, the newest first."""
    histories: dict[str, list[ServiceDeployment]] = kept(
        service._account_id, service.region_name, "ecs", "service deployments"
    )
    return histories.setdefault(service.arn, [])


def forget(service: Any) -> None:
    """Drop the deployments of a deleted service."""
    kept(service._account_id, service.region_name, "ecs", "service deployments").pop(service.arn, None)


def latest(service: Any) -> ServiceDeployment | None:
    """Return the newest deployment; none for a service without tasks here."""
    return next(iter(history(service)), None)


def revision_of(service: Any, deployment_id: str) -> Revision | None:
    """Return the revision that the tasks of one of the scheduler's deployments are of."""
    for each in history(service):
        for revision in (each.target, *each.sources):
            if deployment_id in revision.deployments:
                return revision
    return None


def arn_of(service: Any, kind: str, name: str) -> str:
    """Return the ARN of a service deployment or of a service revision."""
    prefix = service.arn.partition(":service/")[0]
    return f"{prefix}:{kind}/{service.cluster_name}/{service.name}/{name}"


def begin(
    service: Any, *, at: datetime, configuration: Mapping[str, Any], launch: Mapping[str, Any]
) -> ServiceDeployment:
    """Record the deployment that has just been put in front of a service's others."""
    previous = latest(service)
    running = [
        revision
        for deployment in service.deployments[1:]
        if (revision := revision_of(service, deployment["id"])) is not None
    ]
    if previous is not None and previous.ongoing:
        previous.finish(at, "STOPPED", SUPERSEDED)
    sources = list({revision.arn: revision for revision in running}.values())
    deployment = ServiceDeployment(
        arn=arn_of(service, "service-deployment", secrets.token_urlsafe(16)),
        created_at=at,
        updated_at=at,
        entered_at=at,
        target=_revision(service, at, launch),
        source=_candidate(service, sources),
        sources=sources,
        configuration=dict(configuration),
        alarms_ignored=bool(in_alarm(service, configuration)),
    )
    history(service).insert(0, deployment)
    return deployment


def _candidate(service: Any, sources: Sequence[Revision]) -> Revision | None:
    """Return the revision of the deployment that completed last, if it still runs."""
    completed = next((each for each in history(service) if each.status in {"SUCCESSFUL", "ROLLBACK_SUCCESSFUL"}), None)
    if completed is None:
        return None
    wanted = completed.rollback.revision if completed.rollback else completed.target
    return next((revision for revision in sources if revision.arn == wanted.arn), wanted)


def _revision(service: Any, at: datetime, launch: Mapping[str, Any]) -> Revision:
    deployment = service.deployments[0]
    definition = task_definition(service._backend, deployment["taskDefinition"])
    return Revision(
        arn=arn_of(service, "service-revision", deployment["id"].rpartition("/")[2]),
        created_at=at,
        definition=deployment["taskDefinition"] if definition is None else definition.arn,
        deployments=[deployment["id"]],
        network=deployment.get("networkConfiguration") or service.network_configuration,
        launch=launch,
        load_balancers=[dict(balancer) for balancer in service.load_balancers],
        images=[] if definition is None else _images(service, definition),
    )


def _images(service: Any, definition: Any) -> Sequence[Mapping[str, str]]:
    platform: Mapping[str, str] = definition.runtime_platform or {}
    architecture = platform.get("cpuArchitecture", "X86_64")
    images: list[Mapping[str, str]] = []
    for container in definition.container_definitions:
        image = container.get("image", "")
        digest = pull(image, account_id=service._account_id, architecture=architecture).digest
        resolved = {} if digest is None else {"imageDigest": digest}
        images.append({"containerName": container["name"], "image": image, **resolved})
    return images


def count_failures(service: Any, deployment: Mapping[str, Any]) -> None:
    """Record how many tasks of a deployment have failed."""
    record = latest(service)
    if record is not None and deployment["id"] in record.target.deployments:
        record.failures = deployment.get("failedTasks", 0)


def alarmed(service: Any) -> Sequence[str]:
    """Return the alarms that end the deployment under way now."""
    record = latest(service)
    return in_alarm(service, record.configuration) if record is not None and record.watches_alarms else ()


def in_alarm(service: Any, configuration: Mapping[str, Any]) -> Sequence[str]:
    """Return which of a deployment's alarms are in ALARM; none if it has not switched them on."""
    alarms: Mapping[str, Any] = configuration.get("alarms") or {}
    if not alarms.get("enable"):
        return ()
    known = get_backend("cloudwatch")[service._account_id][service.region_name].alarms
    return [name for name in alarms.get("alarmNames", []) if name in known and known[name].state_value == "ALARM"]
