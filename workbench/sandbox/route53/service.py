"""The sandbox's part of Route 53."""

from workbench.sandbox.route53 import reads, rows
from workbench.sandbox.service import Service

ROUTE53 = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
)
