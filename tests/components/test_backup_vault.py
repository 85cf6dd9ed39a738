import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.backup_vault import BackupVault, BackupVaultArgs, VaultPlanArgs
from zelly_components.identity.iam import policy

PLAN = VaultPlanArgs(
    resources=["arn:aws:rds:*:*:db:*"],
    tags={"project": "shop", "environment": "production"},
    schedule="cron(0 3 * * ? *)",
    retention_days=35,
    restore_test_schedule="cron(0 6 ? * SUN *)",
    restore_tests={"EBS": {}, "RDS": {"dbsubnetgroupname": "shop"}},
)
RETENTION = {"daily/": 30, "production/": 90, "monthly/": 400}
LOCK_DAYS, REPLACED_DAYS = 30, 7
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


def args(**changes: Any) -> BackupVaultArgs:
    values: dict[str, Any] = {
        "bucket_name": "shop-backups-1",
        "vault_name": "shop-production",
        "retention_days": RETENTION,
        "lock_days": LOCK_DAYS,
        "replaced_version_days": REPLACED_DAYS,
        "plan": PLAN,
        "force_destroy": False,
    }
    return BackupVaultArgs(**(values | changes))


def record(**changes: Any) -> Evaluation:
    def program() -> None:
        vault = BackupVault("shop-backups", args(**changes))
        aws.iam.RolePolicy("host", role="shop-host", policy=policy(vault.database_backup_statements("arn:secret")))

    return evaluate(program)


