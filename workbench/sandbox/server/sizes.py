"""What AWS refuses for its size, and moto takes: policies, boot documents, task definitions, values, days of logs."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from moto.backends import get_backend

from workbench.sandbox.server.table import Call, Preparation, RefusalError
from zelly_components.limits import sizes as limits
from zelly_components.limits.allowed_values import LOG_RETENTION_DAYS
from zelly_components.limits.sizes import SizeLimit

Check: TypeAlias = Callable[[Call], None]


def _at_most(limit: SizeLimit, member: str, code: str) -> Check:
    """Refuse a member of the request that is larger."""

    def check(call: Call) -> None:
        value = call.parameters.get(member)
        if isinstance(value, str) and (excess := limit.excess(value)) is not None:
            raise RefusalError(code, f"{member}: {excess}")

    return check


def _trust_policy(member: str) -> Check:
    def check(call: Call) -> None:
        excess = limits.TRUST_POLICY.excess(call.parameters.get(member, ""))
        if excess is not None:
            quota = limits.TRUST_POLICY.maximum
            raise RefusalError("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {quota} ({excess})")

    return check


def _inline_policies(call: Call) -> None:
    roles: Mapping[str, Any] = get_backend("iam")[call.account_id]["aws"].roles
    role = next((role for role in roles.values() if role.name == call.parameters["RoleName"]), None)
    if role is None:
        # moto refuses the request.
        return
    policies = {**role.policies, call.parameters["PolicyName"]: call.parameters["PolicyDocument"]}
    excess = limits.INLINE_POLICIES.excess(*policies.values())
    if excess is not None:
        quota = limits.INLINE_POLICIES.maximum
        raise RefusalError(
            "LimitExceeded", f"Maximum policy size of {quota} bytes exceeded for role {role.name} ({excess})"
        )


def _user_data(call: Call) -> None:
    try:
        text = base64.b64decode(call.parameters.get("UserData", ""), validate=True)
    except (ValueError, binascii.Error):
        # moto refuses the request.
        return
    excess = limits.USER_DATA.excess_of(len(text))
    if excess is not None:
        raise RefusalError("InvalidParameterValue", f"User data is limited to 16384 bytes ({excess})")


def _task_definition(call: Call) -> None:
    excess = limits.TASK_DEFINITION.excess(json.dumps(call.parameters, separators=(",", ":")))
    if excess is not None:
        raise RefusalError("ClientException", f"Task definition: {excess}")


def _parameter(call: Call) -> None:
    tier = call.parameters.get("Tier", "Standard")
    limit = limits.STANDARD_PARAMETER if tier == "Standard" else limits.ADVANCED_PARAMETER
    _at_most(limit, "Value", "ValidationException")(call)


def _retention(call: Call) -> None:
    days = call.parameters["retentionInDays"]
    if (allowed := LOG_RETENTION_DAYS.instead_of(days)) is not None:
        raise RefusalError("InvalidParameterException", f"retentionInDays: came {days}; allowed {allowed}")


_SECRET = _at_most(limits.SECRET, "SecretString", "ValidationException")

CHECKS: Mapping[tuple[str, str], Check] = {
    ("cloudwatch", "PutMetricAlarm"): _at_most(limits.ALARM_DESCRIPTION, "AlarmDescription", "ValidationError"),
    ("ec2", "RunInstances"): _user_data,
    ("ecr", "PutLifecyclePolicy"): _at_most(
        limits.LIFECYCLE_POLICY, "lifecyclePolicyText", "InvalidParameterException"
    ),
    ("ecr", "SetRepositoryPolicy"): _at_most(limits.REPOSITORY_POLICY, "policyText", "InvalidParameterException"),
    ("ecs", "RegisterTaskDefinition"): _task_definition,
    ("efs", "PutFileSystemPolicy"): _at_most(limits.FILE_SYSTEM_POLICY, "Policy", "InvalidPolicyException"),
    ("iam", "CreatePolicy"): _at_most(limits.MANAGED_POLICY, "PolicyDocument", "LimitExceeded"),
    ("iam", "CreateRole"): _trust_policy("AssumeRolePolicyDocument"),
    ("iam", "PutRolePolicy"): _inline_policies,
    ("iam", "UpdateAssumeRolePolicy"): _trust_policy("PolicyDocument"),
    ("kms", "CreateKey"): _at_most(limits.KEY_POLICY, "Policy", "LimitExceededException"),
    ("kms", "PutKeyPolicy"): _at_most(limits.KEY_POLICY, "Policy", "LimitExceededException"),
    ("logs", "PutRetentionPolicy"): _retention,
    ("s3", "PutBucketPolicy"): _at_most(limits.BUCKET_POLICY, "Policy", "PolicyTooLarge"),
    ("secretsmanager", "CreateSecret"): _SECRET,
    ("secretsmanager", "PutSecretValue"): _SECRET,
    ("ssm", "PutParameter"): _parameter,
}
"""Service and operation -> what refuses it. IAM's words are those of its public error messages; the others' codes are
errors that the operations list. The words name count and limit, which AWS's own seldom do."""

PREPARATIONS: tuple[Preparation, ...] = tuple(
    Preparation(service=service, operation=operation, prepare=check) for (service, operation), check in CHECKS.items()
)
