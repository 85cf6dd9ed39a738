"""The sandbox's part of Systems Manager."""

from workbench.sandbox.making.tagging import add_tags_to_resource
from workbench.sandbox.service import Service
from workbench.sandbox.ssm import reads, rows

SSM = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    functions=rows.FUNCTIONS,
    tagging={"ssm": add_tags_to_resource("ResourceId", "id", {"ResourceType": "Parameter"})},
    supplement="workbench.sandbox.ssm.supplement",
)