def statements(evaluation: Evaluation, type_token: str) -> dict[str, Any]:
    (resource,) = evaluation.of_type(type_token)
    return {statement.pop("Sid"): statement for statement in json.loads(resource.inputs["policy"])["Statement"]}


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version of an object, by days from the first one."""

    key: str
    written: int
    replaced: int | None = None
    """The day on which another version, or a delete marker, took its place."""


def present(rules: Sequence[Mapping[str, Any]], version: Version, day: int) -> str:
    """Return whether a version is ``current``, ``noncurrent`` or ``gone`` on a day.

    An expired current version gets a delete marker and is noncurrent from then on. A locked version stays until its
    lock ends. Days are whole ones here; S3 rounds up to the next midnight UTC.
    """
    rule = next((rule for rule in rules if version.key.startswith(rule["filter"]["prefix"])), None)
    if rule is None:
        return "current" if version.replaced is None or day < version.replaced else "noncurrent"
    expires = version.written + rule["expiration"]["days"]
    noncurrent_from = min(expires, expires if version.replaced is None else version.replaced)
    if day < noncurrent_from:
        return "current"
    goes = noncurrent_from + rule["noncurrentVersionExpiration"]["noncurrentDays"]
    return "noncurrent" if day < max(goes, version.written + LOCK_DAYS) else "gone"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (Version(key="daily/a", written=0), {29: "current", 30: "noncurrent", 36: "noncurrent", 37: "gone"}),
        (Version(key="production/a", written=0), {30: "current", 89: "current", 90: "noncurrent", 97: "gone"}),
        (Version(key="monthly/a", written=0), {399: "current", 400: "noncurrent", 407: "gone"}),
        # One that somebody overwrote goes no sooner than its lock ends, however short the days of replaced ones.
        (Version(key="daily/a", written=0, replaced=1), {1: "noncurrent", 29: "noncurrent", 30: "gone"}),
        (Version(key="monthly/a", written=0, replaced=200), {200: "noncurrent", 206: "noncurrent", 207: "gone"}),
        # What lies elsewhere is nobody's, and stays.
        (Version(key="other/a", written=0), {4000: "current"}),
    ],
)
def test_each_prefix_keeps_its_dumps_for_its_days(version: Version, expected: Mapping[int, str]) -> None:
    rules = record().one(LIFECYCLE).inputs["rules"]
    assert {day: present(rules, version, day) for day in expected} == expected


def test_one_dump_a_day_leaves_thirty_and_no_bad_one_pushes_a_good_one_out() -> None:
    rules = record().one(LIFECYCLE).inputs["rules"]
    # Fifty empty dumps on the last day, after a month of good ones.
    good = [Version(key=f"daily/good-{day}", written=day) for day in range(100)]
    bad = [Version(key=f"daily/bad-{number}", written=99) for number in range(50)]
    current = [version.key for version in (*good, *bad) if present(rules, version, 99) == "current"]
    assert (sum("good" in key for key in current), sum("bad" in key for key in current)) == (30, 50)


def test_every_rule_removes_current_and_replaced_versions_and_abandoned_uploads() -> None:
    rules = record().one(LIFECYCLE).inputs["rules"]
    assert {rule["filter"]["prefix"] for rule in rules} == RETENTION.keys()
    for rule in rules:
        assert (rule["status"], rule["abortIncompleteMultipartUpload"]) == ("Enabled", {"daysAfterInitiation": 1})
        assert {"expiration", "noncurrentVersionExpiration"} <= rule.keys()


def test_bucket_is_locked_from_its_making_on_and_keeps_versions() -> None:
    evaluation = record()
    bucket = evaluation.one("aws:s3/bucket:Bucket")
    assert (bucket.protect, bucket.inputs) == (
        True,
        {"bucket": "shop-backups-1", "objectLockEnabled": True, "forceDestroy": False},
    )
    lock = evaluation.one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").inputs
    assert lock["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}
    versioning = evaluation.one("aws:s3/bucketVersioning:BucketVersioning").inputs
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    assert not record(force_destroy=True).one("aws:s3/bucket:Bucket").protect


def test_nobody_deletes_and_nothing_comes_without_tls() -> None:
    found = statements(record(), "aws:s3/bucketPolicy:BucketPolicy")
    assert found["DenyDeletion"] == {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"],
        "Resource": ["${shop-backups.arn}/*"],
    }
    assert found["DenyPlaintextTransport"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_writer_may_do_what_the_hosts_program_calls_and_nothing_else() -> None:
    found = statements(record(), "aws:iam/rolePolicy:RolePolicy")
    # tests/machines/backups/test_dump.py: the calls of the program.
    assert {action: statement["Resource"] for statement in found.values() for action in statement["Action"]} == {
        "secretsmanager:GetSecretValue": ["arn:secret"],
        "s3:PutObject": ["${shop-backups.arn}/*"],
        "s3:AbortMultipartUpload": ["${shop-backups.arn}/*"],
        "s3:GetObject": ["${shop-backups.arn}/*"],
        "s3:ListBucket": ["${shop-backups.arn}"],
        "cloudwatch:PutMetricData": ["*"],
    }
    assert found["PublishBackupMetrics"]["Condition"] == {"StringEquals": {"cloudwatch:namespace": "DatabaseBackups"}}


def test_aws_backup_takes_what_has_all_tags_and_restores_one_of_each_type() -> None:
    evaluation = record()
    plan = evaluation.one("aws:backup/plan:Plan").inputs["rules"]
    assert [(rule["schedule"], rule["lifecycle"], rule["targetVaultName"]) for rule in plan] == [
        ("cron(0 3 * * ? *)", {"deleteAfter": 35}, "shop-production")
    ]
    (selection,) = evaluation.of_type("aws:backup/selection:Selection")
    assert selection.inputs["resources"] == ["arn:aws:rds:*:*:db:*"]
    (condition,) = selection.inputs["conditions"]
    assert condition["stringEquals"] == [
        {"key": "aws:ResourceTag/project", "value": "shop"},
        {"key": "aws:ResourceTag/environment", "value": "production"},
    ]
    tests = {
        each.inputs["name"]: (each.inputs["protectedResourceType"], each.inputs.get("restoreMetadataOverrides"))
        for each in evaluation.of_type("aws:backup/restoreTestingSelection:RestoreTestingSelection")
    }
    assert tests == {
        "shop_production_ebs": ("EBS", None),
        "shop_production_rds": ("RDS", {"dbsubnetgroupname": "shop"}),
    }
    trust = json.loads(evaluation.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert [statement["Principal"] for statement in trust] == [{"Service": "backup.amazonaws.com"}]


def test_without_a_plan_there_is_a_bucket_alone() -> None:
    types = {resource.type for resource in record(plan=None).resources}
    assert not any(each.startswith("aws:backup/") for each in types)
    assert "aws:s3/bucket:Bucket" in types


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"retention_days": {}}, "retention_days: came none; allowed one prefix or more"),
        ({"retention_days": {"daily": 30}}, "retention_days: came the prefix 'daily'; allowed such as 'daily/'"),
        ({"retention_days": {"daily/": 29}}, "retention_days.daily/: came 29; allowed lock_days, 30, or more"),
        ({"lock_days": 0}, "lock_days: came 0; allowed 1 or more"),
        ({"replaced_version_days": 0}, "replaced_version_days: came 0; allowed 1 or more"),
        (
            {"vault_name": "Shop"},
            "vault_name: came 'Shop'; allowed 1 to 40 lower-case letters, digits and hyphens",
        ),
    ],
)
def test_argument_that_cannot_hold_is_refused(changes: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message.replace('.', '[.]')}$"):
        record(**changes)
