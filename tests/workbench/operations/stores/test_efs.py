"""Restoring certificates: the role that is not known yet, and a job that fails."""

from dataclasses import replace

import pytest

from tests.workbench.aws.test_restoring_requests import POINT
from tests.workbench.operations.clocks import FakeClock
from tests.workbench.operations.failing import failed, failure, refused
from tests.workbench.operations.stores.places import CERTIFICATES, PLACE, patience
from workbench.aws.backup import Backup, RecoveryPoint, RestoreJob
from workbench.aws.efs.file_systems import EfsFileSystems, FileSystem
from workbench.aws.iam.roles import IamRoles
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError
from workbench.operations.stores.efs.restore import RESTORES_POLICY, EfsPlan, plan_efs, restore_efs

REFUSED = failure("backup:StartRestoreJob", Reason.REFUSED, "InvalidParameterValueException")
FILE_SYSTEM = FileSystem(id="fs-1", arn="arn:file-system/fs-1", state="available", is_encrypted=True, is_backed_up=True)
HERE = replace(POINT, file_system_arn=FILE_SYSTEM.arn)


class FakeEfs(EfsFileSystems):
    def __init__(self, found: FileSystem | None) -> None:
        self._found = found

    def named(self, name: str) -> FileSystem | None:
        assert name == "shop-certificates"
        return self._found


class FakeBackup(Backup):
    """AWS Backup that refuses a number of requests, and then does the job until it ends so."""

    def __init__(
        self, *points: RecoveryPoint, refusals: int = 0, refusal: AwsError = REFUSED, ends: str = "COMPLETED"
    ) -> None:
        self._points = [*(points or (HERE,))]
        self.tokens: list[str] = []
        self._refusals = refusals
        self._refusal = refusal
        self._ends = ends

    def recovery_points(self) -> list[RecoveryPoint]:
        return self._points

    def start_restore(self, point: RecoveryPoint, *, file_system_id: str, role_arn: str, token: str) -> str:
        assert (point, file_system_id, role_arn) == (HERE, "fs-1", "arn:role")
        self.tokens.append(token)
        if len(self.tokens) <= self._refusals:
            raise self._refusal
        return "job-1"

    def restore_job(self, job_id: str) -> RestoreJob:
        return RestoreJob(id=job_id, status=self._ends, message="no space", percent="")


class FakeIam(IamRoles):
    """IAM with a role or without."""

    def __init__(self, arn: str | None) -> None:
        self.asked: list[str] = []
        self._arn = arn

    def arn_of(self, role: str) -> str | None:
        assert role == "shop-backup-restore"
        return self._arn

    def create_service_role(self, role: str, *, service: str, description: str) -> str:
        del description
        self.asked.append(f"create {role} for {service}")
        return "arn:role"

    def attach(self, role: str, policy_arn: str) -> None:
        self.asked.append(f"attach {role} {policy_arn}")


def planned(backup: Backup, iam: IamRoles, again: str = "", point: str | None = None) -> EfsPlan:
    return plan_efs(
        CERTIFICATES,
        PLACE,
        recovery_point=point,
        efs=FakeEfs(FILE_SYSTEM),
        backup=backup,
        iam=iam,
        again=again,
    )


def test_role_that_was_just_made_is_waited_for() -> None:
    backup, iam, clock = FakeBackup(refusals=3), FakeIam(None), FakeClock()
    restored = restore_efs(planned(backup, iam), backup=backup, iam=iam, patience=patience(clock))
    assert (restored.id, clock.sleeps) == ("job-1", [5, 5, 5])
    assert iam.asked == [
        "create shop-backup-restore for backup.amazonaws.com",
        f"attach shop-backup-restore {RESTORES_POLICY}",
    ]
    assert set(backup.tokens) == {"production-fs-1-20261125t101500"}


def test_role_is_waited_for_a_minute_and_no_longer() -> None:
    backup, iam, clock = FakeBackup(refusals=99), FakeIam(None), FakeClock()
    with pytest.raises(OperationFailedError) as raised:
        restore_efs(planned(backup, iam), backup=backup, iam=iam, patience=patience(clock))
    assert clock.seconds == 60
    assert list(raised.value.lines) == [
        str(REFUSED),
        "No job is known to have begun; the live directory is as it was.",
        f"Go on with `zelly restore efs --stack production --recovery-point {HERE.arn}`: the same recovery point "
        "begins no second job while AWS Backup knows the first.",
    ]


def test_role_that_was_there_is_not_waited_for() -> None:
    backup, iam, clock = FakeBackup(refusals=1), FakeIam("arn:role"), FakeClock()
    with pytest.raises(OperationFailedError):
        restore_efs(planned(backup, iam), backup=backup, iam=iam, patience=patience(clock))
    assert (clock.sleeps, len(backup.tokens)) == ([], 1)
    assert iam.asked == [f"attach shop-backup-restore {RESTORES_POLICY}"]


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.THROTTLED, Reason.CREDENTIALS])
def test_what_is_not_about_the_role_is_not_waited_for(reason: Reason) -> None:
    lost = failure("backup:StartRestoreJob", reason)
    backup, iam, clock = FakeBackup(refusals=99, refusal=lost), FakeIam(None), FakeClock()
    with pytest.raises(OperationFailedError) as raised:
        restore_efs(planned(backup, iam), backup=backup, iam=iam, patience=patience(clock))
    assert (raised.value.lines[0], clock.sleeps) == (str(lost), [])


def test_job_that_fails_tells_why() -> None:
    backup, iam = FakeBackup(ends="FAILED"), FakeIam("arn:role")
    assert failed(restore_efs, planned(backup, iam), backup=backup, iam=iam, patience=patience(FakeClock()))[:2] == [
        "job job-1: FAILED: no space; --again begins another job",
        "Job job-1, unless it has ended, goes on by itself; the live directory is as it was.",
    ]


def test_again_is_another_job() -> None:
    plans = [planned(FakeBackup(), FakeIam(None), again) for again in ("", "20261126t000000")]
    assert [plan.token for plan in plans] == [
        "production-fs-1-20261125t101500",
        "production-fs-1-20261125t101500-20261126t000000",
    ]


@pytest.mark.parametrize("status", ["CREATING", "PARTIAL", "DELETING", "EXPIRED", "AVAILABLE", "STOPPED"])
def test_recovery_point_that_is_not_complete_is_not_restored(status: str) -> None:
    other, iam = replace(HERE, arn="arn:other", status=status), FakeIam("arn:role")
    assert planned(FakeBackup(other, HERE), iam).source == HERE.arn
    assert refused(planned, FakeBackup(other, HERE), iam, point="arn:other") == [
        f"--recovery-point: came arn:other; allowed: latest, {HERE.arn}"
    ]
    assert refused(planned, FakeBackup(other), iam) == [
        "no complete recovery point of shop-certificates in the vault of automatic backups; `zelly restore points` "
        "lists what there is"
    ]
