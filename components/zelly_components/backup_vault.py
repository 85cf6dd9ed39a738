"""A place for backups: a locked bucket for a database's dumps, and a vault of AWS Backup for what AWS backs up."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, resolved_after
from zelly_components.hosts.permissions import database_backup_statements
from zelly_components.identity.iam import Statement, policy
from zelly_components.storage import restores
from zelly_components.storage.closed_bucket import close_bucket

_ABANDONED_UPLOAD_DAYS = 1
"""A dump is uploaded within hours, or the next night's is."""

_START_WINDOW_MINUTES = 60
_COMPLETION_WINDOW_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True)
class VaultPlanArgs:
    """What AWS Backup does each day and each week."""

    resources: Sequence[str]
    """What is backed up: ARNs with ``*`` for parts of them, such as ``arn:aws:ec2:*:*:volume/*``."""
    tags: Mapping[str, str]
    """The tags that a resource has to have as well, each with this value."""
    schedule: str
    """The time of the daily backups, in UTC, e.g. ``cron(0 3 * * ? *)``."""
    retention_days: int
    """The days after which a recovery point goes."""
    restore_test_schedule: str
    """The time of the restore tests, in UTC, e.g. ``cron(0 6 ? * SUN *)``."""
    restore_tests: Mapping[str, Mapping[str, str]]
    """The resource types of which one recovery point is restored each time, such as ``EBS``, each with what the test
    is told beside what AWS Backup infers ("Restore testing inferred metadata", AWS Backup Developer Guide). What was
    restored is deleted within some hours, and is paid for until then."""


@dataclass(frozen=True, kw_only=True)
class BackupVaultArgs:
    """Arguments of a place for backups."""

    bucket_name: str
    """The physical name, one for the world: hosts know it before the bucket is made."""
    vault_name: str
    """The name of the vault and of its plans: 1 to 40 lower-case letters, digits and hyphens, beginning with a
    letter."""
    retention_days: Mapping[str, int]
    """The days after which a dump goes, by prefix of its name, such as ``daily/``; one prefix or more."""
    lock_days: int
    """The days in which nobody deletes a version without the right to bypass governance; no more than any of
    ``retention_days``."""
    replaced_version_days: int
    """The days for which a version that was replaced or expired stays, and not before its lock ends."""
    plan: VaultPlanArgs | None
    """What AWS Backup backs up and tests. None: it backs nothing up, and there is no vault."""
    force_destroy: bool
    """Whether destroying bucket and vault deletes the backups in them; without it they refuse to go."""


