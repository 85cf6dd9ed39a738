"""The sandbox's part of AWS Backup."""

from workbench.sandbox.service import Service

BACKUP = Service(
    supplement="workbench.sandbox.backup.supplement",
)
