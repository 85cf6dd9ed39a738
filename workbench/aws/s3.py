"""Amazon S3: a bucket, its settings, and small objects in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from workbench.aws.iam.statements import by_sid, policy_document
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FIRST_REGION = "us-east-1"
"""The one region that is named by leaving the constraint out ("CreateBucket", S3 API reference)."""


class Setting(Enum):
    """A setting of a bucket."""

    VERSIONING = "versioning"
    ENCRYPTION = "default encryption"
    PUBLIC_ACCESS_BLOCK = "public access block"
    OWNERSHIP = "object ownership"
    POLICY = "policy"
    LIFECYCLE = "lifecycle"
    TAGS = "tags"


@dataclass(frozen=True, kw_only=True)
class _Form:
    """The way a setting is read and written: each is a mapping here, whatever shape the API gives it."""

    get: str
    put: str
    absent: str | None
    """The error code that says that it was never set; None: the answer is then empty."""
    read: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    write: Callable[[Mapping[str, Any]], Mapping[str, Any]]


_FORMS: Mapping[Setting, _Form] = {
    Setting.VERSIONING: _Form(
        get="get_bucket_versioning",
        put="put_bucket_versioning",
        absent=None,
        read=lambda answer: {key: answer[key] for key in ("Status",) if key in answer},
        write=lambda value: {"VersioningConfiguration": value},
    ),
    Setting.ENCRYPTION: _Form(
        get="get_bucket_encryption",
        put="put_bucket_encryption",
        absent="ServerSideEncryptionConfigurationNotFoundError",
        # A bucket has one rule ("PutBucketEncryption", S3 API reference).
        read=lambda answer: answer["ServerSideEncryptionConfiguration"]["Rules"][0],
        write=lambda value: {"ServerSideEncryptionConfiguration": {"Rules": [value]}},
    ),
    Setting.PUBLIC_ACCESS_BLOCK: _Form(
        get="get_public_access_block",
        put="put_public_access_block",
        absent="NoSuchPublicAccessBlockConfiguration",
        read=lambda answer: answer["PublicAccessBlockConfiguration"],
        write=lambda value: {"PublicAccessBlockConfiguration": value},
    ),
    Setting.OWNERSHIP: _Form(
        get="get_bucket_ownership_controls",
        put="put_bucket_ownership_controls",
        absent="OwnershipControlsNotFoundError",
        read=lambda answer: answer["OwnershipControls"]["Rules"][0],
        write=lambda value: {"OwnershipControls": {"Rules": [value]}},
    ),
    Setting.POLICY: _Form(
        get="get_bucket_policy",
        put="put_bucket_policy",
        absent="NoSuchBucketPolicy",
        read=lambda answer: by_sid(answer["Policy"]),
        write=lambda value: {"Policy": policy_document(value)},
    ),
    Setting.LIFECYCLE: _Form(
        get="get_bucket_lifecycle_configuration",
        put="put_bucket_lifecycle_configuration",
        absent="NoSuchLifecycleConfiguration",
        read=lambda answer: {rule.get("ID", f"#{number}"): rule for number, rule in enumerate(answer["Rules"], 1)},
        write=lambda value: {"LifecycleConfiguration": {"Rules": list(value.values())}},
    ),
    Setting.TAGS: _Form(
        get="get_bucket_tagging",
        put="put_bucket_tagging",
        absent="NoSuchTagSet",
        read=lambda answer: {tag["Key"]: tag["Value"] for tag in answer["TagSet"]},
        write=lambda value: {"Tagging": {"TagSet": [{"Key": key, "Value": text} for key, text in value.items()]}},
    ),
}

_ACTIONS: Mapping[str, str] = {
    "get_bucket_encryption": "s3:GetEncryptionConfiguration",
    "put_bucket_encryption": "s3:PutEncryptionConfiguration",
    "get_public_access_block": "s3:GetBucketPublicAccessBlock",
    "put_public_access_block": "s3:PutBucketPublicAccessBlock",
    "get_bucket_lifecycle_configuration": "s3:GetLifecycleConfiguration",
    "put_bucket_lifecycle_configuration": "s3:PutLifecycleConfiguration",
}
"""IAM's names where they are not the operation's ("Actions, resources, and condition keys for Amazon S3")."""


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """A small object and its content."""

    key: str
    etag: str
    content: bytes


class S3:
    """The calls of Amazon S3 that are used, each on a bucket of one account: another account's is never touched."""

    def __init__(self, connection: Connection, bucket: str, account_id: str) -> None:
        self._client: S3Client = connection.client("s3")
        self._region = connection.region
        self._bucket = bucket
        self._owned: Mapping[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": account_id}

    def region(self) -> str | None:
        """Return the region that the bucket is in; None when there is no such bucket.

        Raises:
            AwsError: with the code ``403`` when it is another account's, or the credentials may not look at it.
        """
        with calling("s3:ListBucket", f"bucket {self._bucket}"):
            try:
                answer = self._client.head_bucket(**self._owned)
            except ClientError as error:
                if error.response["Error"]["Code"] == "404":
                    return None
                raise
        return answer.get("BucketRegion") or answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"]

    def create(self) -> None:
        """Make the bucket. Making one that is there is harmless in every region but us-east-1, where it resets ACLs."""
        elsewhere = self._region != _FIRST_REGION
        where: Any = {"CreateBucketConfiguration": {"LocationConstraint": self._region}} if elsewhere else {}
        with calling("s3:CreateBucket", f"bucket {self._bucket}"):
            self._client.create_bucket(Bucket=self._bucket, **where)

    def setting(self, setting: Setting) -> Mapping[str, Any]:
        """Return a setting as it stands, empty when it was never set.

        Policies are statements by their ids, lifecycles rules by their ids, tags values by their keys, and all others
        what S3 calls their members.
        """
        form = _FORMS[setting]
        try:
            return form.read(self._call(form.get))
        except AwsError as error:
            if form.absent is not None and error.code == form.absent:
                return {}
            raise

    def set(self, setting: Setting, value: Mapping[str, Any]) -> None:
        """Replace a setting."""
        form = _FORMS[setting]
        self._call(form.put, **form.write(value))

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin like that, sorted."""
        found: list[str] = []
        with calling("s3:ListBucket", f"bucket {self._bucket}"):
            for page in self._client.get_paginator("list_objects_v2").paginate(**self._owned, Prefix=prefix):
                found += [item["Key"] for item in page.get("Contents", [])]
        return found

    def read(self, key: str) -> StoredObject | None:
        """Return an object; None when it is no longer there."""
        try:
            with calling("s3:GetObject", f"{self._bucket}/{key}"):
                answer = self._client.get_object(**self._owned, Key=key)
                return StoredObject(key=key, etag=answer["ETag"], content=answer["Body"].read())
        except AwsError as error:
            if error.code == "NoSuchKey":
                return None
            raise

    def delete_unchanged(self, stored: StoredObject) -> bool:
        """Delete an object if it is still the one that was read; tell whether it was.

        S3 compares and deletes in one step ("Conditional deletes", S3 User Guide).
        """
        try:
            with calling("s3:DeleteObject", f"{self._bucket}/{stored.key}"):
                self._client.delete_object(**self._owned, Key=stored.key, IfMatch=stored.etag)
        except AwsError as error:
            if error.code in {"PreconditionFailed", "NoSuchKey", "404"}:
                return False
            raise
        return True

    def _call(self, method: str, **request: Any) -> Mapping[str, Any]:
        with calling(_action(method), f"bucket {self._bucket}"):
            return getattr(self._client, method)(**self._owned, **request)


def _action(method: str) -> str:
    return _ACTIONS.get(method) or "s3:" + "".join(part.title() for part in method.split("_"))
