"""The sandbox's part of Application Auto Scaling."""

from workbench.sandbox.application_auto_scaling import reads, rows
from workbench.sandbox.service import Service

APPLICATION_AUTO_SCALING = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    supplement="workbench.sandbox.application_auto_scaling.supplement",
)
