"""The sandbox's part of CloudWatch and CloudWatch Logs."""

from workbench.sandbox.cloudwatch import reads, rows
from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service

CLOUDWATCH = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"cloudwatch": tag_resource("ResourceARN", "arn"), "logs": tag_resource("resourceArn", "arn")},
    supplement="workbench.sandbox.cloudwatch.supplement",
)
