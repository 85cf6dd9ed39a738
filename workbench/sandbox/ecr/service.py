"""The sandbox's part of the container registry (ECR)."""

from workbench.sandbox.ecr import reads, rows
from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service

ECR = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    functions=rows.FUNCTIONS,
    tagging={"ecr": tag_resource("resourceArn", "arn")},
    supplement="workbench.sandbox.ecr.supplement",
)
