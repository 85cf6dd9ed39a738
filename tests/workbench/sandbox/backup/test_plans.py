from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox

VAULT, PLAN = "aws:backup/vault:Vault", "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
TESTS = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
TEST = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
ROLE = "arn:aws:iam::123456789012:role/backups"


def rules(*, days: int) -> list[dict[str, Any]]:
    return [
        {
            "ruleName": "daily",
            "targetVaultName": "shop",
            "schedule": "cron(0 3 * * ? *)",
            "startWindow": 60,
            "completionWindow": 1440,
            "lifecycle": {"deleteAfter": days},
        }
    ]


def restore_tests(vault: str, *, schedule: str) -> dict[str, Any]:
    selection = {
        "algorithm": "LATEST_WITHIN_WINDOW",
        "includeVaults": [vault],
        "recoveryPointTypes": ["SNAPSHOT"],
        "selectionWindowDays": 7,
    }
    return {"name": "shop", "scheduleExpression": schedule, "recoveryPointSelection": selection}


def selected(plan: str) -> dict[str, Any]:
    tag = {"type": "STRINGEQUALS", "key": "backup", "value": "shop"}
    return {"name": "shop", "planId": plan, "iamRoleArn": ROLE, "selectionTags": [tag]}


def test_plan_is_kept_with_its_selection_and_changed(sandbox: Sandbox) -> None:
    sandbox.create(VAULT, "shop", name="shop")
    plan = sandbox.create(PLAN, "shop", name="shop", rules=rules(days=35))
    chosen = sandbox.create(SELECTION, "shop", **selected(plan.id))
    backup = sandbox.client("backup")
    found = backup.get_backup_selection(BackupPlanId=plan.id, SelectionId=chosen.id)["BackupSelection"]
    assert found["ListOfTags"] == [
        {"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "shop"}
    ]
    sandbox.update(PLAN, "shop", name="shop", rules=rules(days=7))
    (rule,) = backup.get_backup_plan(BackupPlanId=plan.id)["BackupPlan"]["Rules"]
    assert (rule["Lifecycle"], rule["ScheduleExpression"]) == ({"DeleteAfterDays": 7}, "cron(0 3 * * ? *)")
    sandbox.delete(SELECTION, "shop")
    sandbox.delete(PLAN, "shop")
    with pytest.raises(backup.exceptions.ResourceNotFoundException):
        backup.get_backup_selection(BackupPlanId=plan.id, SelectionId=chosen.id)


def test_restore_tests_are_kept_and_changed(sandbox: Sandbox) -> None:
    vault = sandbox.create(VAULT, "tested", name="tested").outputs["arn"]
    plan = sandbox.create(TESTS, "shop", **restore_tests(vault, schedule="cron(0 6 ? * SUN *)"))
    inputs = {"name": "shop_ebs", "restoreTestingPlanName": "shop", "protectedResourceType": "EBS", "iamRoleArn": ROLE}
    sandbox.create(TEST, "shop", **inputs, protectedResourceArns=["*"])
    sandbox.update(TESTS, "shop", **restore_tests(vault, schedule="cron(0 6 ? * MON *)"))
    sandbox.update(TEST, "shop", **inputs, protectedResourceArns=["*"], restoreMetadataOverrides={"encrypted": "true"})
    backup = sandbox.client("backup")
    found = backup.get_restore_testing_plan(RestoreTestingPlanName="shop")["RestoreTestingPlan"]
    assert (found["RestoreTestingPlanArn"], found["ScheduleExpression"]) == (plan.outputs["arn"], "cron(0 6 ? * MON *)")
    test = backup.get_restore_testing_selection(RestoreTestingPlanName="shop", RestoreTestingSelectionName="shop_ebs")
    assert test["RestoreTestingSelection"]["RestoreMetadataOverrides"] == {"encrypted": "true"}
    # A plan with selections stays, as in AWS.
    with pytest.raises(backup.exceptions.InvalidRequestException):
        backup.delete_restore_testing_plan(RestoreTestingPlanName="shop")
    sandbox.delete(TEST, "shop")
    sandbox.delete(TESTS, "shop")


def test_tags_are_put_on_and_taken_off(sandbox: Sandbox) -> None:
    created = sandbox.create(VAULT, "tagged", name="tagged", tags={"Name": "a", "Old": "1"})
    sandbox.update(VAULT, "tagged", name="tagged", tags={"Name": "b"})
    found = sandbox.client("backup").list_tags(ResourceArn=created.outputs["arn"])["Tags"]
    assert found == {"Project": "shop", "Name": "b"}


def test_vault_without_a_recovery_point_lists_none(sandbox: Sandbox) -> None:
    sandbox.create(VAULT, "empty", name="empty")
    backup = sandbox.client("backup")
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName="empty")["RecoveryPoints"] == []
    with pytest.raises(backup.exceptions.ResourceNotFoundException):
        backup.list_recovery_points_by_backup_vault(BackupVaultName="none")


def test_plan_into_a_vault_that_is_not_there_is_refused(sandbox: Sandbox) -> None:
    sandbox.create(VAULT, "refused", name="refused")
    into = [{**rules(days=35)[0], "targetVaultName": "refused"}]
    plan = sandbox.create(PLAN, "refused", name="refused", rules=into)
    backup = sandbox.client("backup")
    with pytest.raises(backup.exceptions.InvalidParameterValueException):
        backup.update_backup_plan(
            BackupPlanId=plan.id,
            BackupPlan={"BackupPlanName": "refused", "Rules": [{"RuleName": "a", "TargetBackupVaultName": "none"}]},
        )
