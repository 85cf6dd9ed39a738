"""Data Lifecycle Manager, which moto does not have: lifecycle policies are kept and read back."""

import datetime
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from workbench.sandbox.server.table import Call, Missing, RefusalError, Supplement


def _policies(call: Call) -> dict[str, Any]:
    return call.kept("policies")


def _policy(call: Call) -> dict[str, Any]:
    policy_id = call.parameters["PolicyId"]
    if policy_id not in _policies(call):
        raise RefusalError("ResourceNotFoundException", f"Policy {policy_id} does not exist")
    return _policies(call)[policy_id]


def _create(call: Call) -> Mapping[str, Any]:
    policy_id = f"policy-0{secrets.token_hex(8)}"
    now = datetime.datetime.now(datetime.UTC)
    given = ("ExecutionRoleArn", "Description", "State", "PolicyDetails", "Tags")
    _policies(call)[policy_id] = {
        **{member: call.parameters[member] for member in given if member in call.parameters},
        "PolicyId": policy_id,
        "PolicyArn": call.arn("dlm", f"policy/{policy_id}"),
        "DefaultPolicy": False,
        "StatusMessage": call.parameters["State"],
        "DateCreated": now,
        "DateModified": now,
    }
    return {"PolicyId": policy_id}


def _get(call: Call) -> Mapping[str, Any]:
    return {"Policy": _policy(call)}


def _summary(policy: Mapping[str, Any]) -> dict[str, Any]:
    shared = ("PolicyId", "Description", "State", "Tags", "DefaultPolicy")
    policy_type = policy["PolicyDetails"].get("PolicyType", "EBS_SNAPSHOT_MANAGEMENT")
    return {**{member: policy[member] for member in shared if member in policy}, "PolicyType": policy_type}


def _list(call: Call) -> Mapping[str, Any]:
    wanted: Any = call.parameters.get("PolicyIds")
    policies = _policies(call).values()
    return {"Policies": [_summary(policy) for policy in policies if not wanted or policy["PolicyId"] in wanted]}


def _update(call: Call) -> Mapping[str, Any]:
    policy = _policy(call)
    changeable = ("ExecutionRoleArn", "Description", "State", "PolicyDetails")
    policy |= {member: call.parameters[member] for member in changeable if member in call.parameters}
    policy |= {"StatusMessage": policy["State"], "DateModified": datetime.datetime.now(datetime.UTC)}
    return {}


def _delete(call: Call) -> Mapping[str, Any]:
    del _policies(call)[_policy(call)["PolicyId"]]
    return {}


def _list_tags(call: Call) -> Mapping[str, Any]:
    return {"Tags": _tagged(call).get("Tags", {})}


def _tag(call: Call) -> Mapping[str, Any]:
    policy = _tagged(call)
    policy["Tags"] = {**policy.get("Tags", {}), **call.parameters["Tags"]}
    return {}


def _untag(call: Call) -> Mapping[str, Any]:
    policy = _tagged(call)
    policy["Tags"] = {
        key: value for key, value in policy.get("Tags", {}).items() if key not in call.parameters["TagKeys"]
    }
    return {}


def _tagged(call: Call) -> dict[str, Any]:
    arn = call.parameters["ResourceArn"]
    found = next((policy for policy in _policies(call).values() if policy["PolicyArn"] == arn), None)
    if found is None:
        raise RefusalError("ResourceNotFoundException", f"{arn} does not exist")
    return found


_ANSWERS: Mapping[str, Callable[[Call], Mapping[str, Any]]] = {
    "CreateLifecyclePolicy": _create,
    "GetLifecyclePolicy": _get,
    "GetLifecyclePolicies": _list,
    "UpdateLifecyclePolicy": _update,
    "DeleteLifecyclePolicy": _delete,
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
}

_MISSING = tuple(Missing(service="dlm", operation=operation, answer=answer) for operation, answer in _ANSWERS.items())

SUPPLEMENT = Supplement(missing=_MISSING)
