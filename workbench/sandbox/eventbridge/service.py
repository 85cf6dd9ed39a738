"""The sandbox's part of EventBridge."""

from workbench.sandbox.eventbridge import reads, rows
from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service

EVENTBRIDGE = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"events": tag_resource("ResourceARN")},
)
