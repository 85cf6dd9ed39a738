"""The state backend of Pulumi: a bucket and a key, what is wanted of them, and the commands that use them."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.aws.s3 import Setting

OLD_VERSIONS_DAYS = 90
"""How long a state that was replaced can still be had back. Every update replaces the whole file."""

_ABANDONED_UPLOAD_DAYS = 7
_DELETION_WINDOW_DAYS = 30
"""The longest that KMS has. A key that is gone takes every state and every secret in a stack file with it."""

_PURPOSE = "pulumi-state"


@dataclass(frozen=True, kw_only=True)
class StateBackend:
    """A bucket for states and a key that encrypts them and the secrets in them."""

    program: str
    """The name of the program whose stacks they are."""
    bucket: str
    alias: str
    """Of the key, ``alias/…``."""
    region: str
    """Of both."""
    account_id: str

    @property
    def login_command(self) -> str:
        """The command that is typed once on a machine. Without the region in it the operator's default counts."""
        return shlex.join(["pulumi", "login", f"s3://{self.bucket}?region={self.region}"])

    def init_command(self, stack: str) -> str:
        """Return what makes a stack. The key is chosen here for good; only another command of Pulumi's changes it."""
        provider = f"awskms://{self.alias}?region={self.region}"
        return shlex.join(["pulumi", "stack", "init", stack, "--secrets-provider", provider])

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of both. By the last one a key is found again that has not got its alias yet."""
        return {
            "project": self.program,
            "managed-by": f"{self.program} state bootstrap",
            self.purpose_tag: self.purpose,
        }

    @property
    def key_description(self) -> str:
        """The purpose of the key, in words."""
        return f"Pulumi state and configuration secrets of {self.program}"

    @property
    def purpose_tag(self) -> str:
        """The tag by which a key is found again that has not got its alias yet."""
        return f"{self.program}:purpose"

    @property
    def purpose(self) -> str:
        """The value of :attr:`purpose_tag`: one key for each alias."""
        return f"{_PURPOSE}:{self.alias}"

    @property
    def key_policy(self) -> Mapping[str, Mapping[str, Any]]:
        """The statements of the key's policy by their ids: IAM decides, except on how fast the key can be deleted.

        When nothing is asked for, KMS waits 30 days by itself ("ScheduleKeyDeletion", KMS API reference).
        """
        return {
            "AccountDecidesThroughIam": {
                "Sid": "AccountDecidesThroughIam",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{self.account_id}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            "DeletionWaits": {
                "Sid": "DeletionWaits",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "kms:ScheduleKeyDeletion",
                "Resource": "*",
                "Condition": {
                    "NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": str(_DELETION_WINDOW_DAYS)}
                },
            },
        }

    def bucket_settings(self, key_arn: str) -> Mapping[Setting, Mapping[str, Any]]:
        """Return what is wanted of the bucket, in the order in which it is set: closed before anything else."""
        return {
            Setting.PUBLIC_ACCESS_BLOCK: dict.fromkeys(
                ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
            ),
            Setting.OWNERSHIP: {"ObjectOwnership": "BucketOwnerEnforced"},
            Setting.VERSIONING: {"Status": "Enabled"},
            Setting.ENCRYPTION: {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn},
                "BucketKeyEnabled": True,
            },
            Setting.POLICY: self._bucket_policy(key_arn),
            Setting.LIFECYCLE: _LIFECYCLE,
            Setting.TAGS: self.tags,
        }

    def _bucket_policy(self, key_arn: str) -> Mapping[str, Mapping[str, Any]]:
        bucket = f"arn:aws:s3:::{self.bucket}"
        return {
            "TlsOnly": {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket, f"{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            **_refuse_other("NoOtherEncryption", bucket, "s3:x-amz-server-side-encryption", "aws:kms"),
            **_refuse_other("NoOtherKey", bucket, "s3:x-amz-server-side-encryption-aws-kms-key-id", key_arn),
        }


def _refuse_other(sid: str, bucket: str, key: str, value: str) -> Mapping[str, Mapping[str, Any]]:
    """Refuse an upload that asks for something else than the bucket's default.

    Pulumi's uploads ask for nothing and get the default (gocloud.dev/blob/s3blob sends the header only for ``ssetype``
    in the backend's address); a bare ``StringNotEquals`` would refuse those, too.
    """
    return {
        sid: {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/*",
            "Condition": {"Null": {key: "false"}, "StringNotEquals": {key: value}},
        }
    }


_LIFECYCLE: Mapping[str, Mapping[str, Any]] = {
    "old-versions": {
        "ID": "old-versions",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_VERSIONS_DAYS},
        # Each lock that was released leaves a marker and nothing behind it.
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _ABANDONED_UPLOAD_DAYS},
    }
}
