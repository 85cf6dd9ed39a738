"""The structures in which ECS describes service deployments and service revisions."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.ecs.simulation.definitions import tasks_of
from workbench.sandbox.ecs.simulation.deploying.history import latest
from workbench.sandbox.ecs.simulation.deploying.records import NO_SHIFT, Hook, Revision, ServiceDeployment
from workbench.sandbox.ecs.simulation.deployments import ALARM, BREAKER, threshold


def brief(service: Any, deployment: ServiceDeployment) -> Mapping[str, Any]:
    """Return ListServiceDeployments' summary."""
    return _known(
        {
            "serviceDeploymentArn": deployment.arn,
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "createdAt": deployment.created_at,
            "startedAt": deployment.created_at,
            "finishedAt": deployment.finished_at,
            "targetServiceRevisionArn": deployment.target.arn,
            "status": deployment.status,
            "statusReason": deployment.reason,
        }
    )


def full(service: Any, deployment: ServiceDeployment) -> Mapping[str, Any]:
    """Return DescribeServiceDeployments' description."""
    target, rest = deployment.production, 100.0 - deployment.production
    sources = [
        _summary(service, deployment, each, rest if each is deployment.source else 0.0, 0.0)
        for each in deployment.sources
    ]
    rollback = deployment.rollback
    return _known(
        {
            **brief(service, deployment),
            "targetServiceRevisionArn": None,
            "stoppedAt": deployment.stopped_at,
            "updatedAt": deployment.updated_at,
            "sourceServiceRevisions": sources,
            "targetServiceRevision": _summary(service, deployment, deployment.target, target, deployment.test),
            "lifecycleStage": deployment.stage,
            "lifecycleHookDetails": [_hook(hook) for hook in deployment.hooks],
            "deploymentConfiguration": {"strategy": NO_SHIFT, **deployment.configuration},
            "rollback": None
            if rollback is None
            else {
                "reason": rollback.reason,
                "startedAt": rollback.started_at,
                "serviceRevisionArn": rollback.revision.arn,
            },
            "deploymentCircuitBreaker": _breaker(service, deployment),
            "alarms": _alarms(deployment),
        }
    )


def revision(service: Any, described: Revision) -> Mapping[str, Any]:
    """Return DescribeServiceRevisions' description."""
    resolved = [
        {
            "targetGroupArn": advanced["alternateTargetGroupArn"]
            if described.alternate
            else balancer.get("targetGroupArn"),
            "productionListenerRule": advanced.get("productionListenerRule"),
        }
        for balancer in described.load_balancers
        if (advanced := balancer.get("advancedConfiguration"))
    ]
    return _known(
        {
            "serviceRevisionArn": described.arn,
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "taskDefinition": described.definition,
            **described.launch,
            "loadBalancers": described.load_balancers,
            "networkConfiguration": described.network,
            "containerImages": described.images,
            "createdAt": described.created_at,
            "resolvedConfiguration": {"loadBalancers": resolved} if resolved else None,
        }
    )


def current(service: Any) -> Mapping[str, Any]:
    """Return the members of DescribeServices' that tell of the newest deployment; none without one."""
    deployment = latest(service)
    if deployment is None:
        return {}
    settled = deployment.rollback.revision if deployment.rollback else deployment.target
    revisions = [*deployment.sources, deployment.target] if deployment.ongoing else [settled]
    return _known(
        {
            "currentServiceDeployment": deployment.arn,
            "currentServiceRevisions": [{"arn": each.arn, **_counts(service, each)} for each in revisions],
        }
    )


def _summary(
    service: Any, deployment: ServiceDeployment, described: Revision, production: float, test: float
) -> Mapping[str, Any]:
    # A rolling deployment tells of no weights.
    shifts = deployment.strategy != NO_SHIFT
    weights = {"requestedTestTrafficWeight": test, "requestedProductionTrafficWeight": production} if shifts else {}
    return {"arn": described.arn, **_counts(service, described), **weights}


def _counts(service: Any, described: Revision) -> Mapping[str, int]:
    listed = [each for each in service.deployments if each["id"] in described.deployments]
    own = [
        task
        for task in tasks_of(service._backend, service)
        if task.started_by in described.deployments and task.desired_status == "RUNNING"
    ]
    running = sum(task.last_status == "RUNNING" for task in own)
    return {
        "requestedTaskCount": sum(each["desiredCount"] for each in listed),
        "runningTaskCount": running,
        "pendingTaskCount": len(own) - running,
    }


def _hook(hook: Hook) -> Mapping[str, Any]:
    return {
        "hookId": hook.id,
        "targetType": "PAUSE",
        "status": hook.status,
        "expiresAt": hook.expires_at,
        "timeoutAction": hook.pause.timeout_action,
    }


def _breaker(service: Any, deployment: ServiceDeployment) -> Mapping[str, Any]:
    breaker: Mapping[str, bool] = deployment.configuration.get("deploymentCircuitBreaker") or {}
    return {
        "status": _monitor(deployment, BREAKER) if breaker.get("enable") else "DISABLED",
        "failureCount": deployment.failures,
        "threshold": threshold(service.desired_count),
    }


def _alarms(deployment: ServiceDeployment) -> Mapping[str, Any]:
    alarms: Mapping[str, Any] = deployment.configuration.get("alarms") or {}
    # Alarms that rang before it began are not watched at all.
    enabled = alarms.get("enable", False) and not deployment.alarms_ignored
    return {
        "status": _monitor(deployment, ALARM) if enabled else "DISABLED",
        "alarmNames": alarms.get("alarmNames", []),
        "triggeredAlarmNames": deployment.triggered,
    }


def _monitor(deployment: ServiceDeployment, cause: str) -> str:
    if deployment.cause == cause:
        return "TRIGGERED"
    return "MONITORING" if deployment.status == "IN_PROGRESS" else "MONITORING_COMPLETE"


def _known(members: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
