"""Application Auto Scaling: policies that are changed in place, and what is not there, said as the service says it."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.applicationautoscaling.models import FakeApplicationAutoscalingPolicy
from moto.backends import get_backend
from moto.core.exceptions import JsonRESTError

from workbench.sandbox.server.state import change
from workbench.sandbox.server.table import Call, Missing, Preparation, RefusalError, Supplement

_CONFIGURATIONS: Mapping[str, str] = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
}


def _backend(call: Call) -> Any:
    return get_backend("applicationautoscaling")[call.account_id][call.region]


def _policy(call: Call) -> Any:
    asked = call.parameters
    key = FakeApplicationAutoscalingPolicy.formulate_key(
        asked["ServiceNamespace"], asked["ResourceId"], asked["ScalableDimension"], asked["PolicyName"]
    )
    return _backend(call).policies.get(key)


def _put_policy(call: Call) -> Mapping[str, Any]:
    """Make a policy, or change the one of the same name, of which moto would make another with alarms of its own."""
    asked = call.parameters
    policy = _policy(call)
    policy_type = asked.get("PolicyType") or (policy.policy_type if policy is not None else "StepScaling")
    body = asked.get(_CONFIGURATIONS.get(policy_type, ""))
    if policy is None or policy.policy_type != policy_type:
        policy = _make_policy(call, policy_type, body)
    elif body is not None:
        configuration = "step_scaling" if policy_type == "StepScaling" else "target_tracking_scaling"
        change(policy, _policy_body=body, **{f"{configuration}_policy_configuration": body})
    alarms = [{"AlarmName": alarm.name, "AlarmARN": alarm.alarm_arn} for alarm in policy.alarms]
    return {"PolicyARN": policy.policy_arn, "Alarms": alarms}


def _make_policy(call: Call, policy_type: str, body: Any) -> Any:
    asked = call.parameters
    try:
        return _backend(call).put_scaling_policy(
            policy_name=asked["PolicyName"],
            service_namespace=asked["ServiceNamespace"],
            resource_id=asked["ResourceId"],
            scalable_dimension=asked["ScalableDimension"],
            policy_type=policy_type,
            policy_body=body,
        )
    except JsonRESTError as error:
        raise RefusalError(error.error_type, str(error.message)) from error


def _check_policy(call: Call) -> None:
    if _policy(call) is None:
        raise RefusalError("ObjectNotFoundException", f"No scaling policy found: {call.parameters['PolicyName']}")


def _check_target(call: Call) -> None:
    asked = call.parameters
    if asked["ResourceId"] not in _backend(call).targets.get(asked["ScalableDimension"], {}):
        raise RefusalError("ObjectNotFoundException", f"No scalable target found: {asked['ResourceId']}")


_CHECKS: Mapping[str, Callable[[Call], None]] = {
    "DeleteScalingPolicy": _check_policy,
    "DeregisterScalableTarget": _check_target,
}

_MISSING = (Missing(service="application-autoscaling", operation="PutScalingPolicy", answer=_put_policy),)
_PREPARATIONS = tuple(
    Preparation(service="application-autoscaling", operation=operation, prepare=check)
    for operation, check in _CHECKS.items()
)

SUPPLEMENT = Supplement(missing=_MISSING, preparations=_PREPARATIONS)
