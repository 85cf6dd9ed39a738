"""The sandbox's part of S3."""

from workbench.sandbox.s3 import reads, rows
from workbench.sandbox.service import Service

S3 = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"s3": rows.replace_bucket_tags},
    supplement="workbench.sandbox.s3.supplement",
)
