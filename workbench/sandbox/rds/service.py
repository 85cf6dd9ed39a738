"""The sandbox's part of RDS."""

from workbench.sandbox.making.tagging import add_tags_to_resource
from workbench.sandbox.rds import rows
from workbench.sandbox.service import Service

RDS = Service(
    resources=rows.RESOURCES,
    tagging={"rds": add_tags_to_resource("ResourceName", "arn")},
    supplement="workbench.sandbox.rds.supplement",
)
