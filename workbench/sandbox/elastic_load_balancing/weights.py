"""The weights by which a rule of an application load balancer, or a listener of a network one, forwards requests."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from moto.backends import get_backend

_WHOLE_PERCENT = 100
_TENTHS = 1000


def forwards(account_id: str, region: str, arn: str) -> Mapping[str, int] | None:
    """Return the weights by target group; None for a rule or a listener that is not there."""
    found = _found(account_id, region, arn)
    if found is None:
        return None
    return {group: weight for action in _actions(found) for group, weight in _weights(action)}


def forward(account_id: str, region: str, arn: str, percents: Mapping[str, float]) -> None:
    """Let a rule or a listener forward to target groups by percents; its other actions stay."""
    found = _found(account_id, region, arn)
    if found is None:
        return
    actions = [
        _weighted(action, percents) if action["Type"] == "forward" else action for action in map(_data, _actions(found))
    ]
    backend: Any = get_backend("elbv2")[account_id][region]
    if _is_rule(arn):
        backend.modify_rule(rule_arn=arn, conditions=[], actions=actions)
    else:
        backend.modify_listener(arn=arn, actions=actions)


def _is_rule(arn: str) -> bool:
    return ":listener-rule/" in arn


def _found(account_id: str, region: str, arn: str) -> Any:
    backend: Any = get_backend("elbv2")[account_id][region]
    for balancer in backend.load_balancers.values():
        for listener_arn, listener in balancer.listeners.items():
            if listener_arn == arn:
                return listener
            if _is_rule(arn) and arn in listener.rules:
                return listener.rules[arn]
    return None


def _actions(found: Any) -> Sequence[Any]:
    return found.actions if hasattr(found, "actions") else found.default_actions


def _data(action: Any) -> dict[str, Any]:
    return deepcopy(action.data)


def _weights(action: Any) -> Sequence[tuple[str, int]]:
    data: Mapping[str, Any] = action.data
    if data["Type"] != "forward":
        return ()
    configuration: Mapping[str, Any] = data.get("ForwardConfig") or {}
    groups: Sequence[Mapping[str, Any]] = configuration.get("TargetGroups", ())
    if groups:
        return [(group["TargetGroupArn"], int(group.get("Weight", 1))) for group in groups]
    return [(data["TargetGroupArn"], 1)]


def _weighted(action: dict[str, Any], percents: Mapping[str, float]) -> dict[str, Any]:
    """Return a forward action with whole numbers for weights: percents, or tenths of them where they have to be."""
    whole = all(percent == int(percent) for percent in percents.values())
    parts = _WHOLE_PERCENT if whole else _TENTHS
    groups = [
        {"TargetGroupArn": arn, "Weight": round(percent * parts / _WHOLE_PERCENT)} for arn, percent in percents.items()
    ]
    kept = {name: value for name, value in action.items() if name not in {"TargetGroupArn", "ForwardConfig"}}
    configuration: Mapping[str, Any] = action.get("ForwardConfig") or {}
    sticky = configuration.get("TargetGroupStickinessConfig", {"Enabled": False})
    return {**kept, "ForwardConfig": {"TargetGroups": groups, "TargetGroupStickinessConfig": sticky}}
