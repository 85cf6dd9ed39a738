"""The sandbox's part of RDS."""

from workbench.sandbox.making.tagging import add_tags_to_resource
from workbench.sandbox.rds import reads, rows
from workbench.sandbox.service import Service

RDS = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"rds": add_tags_to_resource("ResourceName", "arn")},
    supplement="workbench.sandbox.rds.supplement",
)
