"""The sandbox's part of Application Auto Scaling."""

from workbench.sandbox.application_auto_scaling import rows
from workbench.sandbox.service import Service

APPLICATION_AUTO_SCALING = Service(
    resources=rows.RESOURCES,
    supplement="workbench.sandbox.application_auto_scaling.supplement",
)
