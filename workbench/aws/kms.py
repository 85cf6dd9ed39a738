"""AWS Key Management Service: one key with an alias."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.aws.iam.statements import by_sid, policy_document
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, Reason, calling

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_kms.type_defs import KeyMetadataTypeDef

_POLICY_NAME = "default"
"""The only name that there is ("GetKeyPolicy", KMS API reference)."""


_ENCRYPTS = "ENCRYPT_DECRYPT"
_SYMMETRIC = "SYMMETRIC_DEFAULT"
"""What a key is when nothing is said ("CreateKey", KMS API reference)."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A KMS key."""

    id: str
    arn: str
    state: str
    """``Enabled``, ``Disabled``, ``PendingDeletion``…"""
    encrypts: bool
    """Whether it is a symmetric key that encrypts, which is what S3 and Pulumi need."""


class Kms:
    """The calls of AWS KMS that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: KMSClient = connection.client("kms")
        # Made twice, a key is there twice; and an alias is the way to find out which of the two is in use.
        self._once: KMSClient = connection.client("kms", repeatable=False)

    def key_of(self, alias: str) -> Key | None:
        """Return the key that an alias (``alias/…``) leads to; None when there is no such alias."""
        try:
            with calling("kms:DescribeKey", alias):
                return _key(self._client.describe_key(KeyId=alias)["KeyMetadata"])
        except AwsError as error:
            if error.code == "NotFoundException":
                return None
            raise

    def keys_with_tag(self, name: str, value: str) -> list[Key]:
        """Return the customer's keys that carry a tag; keys whose tags may not be read are left out."""
        ids: list[str] = []
        with calling("kms:ListKeys", "keys"):
            for page in self._client.get_paginator("list_keys").paginate():
                ids += [key["KeyId"] for key in page["Keys"]]
        return [self._described(key_id) for key_id in ids if self._tags_if_allowed(key_id).get(name) == value]

    def create_key(self, *, description: str, policy: Mapping[str, Mapping[str, Any]], tags: Mapping[str, str]) -> Key:
        """Make a symmetric key for encryption. ``policy``: statements by their ids. Never sent a second time."""
        with calling("kms:CreateKey", "a new key"):
            answer = self._once.create_key(
                Description=description,
                Policy=policy_document(policy),
                Tags=_tag_list(tags),
                KeyUsage=_ENCRYPTS,
                KeySpec=_SYMMETRIC,
            )
        return _key(answer["KeyMetadata"])

    def create_alias(self, alias: str, key: Key) -> None:
        """Give a key an alias that nobody has."""
        with calling("kms:CreateAlias", alias):
            self._once.create_alias(AliasName=alias, TargetKeyId=key.id)

    def rotates(self, key: Key) -> bool:
        """Tell whether the key's material is replaced every year."""
        with calling("kms:GetKeyRotationStatus", f"key {key.id}"):
            return self._client.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"]

    def enable_rotation(self, key: Key) -> None:
        """Have the key's material replaced every year; what was encrypted before stays readable."""
        with calling("kms:EnableKeyRotation", f"key {key.id}"):
            self._client.enable_key_rotation(KeyId=key.id)

    def policy(self, key: Key) -> Mapping[str, Mapping[str, Any]]:
        """Return the statements of a key's policy by their ids."""
        with calling("kms:GetKeyPolicy", f"key {key.id}"):
            answer = self._client.get_key_policy(KeyId=key.id, PolicyName=_POLICY_NAME)
        return by_sid(answer["Policy"])

    def set_policy(self, key: Key, policy: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace a key's policy. AWS refuses one that would lock the caller out."""
        with calling("kms:PutKeyPolicy", f"key {key.id}"):
            self._client.put_key_policy(KeyId=key.id, PolicyName=_POLICY_NAME, Policy=policy_document(policy))

    def tags(self, key: Key) -> Mapping[str, str]:
        """Return a key's tags."""
        return self._tags(key.id)

    def tag(self, key: Key, tags: Mapping[str, str]) -> None:
        """Add tags to a key, or change their values; others stay."""
        with calling("kms:TagResource", f"key {key.id}"):
            self._client.tag_resource(KeyId=key.id, Tags=_tag_list(tags))

    def _described(self, key_id: str) -> Key:
        with calling("kms:DescribeKey", f"key {key_id}"):
            return _key(self._client.describe_key(KeyId=key_id)["KeyMetadata"])

    def _tags(self, key_id: str) -> Mapping[str, str]:
        tags: dict[str, str] = {}
        with calling("kms:ListResourceTags", f"key {key_id}"):
            for page in self._client.get_paginator("list_resource_tags").paginate(KeyId=key_id):
                tags |= {tag["TagKey"]: tag["TagValue"] for tag in page["Tags"]}
        return tags

    def _tags_if_allowed(self, key_id: str) -> Mapping[str, str]:
        try:
            return self._tags(key_id)
        except AwsError as error:
            if error.reason is Reason.DENIED:
                return {}
            raise


def _tag_list(tags: Mapping[str, str]) -> Any:
    return [{"TagKey": name, "TagValue": value} for name, value in tags.items()]


def _key(described: "KeyMetadataTypeDef") -> Key:
    return Key(
        id=described["KeyId"],
        arn=described["Arn"],
        state=described["KeyState"],
        encrypts=(described.get("KeyUsage", _ENCRYPTS), described.get("KeySpec", _SYMMETRIC))
        == (_ENCRYPTS, _SYMMETRIC),
    )
