"""The status of a service: what runs, what is wanted, what waits, what was deployed."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import repeat
from typing import Any

from workbench.aws.ecs.service_deployments import ServiceDeployment
from workbench.aws.ecs.services import Deployment, ServiceEvent
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing, Target
from workbench.operations.approvals.record import Approval, approval_of, called, read_record, whose
from workbench.operations.approvals.use import current_time
from workbench.operations.deploys.differences import differences
from workbench.operations.deploys.ledger import Entry
from workbench.operations.deploys.rollout_plan import short
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, read_situation
from workbench.operations.deploys.shifting.stages import how, pause_line, where
from workbench.operations.deploys.targets import serving_targets
from workbench.operations.images.references import built_tags, parsed
from workbench.operations.times import utc

EVENTS = 5
DEPLOYS = 5


@dataclass(frozen=True, kw_only=True)
class RunningImage:
    """The image of a container in the wanted revision."""

    container: str
    image: str
    """As the task definition names it."""
    label: str
    """As operators call it."""
    tags: tuple[str, ...]
    """But those that only say that it was deployed."""
    digest: str | None
    is_missing: bool
    """Whether it is the platform's own and not in its repository: a task that stops is the last one."""


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """The state of a service."""

    service: str
    name: str
    running: int
    desired: int
    pending: int
    task_definition: str
    template: str
    """The newest revision of the family."""
    behind_template: tuple[str, ...]
    """What changed in the template and was not deployed since, apart from deployed images."""
    is_recorded: bool
    """Whether the image parameter holds what runs; the next deploy puts it right otherwise."""
    images: tuple[RunningImage, ...]
    deployments: tuple[Deployment, ...]
    targets: tuple[Target, ...]
    events: tuple[ServiceEvent, ...]
    """The newest first."""
    deploys: tuple[tuple[Entry, Mapping[str, str]], ...]
    """The newest first, each with what operators call its images."""
    shift: ServiceDeployment | None = None
    """The newest service deployment, where deployments shift traffic."""
    pauses: tuple[str, ...] = ()
    """Who has to continue it until when, in words."""
    approvals: tuple[Approval | None, ...] | None = None
    """Those by which each of these deploys came into the stack. None: promotions to it need none."""
    approval: Approval | None = None
    """The newest as it stands; None: nobody ever asked for one."""

    def lines(self) -> list[str]:
        """Return the state as lines."""
        healthy = sum(target.state == "healthy" for target in self.targets)
        lines = [
            f"{self.name}: {self.running} of {self.desired} tasks run"
            + (f", {self.pending} are starting" if self.pending else "")
            + (f"; {healthy} of {len(self.targets)} targets are healthy" if self.targets else "")
        ]
        lines += [f"  {image.container}: {image.label}" for image in self.images]
        lines.append(f"  revision {self.task_definition}, {self._template()}")
        lines += [f"    {line}" for line in self.behind_template]
        if not self.is_recorded:
            lines.append("  not recorded as deployed: the next deploy does it; `pulumi up` before would lose the image")
        lines += [f"  {_deployment(deployment)}" for deployment in self.deployments]
        if self.shift is not None:
            lines += [f"  {line}" for line in (*_shift(self.shift), *self.pauses)]
        lines += [
            f"  target {target.address}:{target.port} {target.state}{f', {target.reason}' if target.reason else ''}"
            for target in self.targets
            if target.state != "healthy"
        ]
        for (entry, labels), approval in zip(self.deploys, self.approvals or repeat(None), strict=False):
            what = ", ".join(f"{container} {label}" for container, label in labels.items())
            approved = "" if approval is None else f", approved by {approval.by} ({called(approval)})"
            lines.append(f"  deployed {utc(entry.at)} {what}, by {_who(entry.by)}{approved}")
        if self.approval is not None:
            found = self.approval
            state = found.state_at(current_time())
            lines.append(f"  approval of {called(found)}: {state} {whose(found)}, until {utc(found.expires_at)}")
        return [*lines, *(f"  {utc(event.created_at)} {event.message}" for event in self.events)]

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {
            "service": self.service,
            "name": self.name,
            "running": self.running,
            "desired": self.desired,
            "pending": self.pending,
            "task_definition": self.task_definition,
            "template": self.template,
            "behind_template": list(self.behind_template),
            "is_recorded": self.is_recorded,
            "images": [{**asdict(image), "tags": list(image.tags)} for image in self.images],
            "deployments": [
                {**asdict(deployment), "created_at": utc(deployment.created_at)} for deployment in self.deployments
            ],
            "targets": [asdict(target) for target in self.targets],
            "events": [{"at": utc(event.created_at), "message": event.message} for event in self.events],
            "deploys": [
                {"at": utc(entry.at), "by": entry.by, "images": dict(entry.images), "labels": dict(labels), **approval}
                for (entry, labels), approval in zip(self.deploys, self._approvals(), strict=False)
            ],
            **self._approval(),
            **({} if self.shift is None else {"service_deployment": _shift_document(self.shift)}),
        }

    def _approvals(self) -> Iterable[Mapping[str, Any]]:
        """Yield what is added to each deploy's object; nothing where promotions need no approval."""
        if self.approvals is None:
            return repeat({})
        return ({"approval": None if one is None else one.document()} for one in self.approvals)

    def _approval(self) -> Mapping[str, Any]:
        if self.approvals is None:
            return {}
        found = self.approval
        state = None if found is None else str(found.state_at(current_time()))
        return {"approval": None if found is None else {**found.document(), "state": state}}

    def _template(self) -> str:
        if self.behind_template:
            return f"behind its template {self.template}: a deploy brings"
        return "as its template"


