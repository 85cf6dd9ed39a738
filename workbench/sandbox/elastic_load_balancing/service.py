"""The sandbox's part of Elastic Load Balancing."""

from workbench.sandbox.elastic_load_balancing import reads, rows
from workbench.sandbox.making.tagging import TagOperations
from workbench.sandbox.service import Service

ELASTIC_LOAD_BALANCING = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"elbv2": TagOperations(put="add_tags", take_off="remove_tags", member="ResourceArns")},
    supplement="workbench.sandbox.elastic_load_balancing.supplement",
)
