"""The sandbox's part of ECS."""

from workbench.sandbox.ecs import reads, rows
from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service

ECS = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"ecs": tag_resource("resourceArn", "arn")},
    supplement="workbench.sandbox.ecs.supplement",
)
