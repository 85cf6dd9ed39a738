"""The sandbox's part of EC2 Auto Scaling."""

from workbench.sandbox.auto_scaling import reads, rows
from workbench.sandbox.service import Service

AUTO_SCALING = Service(resources=rows.RESOURCES, reads=reads.READS)
