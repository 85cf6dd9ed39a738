"""The sandbox's part of Certificate Manager (ACM)."""

from workbench.sandbox.acm import reads, rows
from workbench.sandbox.making.tagging import TagOperations
from workbench.sandbox.service import Service

ACM = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={
        "acm": TagOperations(
            put="add_tags_to_certificate", take_off="remove_tags_from_certificate", member="CertificateArn"
        )
    },
)
