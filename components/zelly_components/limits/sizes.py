"""Sizes that AWS enforces, as one table, and the measuring against it. Imports nothing of the SDK."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class SizeLimit:
    """The largest size that AWS accepts."""

    maximum: int
    unit: Literal["bytes", "characters"]
    source: str
    counts_white_space: bool = True

    def size(self, *texts: str) -> int:
        """Return the size of all texts together, as AWS counts."""
        counted = texts if self.counts_white_space else [re.sub(r"\s", "", text) for text in texts]
        return sum(len(text.encode()) if self.unit == "bytes" else len(text) for text in counted)

    def excess(self, *texts: str) -> str | None:
        """Return in words what came and what is allowed; None where the texts fit."""
        return self.excess_of(self.size(*texts))

    def excess_of(self, size: int) -> str | None:
        """Return the same as :meth:`excess` for a size that is known."""
        return f"came {size} {self.unit}; allowed {self.maximum}" if size > self.maximum else None

    def check(self, field: str, *texts: str) -> None:
        """Refuse texts that are larger.

        Raises:
            ValueError: with the field, the count and the limit.
        """
        if (excess := self.excess(*texts)) is not None:
            raise ValueError(f"{field}: {excess}")


TRUST_POLICY = SizeLimit(
    maximum=2_048,
    unit="characters",
    # Whether white space counts the page leaves open; here it does. A quota that AWS raises on request.
    source="IAM and AWS STS quotas: role trust policy length",
)
INLINE_POLICIES = SizeLimit(
    maximum=10_240,
    unit="characters",
    counts_white_space=False,
    source="IAM and AWS STS quotas: all inline policies of a role together; white space is not counted",
)
MANAGED_POLICY = SizeLimit(
    maximum=6_144,
    unit="characters",
    counts_white_space=False,
    source="IAM and AWS STS quotas: a managed policy; white space is not counted",
)
USER_DATA = SizeLimit(
    maximum=16 * 1024,
    unit="bytes",
    source="Run commands when you launch an EC2 instance, EC2 User Guide: before base64",
)
TASK_DEFINITION = SizeLimit(
    maximum=64 * 1024,
    unit="bytes",
    source="Amazon ECS service quotas, ECS Developer Guide: task definition size, in KiB",
)
STANDARD_PARAMETER = SizeLimit(
    maximum=4_096, unit="bytes", source="PutParameter, Systems Manager API reference: 4 KB in the standard tier"
)
ADVANCED_PARAMETER = SizeLimit(
    maximum=8_192, unit="bytes", source="PutParameter, Systems Manager API reference: 8 KB in the advanced tier"
)
SECRET = SizeLimit(maximum=65_536, unit="bytes", source="CreateSecret, Secrets Manager API reference: SecretString")
BUCKET_POLICY = SizeLimit(
    maximum=20 * 1024, unit="bytes", source="Bucket policies and user policies, S3 User Guide: limited to 20 KB in size"
)
FILE_SYSTEM_POLICY = SizeLimit(maximum=20_000, unit="characters", source="PutFileSystemPolicy, EFS API reference")
KEY_POLICY = SizeLimit(
    maximum=32 * 1024,
    unit="bytes",
    source="Resource quotas, KMS Developer Guide: key policy document size, 32,768 bytes",
)
LIFECYCLE_POLICY = SizeLimit(maximum=30_720, unit="characters", source="PutLifecyclePolicy, ECR API reference")
REPOSITORY_POLICY = SizeLimit(maximum=10_240, unit="characters", source="SetRepositoryPolicy, ECR API reference")
ALARM_DESCRIPTION = SizeLimit(maximum=1_024, unit="characters", source="PutMetricAlarm, CloudWatch API reference")

MAXIMUM_TAGS = 50
MAXIMUM_TAG_KEY = 128
MAXIMUM_TAG_VALUE = 256
_TAG = re.compile(r"[\w\s.:/=+\-@]*")
"""Letters, digits, white space and these, in any script (Tag, IAM API reference; the AWS-wide limits of the Tagging AWS
Resources User Guide)."""


def tag_excess(tags: Mapping[str, str]) -> str | None:
    """Return in words the first fault of a resource's tags; None where AWS takes all of them."""
    if len(tags) > MAXIMUM_TAGS:
        return f"came {len(tags)} tags; allowed {MAXIMUM_TAGS}"
    for key, value in tags.items():
        if not 1 <= len(key) <= MAXIMUM_TAG_KEY:
            return f"came a key of {len(key)} characters; allowed 1 to {MAXIMUM_TAG_KEY}"
        if len(value) > MAXIMUM_TAG_VALUE:
            return f"{key}: came {len(value)} characters; allowed {MAXIMUM_TAG_VALUE}"
        if key.lower().startswith("aws:"):
            return f"came {key}; allowed keys that do not begin with aws:"
        if not _TAG.fullmatch(key) or not _TAG.fullmatch(value):
            return f"came {key}={value}; allowed letters, digits, spaces and . : / = + - @ _"
    return None
