"""The sandbox's part of IAM."""

from workbench.sandbox.iam import rows
from workbench.sandbox.service import Service

IAM = Service(
    resources=rows.RESOURCES,
    functions=rows.FUNCTIONS,
    supplement="workbench.sandbox.iam.supplement",
)
