"""The sandbox's part of SNS."""

from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service
from workbench.sandbox.sns import reads, rows

SNS = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"sns": tag_resource("ResourceArn")},
    supplement="workbench.sandbox.sns.supplement",
)
