"""The API of service deployments and service revisions, which moto does not have."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend
from moto.core.utils import utcnow

from workbench.sandbox.ecs.simulation.deploying import history, views
from workbench.sandbox.ecs.simulation.deploying.records import ServiceDeployment
from workbench.sandbox.ecs.simulation.deploying.shifts import REFUSED
from workbench.sandbox.ecs.simulation.look import look
from workbench.sandbox.server.table import Call, RefusalError

_MOST_ARNS = 20
"""ECS API reference, "DescribeServiceDeployments" and "DescribeServiceRevisions"."""

_PAGE = 20
_LARGEST_PAGE = 100
"""ECS API reference, "ListServiceDeployments"."""

_NOT_FOUND = "The service deployment does not exist."
_ENDED = "Continuing a service deployment is not allowed for service deployment in terminal states."
_NO_HOOK = "Provided hookId is either completed, unavailable, or not associated with the given Resource ARN"
_HOOK_FORMAT = "Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}"
"""ECS Developer Guide, "Troubleshooting Amazon ECS blue/green deployments"."""

_HOOK_ID = re.compile(r"ecs-[a-z]+-.+")


def list_deployments(call: Call) -> Mapping[str, Any]:
    """List a service's deployments, the newest first."""
    look(call)
    asked = call.parameters
    service = _service(call)
    created: Mapping[str, datetime] = asked.get("createdAt", {})
    found = [
        each
        for each in history.history(service)
        if each.status in (asked.get("status") or (each.status,))
        and ("after" not in created or each.created_at >= _naive(created["after"]))
        and ("before" not in created or each.created_at <= _naive(created["before"]))
    ]
    size = asked.get("maxResults", _PAGE)
    if not 1 <= size <= _LARGEST_PAGE:
        raise RefusalError("InvalidParameterException", f"maxResults must be between 1 and {_LARGEST_PAGE}")
    first = int(asked.get("nextToken", "0"))
    page = found[first : first + size]
    token = {"nextToken": str(first + size)} if first + size < len(found) else {}
    return {"serviceDeployments": [views.brief(service, each) for each in page], **token}


def describe_deployments(call: Call) -> Mapping[str, Any]:
    """Describe deployments, of whatever service of the region, by their ARNs."""
    look(call)
    wanted = _arns(call, "serviceDeploymentArns")
    known = {each.arn: (service, each) for service, each in _all(call)}
    return {
        "serviceDeployments": [views.full(*known[arn]) for arn in wanted if arn in known],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
    }


def describe_revisions(call: Call) -> Mapping[str, Any]:
    """Describe what services were asked to run."""
    look(call)
    wanted = _arns(call, "serviceRevisionArns")
    known = {
        revision.arn: views.revision(service, revision)
        for service, each in _all(call)
        for revision in (*each.sources, each.target)
    }
    return {
        "serviceRevisions": [known[arn] for arn in wanted if arn in known],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
    }


def stop_deployment(call: Call) -> Mapping[str, Any]:
    """Ask for the end of a deployment: as it is, or back to where it came from, which is the default here."""
    look(call)
    arn = call.parameters["serviceDeploymentArn"]
    deployment = _deployment(call, arn)
    if not deployment.ongoing:
        message = f"The service deployment is in the {deployment.status} state and cannot be stopped."
        raise RefusalError("ConflictException", message)
    # What is on its way back or about to end goes on with it ("Stopping Amazon ECS service deployments").
    if deployment.status in {"PENDING", "IN_PROGRESS"}:
        deployment.ask(call.parameters.get("stopType", "ROLLBACK"), utcnow())
    return {"serviceDeploymentArn": arn}


def continue_deployment(call: Call) -> Mapping[str, Any]:
    """Continue a deployment that waits at a pause, or take it back."""
    look(call)
    asked = call.parameters
    arn = asked["serviceDeploymentArn"]
    deployment = _deployment(call, arn)
    if _HOOK_ID.fullmatch(asked["hookId"]) is None:
        raise RefusalError("InvalidParameterException", _HOOK_FORMAT)
    if not deployment.ongoing:
        raise RefusalError("InvalidParameterException", _ENDED)
    hook = next((hook for hook in deployment.hooks if hook.id == asked["hookId"]), None)
    if hook is None or hook.status != "AWAITING_ACTION" or deployment.status != "IN_PROGRESS":
        raise RefusalError("InvalidParameterException", _NO_HOOK)
    refused = asked.get("action", "CONTINUE") == "ROLLBACK"
    deployment.answer("FAILED" if refused else "SUCCEEDED", hook.id)
    if refused:
        deployment.ask("ROLLBACK", utcnow(), cause=REFUSED)
    look(call)
    return {"serviceDeploymentArn": arn}


def _deployment(call: Call, arn: str) -> ServiceDeployment:
    found = next((each for _, each in _all(call) if each.arn == arn), None)
    if found is None:
        raise RefusalError("ServiceDeploymentNotFoundException", _NOT_FOUND)
    return found


def _all(call: Call) -> Iterator[tuple[Any, ServiceDeployment]]:
    for service in get_backend("ecs")[call.account_id][call.region].services.values():
        if service.status == "ACTIVE":
            yield from ((service, each) for each in history.history(service))


def _arns(call: Call, member: str) -> Sequence[str]:
    arns: Sequence[str] = call.parameters[member]
    if len(arns) > _MOST_ARNS:
        raise RefusalError("InvalidParameterException", f"{member}: came {len(arns)}; allowed: at most {_MOST_ARNS}")
    return arns


def _service(call: Call) -> Any:
    backend: Any = get_backend("ecs")[call.account_id][call.region]
    cluster = call.parameters.get("cluster", "default").rpartition("/")[2]
    if cluster not in backend.clusters:
        raise RefusalError("ClusterNotFoundException", "Cluster not found.")
    service = backend.services.get(f"{cluster}:{call.parameters['service'].rpartition('/')[2]}")
    if service is None or service.status != "ACTIVE":
        raise RefusalError("ServiceNotFoundException", "Service not found.")
    return service


def _naive(moment: datetime) -> datetime:
    """Return a moment as moto counts them: in UTC without saying so."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
