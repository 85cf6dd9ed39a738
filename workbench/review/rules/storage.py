"""Rules for S3 and EFS."""

from collections.abc import Iterator

from workbench.review.rules.documents import denies_plaintext
from workbench.review.rules.model import (
    Resource,
    Rule,
    Severity,
    Stack,
    StackCheck,
    all_of,
    is_unknown,
    requires,
    requires_companion,
    requires_set,
    shown,
)

BUCKET = "aws:s3/bucket:Bucket"
FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
ACCESS_POINT = "aws:efs/accessPoint:AccessPoint"
MOUNT_TARGET = "aws:efs/mountTarget:MountTarget"


def _encrypted_transport(policy_type: str) -> StackCheck:
    def check(resource: Resource, stack: Stack) -> Iterator[str]:
        policies = stack.using(resource, policy_type)
        if not any(is_unknown(policy.value("policy")) or denies_plaintext(policy) for policy in policies):
            yield f"no {policy_type} denies what comes without TLS (aws:SecureTransport)"

    return check


def _access_point_root(access_point: Resource) -> Iterator[str]:
    path = access_point.value("rootDirectory.path")
    if path in ("/", None):
        yield f"rootDirectory.path: {shown(path)}; allowed: a directory below /"


def _mount_target(target: Resource, stack: Stack) -> Iterator[str]:
    for subnet in stack.used_by(target, "aws:ec2/subnet:Subnet"):
        if subnet.value("mapPublicIpOnLaunch") is True:
            yield f"its subnet {subnet.name} gives public addresses"


RULES = (
    Rule(
        id="bucket-blocks-public-access",
        title="A bucket blocks public access",
        controls=("S3.8", "CIS 2.1.4"),
        severity=Severity.HIGH,
        remediation="Add an aws.s3.BucketPublicAccessBlock with all four switches on.",
        types=(BUCKET,),
        check_in_stack=requires_companion(
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            with_value={
                "blockPublicAcls": True,
                "blockPublicPolicy": True,
                "ignorePublicAcls": True,
                "restrictPublicBuckets": True,
            },
        ),
    ),
    Rule(
        id="bucket-tls-only",
        title="A bucket takes requests over TLS alone",
        controls=("S3.5", "CIS 2.1.1"),
        severity=Severity.MEDIUM,
        remediation="Deny s3:* where aws:SecureTransport is false.",
        types=(BUCKET,),
        check_in_stack=_encrypted_transport("aws:s3/bucketPolicy:BucketPolicy"),
    ),
    Rule(
        id="bucket-without-acls",
        title="A bucket has no access control lists",
        controls=("S3.12",),
        severity=Severity.MEDIUM,
        remediation="Add an aws.s3.BucketOwnershipControls with BucketOwnerEnforced.",
        types=(BUCKET,),
        check_in_stack=requires_companion(
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
            with_value={"rule.objectOwnership": "BucketOwnerEnforced"},
        ),
    ),
    Rule(
        id="bucket-lifecycle",
        title="A bucket has a lifecycle",
        controls=("S3.13",),
        severity=Severity.LOW,
        remediation="Add an aws.s3.BucketLifecycleConfiguration.",
        types=(BUCKET,),
        check_in_stack=requires_companion("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"),
    ),
    Rule(
        id="bucket-encrypted",
        title="A bucket says how it encrypts",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Add an aws.s3.BucketServerSideEncryptionConfiguration.",
        types=(BUCKET,),
        check_in_stack=requires_companion(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
        ),
    ),
    Rule(
        id="bucket-access-log",
        title="A bucket logs who reads and writes",
        controls=("S3.9",),
        severity=Severity.MEDIUM,
        remediation="Add an aws.s3.BucketLogging.",
        types=(BUCKET,),
        check_in_stack=requires_companion("aws:s3/bucketLogging:BucketLogging"),
    ),
    Rule(
        id="bucket-versioned",
        title="A bucket keeps earlier versions",
        controls=("S3.14",),
        severity=Severity.LOW,
        remediation='Add an aws.s3.BucketVersioning with status "Enabled".',
        types=(BUCKET,),
        check_in_stack=requires_companion(
            "aws:s3/bucketVersioning:BucketVersioning", with_value={"versioningConfiguration.status": "Enabled"}
        ),
    ),
    Rule(
        id="file-system-encrypted",
        title="A file system is encrypted",
        controls=("EFS.1", "EFS.8", "CIS 2.4.1"),
        severity=Severity.MEDIUM,
        remediation="Set encrypted when it is made; it can't be changed later.",
        types=(FILE_SYSTEM,),
        check=requires("encrypted", True),
    ),
    Rule(
        id="file-system-backup",
        title="A file system is backed up",
        controls=("EFS.2", "EFS.7"),
        severity=Severity.MEDIUM,
        remediation='Add an aws.efs.BackupPolicy with status "ENABLED".',
        types=(FILE_SYSTEM,),
        check_in_stack=requires_companion(
            "aws:efs/backupPolicy:BackupPolicy", with_value={"backupPolicy.status": "ENABLED"}
        ),
    ),
    Rule(
        id="file-system-tls-only",
        title="A file system is mounted over TLS alone",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Deny ClientMount where aws:SecureTransport is false.",
        types=(FILE_SYSTEM,),
        check_in_stack=_encrypted_transport("aws:efs/fileSystemPolicy:FileSystemPolicy"),
    ),
    Rule(
        id="access-point-root",
        title="An access point shows a directory of its own",
        controls=("EFS.3",),
        severity=Severity.MEDIUM,
        remediation="Set root_directory with a path below /.",
        types=(ACCESS_POINT,),
        check=_access_point_root,
    ),
    Rule(
        id="access-point-user",
        title="An access point acts as a user of its own",
        controls=("EFS.4",),
        severity=Severity.MEDIUM,
        remediation="Set posix_user.",
        types=(ACCESS_POINT,),
        check=all_of(requires_set("posixUser.uid"), requires_set("posixUser.gid")),
    ),
    Rule(
        id="mount-target-private",
        title="A file system is mounted in subnets that give no public addresses",
        controls=("EFS.6",),
        severity=Severity.MEDIUM,
        remediation="Put the mount targets into private subnets.",
        types=(MOUNT_TARGET,),
        check_in_stack=_mount_target,
    ),
)
