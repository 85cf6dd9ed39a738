"""The sandbox's part of RDS."""

from workbench.sandbox.making.tagging import add_tags_to_resource
from workbench.sandbox.rds import instances, reads, rows
from workbench.sandbox.service import Service

RDS = Service(
    resources={**rows.RESOURCES, **instances.RESOURCES},
    reads={**reads.READS, **instances.READS},
    tagging={"rds": add_tags_to_resource("ResourceName", "arn")},
    supplement="workbench.sandbox.rds.supplement",
)
