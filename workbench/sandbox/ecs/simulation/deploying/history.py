"""The service deployments and service revisions of a service, as ECS keeps them.

ECS Developer Guide, "View service history using Amazon ECS service deployments". A rollback is part of the service
deployment that it takes back, although the scheduler counts a deployment of its own for it where tasks have to start.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.ecs.simulation.definitions import task_definition
from workbench.sandbox.ecs.simulation.deploying.records import Revision, ServiceDeployment
from workbench.sandbox.ecs.simulation.pulling import pull
from workbench.sandbox.server.state import kept

SUPERSEDED = "Service deployment stopped because a newer service deployment began."
"""ECS's own words are not documented."""


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
        record.count_failures(deployment.get("failedTasks", 0))


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
