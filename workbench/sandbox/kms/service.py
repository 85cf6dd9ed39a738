"""The sandbox's part of KMS."""

from workbench.sandbox.kms import reads, rows
from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service

KMS = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"kms": tag_resource("KeyId")},
    supplement="workbench.sandbox.kms.supplement",
)
