"""What moto lacks of plans: their changes, their selections, and restore tests, which are kept and read back."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from moto.backup.models import BackupBackend, Plan, backup_backends
from moto.core.utils import utcnow

from workbench.sandbox.server.table import Call, Missing, RefusalError

_TESTS, _TEST = "RestoreTestingPlan", "RestoreTestingSelection"


def backend(call: Call) -> BackupBackend:
    """Return what moto has of vaults, plans and tags."""
    return backup_backends[call.account_id][call.region]


def _plan(call: Call) -> Plan:
    plan = backend(call).plans.get(call.parameters["BackupPlanId"])
    if plan is None or plan.deletion_date is not None:
        raise RefusalError("ResourceNotFoundException", "Failed reading Backup plan with provided version")
    return plan


def _update_plan(call: Call) -> Mapping[str, Any]:
    plan = _plan(call)
    _check_vaults(call, call.parameters["BackupPlan"])
    plan.backup_plan = call.parameters["BackupPlan"]
    plan.version_id = secrets.token_hex(24)
    return {"BackupPlanId": plan.backup_plan_id, "BackupPlanArn": plan.backup_plan_arn, "VersionId": plan.version_id}


def _check_vaults(call: Call, plan: Mapping[str, Any]) -> None:
    for rule in plan["Rules"]:
        if rule["TargetBackupVaultName"] not in backend(call).vaults:
            raise RefusalError(
                "InvalidParameterValueException", f"Backup vault {rule['TargetBackupVaultName']} does not exist."
            )


def _create_selection(call: Call) -> Mapping[str, Any]:
    plan, selection_id, now = _plan(call), secrets.token_hex(16), utcnow()
    call.kept("selections")[selection_id] = {
        "BackupPlanId": plan.backup_plan_id,
        "SelectionId": selection_id,
        "BackupSelection": call.parameters["BackupSelection"],
        "CreationDate": now,
    }
    return {"SelectionId": selection_id, "BackupPlanId": plan.backup_plan_id, "CreationDate": now}


def _selection(call: Call) -> dict[str, Any]:
    found = call.kept("selections").get(call.parameters["SelectionId"])
    if found is None or found["BackupPlanId"] != call.parameters["BackupPlanId"]:
        raise RefusalError("ResourceNotFoundException", "Backup selection does not exist.")
    return found


def _delete_selection(call: Call) -> Mapping[str, Any]:
    del call.kept("selections")[_selection(call)["SelectionId"]]
    return {}


def _create_tests(call: Call) -> Mapping[str, Any]:
    given = call.parameters[_TESTS]
    name = given[f"{_TESTS}Name"]
    if name in call.kept(_TESTS):
        raise RefusalError("AlreadyExistsException", f"Restore testing plan {name} already exists.")
    # AWS has the name end in a random part ("GetRestoreTestingPlan", AWS Backup API reference: the ARN).
    arn = call.arn("backup", f"restore-testing-plan:{name}-{secrets.token_hex(16)}")
    made = {"CreationTime": utcnow(), f"{_TESTS}Arn": arn, f"{_TESTS}Name": name}
    call.kept(_TESTS)[name] = {**given, **made}
    backend(call).tagger.tag_resource(arn, [{"Key": key, "Value": value} for key, value in _tags(call).items()])
    return made


def _tags(call: Call) -> Mapping[str, str]:
    return call.parameters.get("Tags", {})


def _tests(call: Call) -> dict[str, Any]:
    name = call.parameters[f"{_TESTS}Name"]
    if name not in call.kept(_TESTS):
        raise RefusalError("ResourceNotFoundException", f"Restore testing plan {name} does not exist.")
    return call.kept(_TESTS)[name]


def _update_tests(call: Call) -> Mapping[str, Any]:
    found = _tests(call)
    found |= call.parameters[_TESTS]
    return {member: found[member] for member in ("CreationTime", f"{_TESTS}Arn", f"{_TESTS}Name")} | {
        "UpdateTime": utcnow()
    }


def _delete_tests(call: Call) -> Mapping[str, Any]:
    found = _tests(call)
    name = found[f"{_TESTS}Name"]
    if any(test[f"{_TESTS}Name"] == name for test in call.kept(_TEST).values()):
        raise RefusalError("InvalidRequestException", f"Restore testing plan {name} has selections.")
    del call.kept(_TESTS)[name]
    return {}


def _create_test(call: Call) -> Mapping[str, Any]:
    plan, given = _tests(call), call.parameters[_TEST]
    made = {
        "CreationTime": utcnow(),
        f"{_TESTS}Arn": plan[f"{_TESTS}Arn"],
        f"{_TESTS}Name": plan[f"{_TESTS}Name"],
        f"{_TEST}Name": given[f"{_TEST}Name"],
    }
    call.kept(_TEST)[given[f"{_TEST}Name"]] = {
        **given,
        f"{_TESTS}Name": plan[f"{_TESTS}Name"],
        "CreationTime": utcnow(),
    }
    return made


def _test(call: Call) -> dict[str, Any]:
    name = call.parameters[f"{_TEST}Name"]
    if name not in call.kept(_TEST):
        raise RefusalError("ResourceNotFoundException", f"Restore testing selection {name} does not exist.")
    return call.kept(_TEST)[name]


def _update_test(call: Call) -> Mapping[str, Any]:
    found = _test(call)
    found |= call.parameters[_TEST]
    now = utcnow()
    plan = _tests(call)
    return {
        "CreationTime": found["CreationTime"],
        f"{_TESTS}Arn": plan[f"{_TESTS}Arn"],
        f"{_TESTS}Name": plan[f"{_TESTS}Name"],
        f"{_TEST}Name": found[f"{_TEST}Name"],
        "UpdateTime": now,
    }


def _delete_test(call: Call) -> Mapping[str, Any]:
    del call.kept(_TEST)[_test(call)[f"{_TEST}Name"]]
    return {}


_ANSWERS: Mapping[str, Callable[[Call], Mapping[str, Any]]] = {
    "UpdateBackupPlan": _update_plan,
    "CreateBackupSelection": _create_selection,
    "GetBackupSelection": _selection,
    "DeleteBackupSelection": _delete_selection,
    "CreateRestoreTestingPlan": _create_tests,
    "GetRestoreTestingPlan": lambda call: {_TESTS: _tests(call)},
    "UpdateRestoreTestingPlan": _update_tests,
    "DeleteRestoreTestingPlan": _delete_tests,
    "CreateRestoreTestingSelection": _create_test,
    "GetRestoreTestingSelection": lambda call: {_TEST: _test(call)},
    "UpdateRestoreTestingSelection": _update_test,
    "DeleteRestoreTestingSelection": _delete_test,
}

MISSING = tuple(Missing(service="backup", operation=operation, answer=answer) for operation, answer in _ANSWERS.items())
