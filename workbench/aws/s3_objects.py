"""Amazon S3: objects of a bucket that are written once and read whole."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NEVER = datetime.fromtimestamp(0, UTC)
_MISSING = frozenset({"NoSuchKey", "404"})


@dataclass(frozen=True, kw_only=True)
class FoundObject:
    """An object as a listing tells of it."""

    key: str
    size: int
    """In bytes."""
    written_at: datetime


class S3Objects:
    """The objects of one bucket."""

    def __init__(self, connection: Connection, bucket: str, account_id: str) -> None:
        self._client: S3Client = connection.client("s3")
        self.bucket = bucket
        self._account_id = account_id

    def found(self, prefix: str) -> list[FoundObject]:
        """Return the objects whose keys begin like that, by key."""
        with calling("s3:ListBucket", f"bucket {self.bucket}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix, ExpectedBucketOwner=self._account_id
            )
            return [
                FoundObject(
                    key=each.get("Key", ""), size=each.get("Size", 0), written_at=each.get("LastModified", _NEVER)
                )
                for page in pages
                for each in page.get("Contents", [])
            ]

    def get(self, key: str) -> bytes | None:
        """Return an object's content; None when there is none."""
        try:
            with calling("s3:GetObject", f"{self.bucket}/{key}"):
                answer = self._client.get_object(Bucket=self.bucket, Key=key, ExpectedBucketOwner=self._account_id)
                return answer["Body"].read()
        except AwsError as error:
            if error.code in _MISSING:
                return None
            raise

    def put_new(self, key: str, content: bytes, *, content_type: str) -> bool:
        """Write an object under a name that is free, and tell whether it was.

        S3 compares the content with its hash before it keeps it ("Checking object integrity", S3 User Guide), and
        writes only where nothing is ("Conditional writes").
        """
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        try:
            with calling("s3:PutObject", f"{self.bucket}/{key}"):
                self._client.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=content,
                    ContentType=content_type,
                    ChecksumSHA256=digest,
                    IfNoneMatch="*",
                    ExpectedBucketOwner=self._account_id,
                )
        except AwsError as error:
            if error.code == "PreconditionFailed":
                return False
            raise
        return True
