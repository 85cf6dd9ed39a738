"""Events of AWS's services that are told to people: what EventBridge matches, and what it makes of a match."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zelly_components.alarms.notifications import custom_notification

_BACKUP_STATES = ("ABORTED", "EXPIRED", "FAILED")
_DATABASE_EVENTS: Mapping[str, str] = {
    "db-cluster": "RDS DB Cluster Event",
    "db-instance": "RDS DB Instance Event",
}
"""The events' detail type by the type of their source ("Amazon RDS event categories and event messages" and "Creating a
rule that triggers on an Amazon RDS event", RDS User Guide)."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A kind of event that is told to the inform topic."""

    name: str
    """Unique among the events of one :class:`~zelly_components.alert_channels.AlertChannels`."""
    description: str
    """Stands at the rule."""
    pattern: Mapping[str, Any]
    """EventBridge's event pattern, of the events of the account and the region."""
    paths: Mapping[str, str]
    """JSONPaths into the event, by the names that the texts have for them, in angle brackets."""
    title: str
    text: str
    first: str
    """The first step: a whole sentence."""


def event_pattern(event: Event) -> str:
    """Return the pattern as the rule takes it."""
    return json.dumps(event.pattern, sort_keys=True)


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
            pattern=_deployment({"eventName": ["SERVICE_DEPLOYMENT_FAILED"]}),
            paths=paths,
            title=":x: A deployment failed",
            text="<service>: <reason> (<deployment>)",
            first=first,
        ),
        Event(
            name="deployment-rolled-back",
            description="ECS takes a service back to what ran before",
            pattern=_deployment(
                {
                    "eventName": ["SERVICE_DEPLOYMENT_IN_PROGRESS"],
                    "reason": [{"wildcard": "*rolling back*"}, {"wildcard": "*rollback*"}],
                }
            ),
            paths=paths,
            title=":rewind: A deployment is rolled back",
            text="<service>: <reason> (<deployment>)",
            first=first,
        ),
    ]


def _deployment(detail: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"source": ["aws.ecs"], "detail-type": ["ECS Deployment State Change"], "detail": detail}


def database_events(categories: Mapping[str, Sequence[str]]) -> list[Event]:
    """Return the events of RDS of those categories, by the type of their source, such as ``db-instance``.

    RDS's own subscriptions send a form that no chat shows.
    """
    return [
        Event(
            name=f"{source_type}-events",
            description=f"RDS tells of a {source_type}: {', '.join(categories[source_type])}",
            pattern={
                "source": ["aws.rds"],
                "detail-type": [_DATABASE_EVENTS[source_type]],
                "detail": {"EventCategories": list(categories[source_type])},
            },
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
            pattern={
                "source": ["aws.backup"],
                "detail-type": ["Backup Job State Change"],
                "detail": {"state": list(_BACKUP_STATES)},
            },
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
