"""The sandbox's part of random values, which are answered without AWS."""

from workbench.sandbox.random import rows
from workbench.sandbox.service import Service

RANDOM = Service(
    resources=rows.RESOURCES,
)
