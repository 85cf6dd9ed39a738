"""AWS Backup: vaults, plans with their selections, and restore tests."""

from collections.abc import Mapping

from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import AutoName, Delete, ResourceRow, Row, Tags, Update


def change_tags(existing: Existing) -> None:
    """Bring a resource's tags to those that it is to have."""
    arn, old = existing.outputs["arn"], existing.outputs.get("tagsAll", {})
    if gone := [key for key in old if key not in existing.tags]:
        existing.call("untag_resource", ResourceArn=arn, TagKeyList=gone)
    if existing.tags:
        existing.call("tag_resource", ResourceArn=arn, Tags=dict(existing.tags))


_PLAN = {
    "name": "BackupPlan.BackupPlanName",
    "rules": "BackupPlan.Rules",
    "rules.targetVaultName": "TargetBackupVaultName",
    "rules.schedule": "ScheduleExpression",
    "rules.startWindow": "StartWindowMinutes",
    "rules.completionWindow": "CompletionWindowMinutes",
    "rules.lifecycle.deleteAfter": "DeleteAfterDays",
    "rules.lifecycle.coldStorageAfter": "MoveToColdStorageAfterDays",
}
_PLAN_AGAIN = Update(operation="update_backup_plan", parameters={"BackupPlanId": "id"}, always=("name", "rules"))


def _inside(structure: str, *members: str) -> dict[str, str]:
    """Return the renames of inputs that the API has inside a structure."""
    return {member[0].lower() + member[1:]: f"{structure}.{member}" for member in members}


_TESTS = {
    "name": "RestoreTestingPlan.RestoreTestingPlanName",
    **_inside(
        "RestoreTestingPlan",
        "RecoveryPointSelection",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartWindowHours",
    ),
}
_TEST = {
    "name": "RestoreTestingSelection.RestoreTestingSelectionName",
    **_inside(
        "RestoreTestingSelection",
        "IamRoleArn",
        "ProtectedResourceArns",
        "ProtectedResourceConditions",
        "ProtectedResourceType",
        "RestoreMetadataOverrides",
        "ValidationWindowHours",
    ),
}

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:backup/vault:Vault": Row(
        service="backup",
        operation="create_backup_vault",
        id="BackupVaultName",
        renames={"name": "BackupVaultName", "kmsKeyArn": "EncryptionKeyArn"},
        dropped={"forceDestroy": "only says what a deletion does first"},
        name=AutoName(limit=50, prefix_property=None),
        tags=Tags(member="BackupVaultTags"),
        outputs={"arn": "BackupVaultArn"},
        delete=Delete(operation="delete_backup_vault", parameters={"BackupVaultName": "id"}),
        not_emulated=("No plan of AWS Backup ever starts a job, and no restore test runs.",),
    ),
    "aws:backup/plan:Plan": Row(
        service="backup",
        operation="create_backup_plan",
        id="BackupPlanId",
        renames=_PLAN,
        name=AutoName(limit=50, prefix_property=None),
        tags=Tags(member="BackupPlanTags"),
        outputs={"arn": "BackupPlanArn", "version": "VersionId"},
        delete=Delete(operation="delete_backup_plan", parameters={"BackupPlanId": "id"}),
        update={"rules": _PLAN_AGAIN},
    ),
    "aws:backup/selection:Selection": Row(
        service="backup",
        operation="create_backup_selection",
        id="SelectionId",
        renames={
            "planId": "BackupPlanId",
            "name": "BackupSelection.SelectionName",
            "selectionTags": "BackupSelection.ListOfTags",
            "selectionTags.type": "ConditionType",
            "selectionTags.key": "ConditionKey",
            "selectionTags.value": "ConditionValue",
            "conditions.stringEquals.key": "ConditionKey",
            "conditions.stringEquals.value": "ConditionValue",
            **_inside("BackupSelection", "Conditions", "IamRoleArn", "NotResources", "Resources"),
        },
        name=AutoName(limit=50, prefix_property=None),
        delete=Delete(operation="delete_backup_selection", parameters={"BackupPlanId": "planId", "SelectionId": "id"}),
        import_id="{planId}|{id}",
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": Row(
        service="backup",
        operation="create_restore_testing_plan",
        id="RestoreTestingPlanName",
        renames=_TESTS,
        tags=Tags(),
        outputs={"arn": "RestoreTestingPlanArn"},
        delete=Delete(operation="delete_restore_testing_plan", parameters={"RestoreTestingPlanName": "id"}),
        update=dict.fromkeys(
            ("recoveryPointSelection", "scheduleExpression", "scheduleExpressionTimezone", "startWindowHours"),
            Update(
                operation="update_restore_testing_plan",
                parameters={"RestoreTestingPlanName": "id"},
                renames={key: member for key, member in _TESTS.items() if key != "name"},
            ),
        ),
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": Row(
        service="backup",
        operation="create_restore_testing_selection",
        id="RestoreTestingSelectionName",
        renames=_TEST,
        delete=Delete(
            operation="delete_restore_testing_selection",
            parameters={"RestoreTestingPlanName": "restoreTestingPlanName", "RestoreTestingSelectionName": "id"},
        ),
        update=dict.fromkeys(
            (
                "iamRoleArn",
                "protectedResourceArns",
                "protectedResourceConditions",
                "restoreMetadataOverrides",
                "validationWindowHours",
            ),
            Update(
                operation="update_restore_testing_selection",
                parameters={"RestoreTestingPlanName": "restoreTestingPlanName", "RestoreTestingSelectionName": "id"},
                renames={key: member for key, member in _TEST.items() if key != "name"},
            ),
        ),
        import_id="{id}:{restoreTestingPlanName}",
    ),
}
