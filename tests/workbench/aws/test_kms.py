"""Keys of KMS: what is asked, and how often."""

from datetime import UTC, datetime
from typing import Any

from botocore.stub import ANY

from tests.workbench.aws.stubbed import stubbed
from workbench.aws.kms import Kms

ARN = "arn:aws:kms:ap-south-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_key_is_made_in_one_attempt() -> None:
    metadata: dict[str, Any] = {
        "KeyId": ARN.rpartition("/")[2],
        "Arn": ARN,
        "CreationDate": datetime(2026, 5, 4, tzinfo=UTC),
        "Enabled": True,
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
    }
    request = {
        "Description": "state",
        "Policy": ANY,
        "Tags": [{"TagKey": "project", "TagValue": "shop"}],
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
    }
    with stubbed() as connection:
        # A second request would make a second key, which is paid for and used by nobody.
        connection.once("kms").add_response("create_key", {"KeyMetadata": metadata}, request)
        key = Kms(connection).create_key(description="state", policy={}, tags={"project": "shop"})
    assert key.arn == ARN
