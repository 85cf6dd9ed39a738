"""The sandbox's part of EventBridge Scheduler."""

from workbench.sandbox.eventbridge_scheduler import reads, rows
from workbench.sandbox.service import Service

EVENTBRIDGE_SCHEDULER = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
)
