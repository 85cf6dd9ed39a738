"""Events of AWS's services that are told to people: what EventBridge matches, and what it makes of a match."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from zelly_components.alarms.notifications import custom_notification

_BACKUP_STATES = ("ABORTED", "EXPIRED", "FAILED")
_DEPLOYMENT = "ECS Deployment State Change"
_DATABASE_EVENTS: Mapping[str, str] = {
    "db-cluster": "RDS DB Cluster Event",
    "db-instance": "RDS DB Instance Event",
}
"""The events' detail type by the type of their source ("Amazon RDS event categories and event messages" and "Creating a
rule that triggers on an Amazon RDS event", RDS User Guide)."""


@dataclass(frozen=True, kw_only=True)
class EventPattern:
    """What EventBridge matches, of the events of the account and the region: an event that has all of it."""

    source: str
    """The service that the event comes from, e.g. ``aws.ecs``."""
    detail_type: str
    """The kind of event, as its service calls it, e.g. ``ECS Deployment State Change``."""
    detail: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Values by field of the event's detail: the field has to have one of them. Left out, the detail may be any."""
    detail_wildcards: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Texts by field of the event's detail, with ``*`` for any characters: the field's value has to match one of them.
    Left out, no field is matched so."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A kind of event that is told to the inform topic."""

    name: str
    """Its short name, unique among the events of one component; the component's own name comes before it in the
    rule's."""
    description: str
    """What is matched, in words; it stands at the rule in EventBridge."""
    pattern: EventPattern
    """What an event has to be like to be told."""
    paths: Mapping[str, str]
    """JSONPaths into the event, by the names that the texts have for them, in angle brackets."""
    title: str
    """The first line of the message, in which names of ``paths`` in angle brackets stand for their values."""
    text: str
    """The message itself, in which names of ``paths`` in angle brackets stand for their values."""
    first: str
    """The first step of whoever reads it: a whole sentence."""


KnownEvents = Literal["backups", "deployments"]
"""Events that are told everywhere in the same words."""


def event_pattern(event: Event) -> str:
    """Return the pattern as the rule takes it."""
    pattern = event.pattern
    detail: dict[str, object] = {name: list(values) for name, values in pattern.detail.items()}
    for name, texts in pattern.detail_wildcards.items():
        detail[name] = [{"wildcard": text} for text in texts]
    document: dict[str, object] = {"source": [pattern.source], "detail-type": [pattern.detail_type]}
    return json.dumps({**document, "detail": detail} if detail else document, sort_keys=True)


def input_template(event: Event) -> str:
    """Return the template of the message, which is a custom notification once the names in brackets are replaced."""
    return json.dumps(
        custom_notification(title=event.title, description=event.text, next_steps=[f"First: {event.first}"])
    )


def deployment_events() -> list[Event]:
    """Return the events of ECS's deployments that failed, or that go back to what ran before.

    ECS tells a failure of services whose circuit breaker is on; the way back is a deployment in progress whose reason
    says so ("Amazon ECS service deployment state change events", ECS Developer Guide).
    """
    paths = {"service": "$.resources[0]", "reason": "$.detail.reason", "deployment": "$.detail.deploymentId"}
    first = "service status and service events say which tasks stopped, and why; what ran before goes on serving."
    return [
        Event(
            name="deployment-failed",
            description="A deployment of an ECS service failed",
            pattern=EventPattern(
                source="aws.ecs",
                detail_type=_DEPLOYMENT,
                detail={"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            ),
            paths=paths,
            title=":x: A deployment failed",
            text="<service>: <reason> (<deployment>)",
            first=first,
        ),
        Event(
            name="deployment-rolled-back",
            description="ECS takes a service back to what ran before",
            pattern=EventPattern(
                source="aws.ecs",
                detail_type=_DEPLOYMENT,
                detail={"eventName": ["SERVICE_DEPLOYMENT_IN_PROGRESS"]},
                detail_wildcards={"reason": ["*rolling back*", "*rollback*"]},
            ),
            paths=paths,
            title=":rewind: A deployment is rolled back",
            text="<service>: <reason> (<deployment>)",
            first=first,
        ),
    ]


def database_events(categories: Mapping[str, Sequence[str]]) -> list[Event]:
    """Return the events of RDS of those categories, by the type of their source, such as ``db-instance``.

    RDS's own subscriptions send a form that no chat shows.

    Raises:
        ValueError: for another type of source.
    """
    if unknown := sorted(set(categories) - set(_DATABASE_EVENTS)):
        raise ValueError(f"database_events: came {unknown[0]}; allowed {', '.join(_DATABASE_EVENTS)}")
    return [
        Event(
            name=f"{source_type}-events",
            description=f"RDS tells of a {source_type}: {', '.join(categories[source_type])}",
            pattern=EventPattern(
                source="aws.rds",
                detail_type=_DATABASE_EVENTS[source_type],
                detail={"EventCategories": categories[source_type]},
            ),
            paths={"database": "$.detail.SourceIdentifier", "message": "$.detail.Message"},
            title=":file_cabinet: RDS on <database>",
            text="<message>",
            first="'aws rds describe-events' has what happened around it; status shows whether the database answers.",
        )
        for source_type in categories
    ]


def backup_events() -> list[Event]:
    """Return the events of AWS Backup's jobs that failed, were aborted or did not begin in time.

    ("Monitoring AWS Backup events using Amazon EventBridge", AWS Backup Developer Guide.)
    """
    return [
        Event(
            name="backup-failed",
            description="A job of AWS Backup failed, was aborted, or did not begin in time",
            pattern=EventPattern(
                source="aws.backup", detail_type="Backup Job State Change", detail={"state": _BACKUP_STATES}
            ),
            paths={
                "state": "$.detail.state",
                "resource": "$.detail.resourceArn",
                "vault": "$.detail.backupVaultName",
                "job": "$.detail.backupJobId",
            },
            title=":floppy_disk: A backup is <state>",
            text="<resource>, into the vault <vault> (job <job>)",
            first="'aws backup describe-backup-job --backup-job-id' has the reason; then start the job again.",
        )
    ]


def known_events(kinds: Sequence[KnownEvents], database_categories: Mapping[str, Sequence[str]]) -> list[Event]:
    """Return the events of these kinds, and those of databases of these categories, as data says them."""
    by_kind = {"backups": backup_events, "deployments": deployment_events}
    return [*(event for kind in kinds for event in by_kind[kind]()), *database_events(database_categories)]