class BackupVault(Component):
    """A bucket in which dumps stand locked until a lifecycle rule removes them, and a vault with a daily plan.

    The bucket keeps every version, locks each for some days (Object Lock in governance mode), takes nothing without TLS
    and lets nobody delete: S3's lifecycle does, by the age of each object and not by a count, so that bad dumps push no
    good one out. Each prefix has one rule for current versions, replaced ones and uploads that were abandoned: a rule
    for replaced versions alone would remove nothing, since every dump has a name of its own. Whoever writes can't
    delete; a version that is overwritten stays.

    AWS Backup takes what its own snapshots cover, such as RDS instances and EBS volumes: every resource of the named
    kinds that has all tags, also one that is made later. Its recovery points outlive what they were made of. A restore
    test each week restores one recovery point of each type and deletes it again. It proves that a volume or an instance
    comes up, not what is in it: dumps are for that.

    Example::

        from zelly_components.backup_vault import BackupVault, BackupVaultArgs, VaultPlanArgs

        backups = BackupVault(
            "shop-backups",
            BackupVaultArgs(
                bucket_name="shop-backups-123456789012",
                vault_name="shop",
                retention_days={"daily/": 30, "monthly/": 400},
                lock_days=30,
                replaced_version_days=7,
                plan=VaultPlanArgs(
                    resources=["arn:aws:rds:*:*:db:*", "arn:aws:ec2:*:*:volume/*"],
                    tags={"environment": "production"},
                    schedule="cron(0 3 * * ? *)",
                    retention_days=35,
                    restore_test_schedule="cron(0 6 ? * SUN *)",
                    restore_tests={"EBS": {}},
                ),
                force_destroy=False,
            ),
        )
        backups.database_backup_statements("arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/database-AbCdEf")
    """

    bucket_name: pulumi.Output[str]
    """The bucket's name. It resolves once the bucket locks, and once its policy exists: nothing is written before it is
    kept."""
    bucket_arn: pulumi.Output[str]
    """The bucket's ARN. It resolves when ``bucket_name`` does."""

    def __init__(self, name: str, args: BackupVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        _check(args)

        kept = self.child_with(pulumi.ResourceOptions(protect=not args.force_destroy))
        self._bucket = aws.s3.Bucket(
            name, bucket=args.bucket_name, object_lock_enabled=True, force_destroy=args.force_destroy, opts=kept
        )
        public_access_block = close_bucket(self, name, self._bucket)
        lock = self._lock(args, self._keep_versions())
        self._expire(args, lock)
        bucket_policy = self._refuse_deletion(public_access_block)
        if args.plan is not None:
            self._back_up_by_tag(args, args.plan)

        self.bucket_name = resolved_after(self._bucket.bucket, lock, bucket_policy)
        self.bucket_arn = resolved_after(self._bucket.arn, lock, bucket_policy)
        self.register_annotated_outputs()

    def database_backup_statements(self, secret_arn: pulumi.Input[str]) -> list[Statement]:
        """Return the permissions of a host that backs a database up.

        It may read the database's secret, write and read dumps, list the bucket and publish the metrics of backups. It
        may delete nothing, and change no lock.
        """
        return database_backup_statements(self._bucket.arn, secret_arn)

    def _keep_versions(self) -> aws.s3.BucketVersioning:
        return aws.s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=self._bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self.child(),
        )

    def _lock(self, args: BackupVaultArgs, versioning: aws.s3.BucketVersioning) -> aws.s3.BucketObjectLockConfiguration:
        return aws.s3.BucketObjectLockConfiguration(
            f"{self._name}-lock",
            bucket=self._bucket.bucket,
            rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode="GOVERNANCE", days=args.lock_days
                )
            ),
            # A lock is on versions ("Object Lock considerations", S3 User Guide).
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[versioning])),
        )

    def _expire(self, args: BackupVaultArgs, lock: aws.s3.BucketObjectLockConfiguration) -> None:
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=self._bucket.bucket,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id=prefix.rstrip("/"),
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
                    expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
                    noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=args.replaced_version_days
                    ),
                    abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=_ABANDONED_UPLOAD_DAYS
                    ),
                )
                for prefix, days in args.retention_days.items()
            ],
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[lock])),
        )

    def _refuse_deletion(self, public_access_block: aws.s3.BucketPublicAccessBlock) -> aws.s3.BucketPolicy:
        arn = self._bucket.arn
        objects = pulumi.Output.format("{0}/*", arn)
        return aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self._bucket.bucket,
            policy=policy(
                [
                    Statement(
                        sid="DenyPlaintextTransport",
                        effect="Deny",
                        principals={"AWS": "*"},
                        actions=["s3:*"],
                        resources=[arn, objects],
                        conditions={"Bool": {"aws:SecureTransport": "false"}},
                    ),
                    # Lifecycle rules are S3's own and ask no policy ("Setting an S3 Lifecycle configuration", S3 User
                    # Guide). Who has to delete one takes this statement away first, where others see it.
                    Statement(
                        sid="DenyDeletion",
                        effect="Deny",
                        principals={"AWS": "*"},
                        actions=[
                            "s3:BypassGovernanceRetention",
                            "s3:DeleteObject",
                            "s3:DeleteObjectVersion",
                        ],
                        resources=[objects],
                    ),
                ]
            ),
            # S3 answers two changes of one bucket's access at the same time with 409 OperationAborted.
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[public_access_block])),
        )

    def _back_up_by_tag(self, args: BackupVaultArgs, plan: VaultPlanArgs) -> None:
        vault = aws.backup.Vault(
            f"{self._name}-vault",
            name=args.vault_name,
            force_destroy=args.force_destroy,
            opts=self.child_with(pulumi.ResourceOptions(protect=not args.force_destroy)),
        )
        role = restores.backup_role(self, self._name, policies=("Backup", "Restores"))
        daily = aws.backup.Plan(
            f"{self._name}-plan",
            name=args.vault_name,
            rules=[
                aws.backup.PlanRuleArgs(
                    rule_name="daily",
                    target_vault_name=vault.name,
                    schedule=plan.schedule,
                    start_window=_START_WINDOW_MINUTES,
                    completion_window=_COMPLETION_WINDOW_MINUTES,
                    lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=plan.retention_days),
                )
            ],
            opts=self.child(),
        )
        aws.backup.Selection(
            f"{self._name}-selection",
            name=args.vault_name,
            plan_id=daily.id,
            iam_role_arn=role.arn,
            resources=plan.resources,
            # All of them; selection_tags would be any of them.
            conditions=[
                aws.backup.SelectionConditionArgs(
                    string_equals=[
                        aws.backup.SelectionConditionStringEqualArgs(key=f"aws:ResourceTag/{key}", value=value)
                        for key, value in plan.tags.items()
                    ]
                )
            ],
            opts=self.child(),
        )
        self._test_restores(args, plan, vault, role)

    def _test_restores(
        self, args: BackupVaultArgs, plan: VaultPlanArgs, vault: aws.backup.Vault, role: aws.iam.Role
    ) -> None:
        if plan.restore_tests:
            restores.make_restore_tests(
                self,
                self._name,
                test_name=args.vault_name,
                schedule=plan.restore_test_schedule,
                vault_arn=vault.arn,
                role=role,
                tests=plan.restore_tests,
            )


def _check(args: BackupVaultArgs) -> None:
    if not args.retention_days:
        raise ValueError("retention_days: came none; allowed one prefix or more")
    for prefix, days in args.retention_days.items():
        if re.fullmatch(r"[a-z][a-z0-9-]*/", prefix) is None:
            raise ValueError(f"retention_days: came the prefix {prefix!r}; allowed such as 'daily/'")
        if days < args.lock_days:
            # What is locked does not go when its time is over.
            raise ValueError(f"retention_days.{prefix}: came {days}; allowed lock_days, {args.lock_days}, or more")
    for field, days in (("lock_days", args.lock_days), ("replaced_version_days", args.replaced_version_days)):
        if days < 1:
            raise ValueError(f"{field}: came {days}; allowed 1 or more")
    if re.fullmatch(r"[a-z][a-z0-9-]{0,39}", args.vault_name) is None:
        # Fifty for a restore test's name, which ends in the resource's type.
        raise ValueError(
            f"vault_name: came {args.vault_name!r}; allowed 1 to 40 lower-case letters, digits and hyphens"
        )
