"""The readings of AWS Backup's vaults, plans, selections and restore tests."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.answers import asked
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _rules(existing: Existing) -> list[dict[str, Any]]:
    return [_rule(rule) for rule in existing.result["BackupPlan"]["Rules"]]


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    lifecycle = rule.get("Lifecycle", {})
    days = {"coldStorageAfter": "MoveToColdStorageAfterDays", "deleteAfter": "DeleteAfterDays"}
    found = {
        "ruleName": rule["RuleName"],
        "targetVaultName": rule["TargetBackupVaultName"],
        "schedule": rule.get("ScheduleExpression"),
        "startWindow": rule.get("StartWindowMinutes"),
        "completionWindow": rule.get("CompletionWindowMinutes"),
        "lifecycle": {key: lifecycle[member] for key, member in days.items() if member in lifecycle} or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _selection_tags(existing: Existing) -> list[dict[str, str]]:
    return [
        {"type": tag["ConditionType"], "key": tag["ConditionKey"], "value": tag["ConditionValue"]}
        for tag in existing.result.get("ListOfTags", ())
    ]


READS: Mapping[str, Read] = {
    "aws:backup/vault:Vault": Read(
        operation="describe_backup_vault",
        parameters={"BackupVaultName": "id"},
        result="@",
        # The provider has AWS's own key there, where none was given.
        unread=("kmsKeyArn",),
        tags=asked("list_tags", "Tags", ResourceArn="BackupVaultArn"),
    ),
    "aws:backup/plan:Plan": Read(
        operation="get_backup_plan",
        parameters={"BackupPlanId": "id"},
        result="@",
        named={"name": "BackupPlan.BackupPlanName", "rules": _rules},
        tags=asked("list_tags", "Tags", ResourceArn="BackupPlanArn"),
    ),
    "aws:backup/selection:Selection": Read(
        operation="get_backup_selection",
        parameters={"BackupPlanId": "planId", "SelectionId": "id"},
        result="BackupSelection",
        named={"name": "SelectionName", "selectionTags": _selection_tags},
        unchanging=True,
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": Read(
        operation="get_restore_testing_plan",
        parameters={"RestoreTestingPlanName": "id"},
        result="RestoreTestingPlan",
        named={"name": "RestoreTestingPlanName"},
        tags=asked("list_tags", "Tags", ResourceArn="RestoreTestingPlanArn"),
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": Read(
        operation="get_restore_testing_selection",
        parameters={"RestoreTestingPlanName": "restoreTestingPlanName", "RestoreTestingSelectionName": "id"},
        result="RestoreTestingSelection",
        named={"name": "RestoreTestingSelectionName"},
    ),
}
