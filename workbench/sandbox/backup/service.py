"""The sandbox's part of AWS Backup."""

from workbench.sandbox.backup import reads, rows
from workbench.sandbox.service import Service

BACKUP = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"backup": rows.change_tags},
    supplement="workbench.sandbox.backup.supplement",
)
