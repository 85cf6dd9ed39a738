"""The sandbox's part of SNS."""

from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service
from workbench.sandbox.sns import rows

SNS = Service(
    resources=rows.RESOURCES,
    tagging={"sns": tag_resource("ResourceArn")},
)
