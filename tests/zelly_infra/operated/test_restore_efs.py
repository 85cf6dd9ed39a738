"""``zelly restore efs`` against the embedded AWS: the certificates beside the live ones."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.zelly_infra.operated.conftest import Completed, Operator, Up

PRODUCTION = ("--stack", "production")
STAGING = ("--stack", "staging")
REGION = "ap-southeast-1"

VAULT = "aws/efs/automatic-backup-vault"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(_seconds: float) -> None:
        pass

    monkeypatch.setattr("time.sleep", sleep)


@pytest.fixture
def recovery_point(sandbox: Up) -> Iterator[str]:
    """A recovery point of staging's file system; the role that restoring makes is deleted at the end."""
    iam = sandbox.client("iam", REGION)
    backup = sandbox.client("backup", REGION)
    (live,) = sandbox.client("efs", REGION).describe_file_systems()["FileSystems"]
    begun = backup.start_backup_job(
        BackupVaultName=VAULT,
        ResourceArn=live["FileSystemArn"],
        IamRoleArn=iam.get_role(RoleName="zelly-github-actions")["Role"]["Arn"],
    )
    yield begun["RecoveryPointArn"]
    backup.delete_recovery_point(BackupVaultName=VAULT, RecoveryPointArn=begun["RecoveryPointArn"])
    for role in iam.list_roles()["Roles"]:
        if role["RoleName"] == "zelly-staging-backup-restore":
            for policy in iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=policy["PolicyArn"])
            iam.delete_role(RoleName=role["RoleName"])


def document(completed: Completed) -> Any:
    assert completed.exit_code == 0, completed.stderr
    return json.loads(completed.stdout)


def test_points_of_the_file_system_are_listed_and_their_absence_is_said(
    operator: Operator, recovery_point: str
) -> None:
    listed = json.loads(operator.run("restore", "points", *STAGING, "--json").stdout)["stores"]
    assert [
        (store["name"], [point["id"] for point in store["points"]], store["problems"])
        for store in listed
        if store["store"] == "efs"
    ] == [("zelly-staging-caddy", [recovery_point], [])]
    none = operator.run("restore", "points", *PRODUCTION)
    assert "efs (zelly-production-caddy): THERE IS NOTHING TO RESTORE" in none.stderr.splitlines()


def test_nothing_to_restore_is_one_line(operator: Operator) -> None:
    assert operator.run("restore", "efs", "--recovery-point", "latest", *PRODUCTION, "--yes") == Completed(
        exit_code=2,
        stdout="",
        stderr="no complete recovery point of zelly-production-caddy in the vault of automatic backups; "
        "`zelly restore points` lists what there is\n",
    )


def test_certificates_are_restored_beside_the_live_ones(operator: Operator, sandbox: Up, recovery_point: str) -> None:
    iam = sandbox.client("iam", REGION)
    arguments = ("restore", "efs", "--recovery-point", "latest", *STAGING, "--yes", "--json")
    restored = document(operator.run(*arguments))
    assert (restored["source"], restored["complete"]) == (recovery_point, True)
    role = iam.get_role(RoleName="zelly-staging-backup-restore")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AWSBackupServiceRolePolicyForRestores"]
    job = sandbox.client("backup", REGION).describe_restore_job(RestoreJobId=restored["id"])
    (live,) = sandbox.client("efs", REGION).describe_file_systems()["FileSystems"]
    assert (job["CreatedResourceArn"], job["IamRoleArn"]) == (live["FileSystemArn"], role["Arn"])
    same, another = document(operator.run(*arguments)), document(operator.run(*arguments, "--again"))
    assert same["id"] == restored["id"] != another["id"]
    assert same["makes"] == [f"directory aws-backup-restore_… in the root of file system {live['FileSystemId']}"]
