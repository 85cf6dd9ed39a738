"""The sandbox's part of Data Lifecycle Manager (DLM)."""

from workbench.sandbox.dlm import reads, rows
from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service

DLM = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"dlm": tag_resource("ResourceArn", "arn")},
    supplement="workbench.sandbox.dlm.supplement",
)
