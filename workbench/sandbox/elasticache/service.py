"""The sandbox's part of ElastiCache."""

from workbench.sandbox.elasticache import reads, rows
from workbench.sandbox.making.tagging import add_tags_to_resource
from workbench.sandbox.service import Service

ELASTICACHE = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"elasticache": add_tags_to_resource("ResourceName", "arn")},
    supplement="workbench.sandbox.elasticache.supplement",
)