def read_status(deployable: Deployable, aws: RolloutAws, balancers: ElasticLoadBalancing) -> ServiceStatus:
    """Read the state of a service.

    Raises:
        OperatorError: when it is not in ECS.
    """
    situation = read_situation(deployable, aws)
    images = Images(deployable, aws.ecr)
    service = situation.service
    shown = tuple(reversed(situation.deploys[-DEPLOYS:]))
    record = None if deployable.approval_parameter is None else read_record(aws.ssm, deployable.approval_parameter)
    return ServiceStatus(
        service=deployable.service,
        name=deployable.name,
        running=service.running_count,
        desired=service.desired_count,
        pending=service.pending_count,
        task_definition=short(situation.running.arn),
        template=short(situation.template.arn),
        behind_template=tuple(
            differences(
                situation.running.document, situation.template.document, apart_from=situation.deployed_containers
            )
        ),
        is_recorded=situation.unrecorded is None,
        images=tuple(
            _image(deployable, images, container, image) for container, image in situation.running.images.items()
        ),
        deployments=service.deployments,
        targets=tuple(target for targets in serving_targets(service, balancers).values() for target in targets),
        events=service.events[:EVENTS],
        deploys=tuple((entry, _labels(deployable, images, entry)) for entry in shown),
        approvals=None if record is None else tuple(approval_of(record, entry.images, entry.at) for entry in shown),
        approval=None if record is None else record.current,
        shift=situation.shift,
        pauses=()
        if situation.shift is None
        else tuple(pause_line(deployable, situation.shift, pause) for pause in situation.shift.pauses),
    )


def _image(deployable: Deployable, images: Images, container: str, reference: str) -> RunningImage:
    name = parsed(reference)
    if container not in deployable.repositories:
        tags = () if name.tag is None else (name.tag,)
        return RunningImage(
            container=container, image=reference, label=reference, tags=tags, digest=name.digest, is_missing=False
        )
    found = images.find_reference(container, reference)
    missing = "" if found is not None else f", which is not in {deployable.repositories[container]}"
    return RunningImage(
        container=container,
        image=reference,
        label=f"{images.label(container, reference)}{missing}",
        tags=() if found is None else tuple(built_tags(found.tags)),
        digest=name.digest if found is None else found.digest,
        is_missing=found is None,
    )


def _labels(deployable: Deployable, images: Images, entry: Entry) -> Mapping[str, str]:
    return {
        container: images.label(container, image)
        for container, image in entry.images.items()
        if container in deployable.repositories
    }


def _deployment(deployment: Deployment) -> str:
    failed = f", {deployment.failed_tasks} failed" if deployment.failed_tasks else ""
    return (
        f"{deployment.status} {short(deployment.task_definition_arn)} {deployment.rollout_state}, "
        f"{deployment.running_count} of {deployment.desired_count} tasks{failed}, since {utc(deployment.created_at)} "
        f"({deployment.id})"
    )


def _shift(shift: ServiceDeployment) -> list[str]:
    at = f", {where(shift)}" if shift.is_under_way else ""
    reason = f" ({shift.rollback_reason or shift.reason})" if shift.rollback_reason or shift.reason else ""
    lines = [f"{how(shift.strategy)}: {shift.status}{at}{reason}, since {utc(shift.created_at)} ({shift.id})"]
    if shift.triggered_alarms:
        lines.append(f"alarms that ended it: {', '.join(shift.triggered_alarms)}")
    elif shift.is_under_way and shift.alarm_names:
        watched = "watched" if shift.alarm_status == "MONITORING" else shift.alarm_status
        lines.append(f"alarms {watched}: {', '.join(shift.alarm_names)}")
    return lines


def _shift_document(shift: ServiceDeployment) -> Mapping[str, Any]:
    return {
        "id": shift.id,
        "arn": shift.arn,
        "strategy": asdict(shift.strategy),
        "status": shift.status,
        "reason": shift.rollback_reason or shift.reason,
        "stage": shift.stage,
        "production_weight": shift.target.production_weight,
        "test_weight": shift.target.test_weight,
        "created_at": utc(shift.created_at),
        "finished_at": None if shift.finished_at is None else utc(shift.finished_at),
        "pauses": [
            {
                "hook_id": pause.hook_id,
                "expires_at": None if pause.expires_at is None else utc(pause.expires_at),
                "timeout_action": pause.timeout_action,
            }
            for pause in shift.pauses
        ],
        "alarms": {
            "status": shift.alarm_status,
            "names": list(shift.alarm_names),
            "triggered": list(shift.triggered_alarms),
        },
    }


def _who(arn: str) -> str:
    # arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, arn:aws:iam::ACCOUNT:user/NAME
    return arn.rpartition(":")[2]
