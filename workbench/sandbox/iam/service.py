"""The sandbox's part of IAM."""

from workbench.sandbox.iam import reads, rows
from workbench.sandbox.service import Service

IAM = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    functions=rows.FUNCTIONS,
    supplement="workbench.sandbox.iam.supplement",
)
