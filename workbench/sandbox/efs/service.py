"""The sandbox's part of EFS."""

from workbench.sandbox.efs import reads, rows
from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service

EFS = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"efs": tag_resource("ResourceId")},
    supplement="workbench.sandbox.efs.supplement",
)
