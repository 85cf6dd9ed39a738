"""The sandbox's part of EC2 and VPC."""

from workbench.sandbox.ec2 import compute, launch_templates, network, prefix_lists, reads, security
from workbench.sandbox.making.tagging import create_tags
from workbench.sandbox.service import Service

EC2 = Service(
    resources={
        **network.RESOURCES,
        **security.RESOURCES,
        **prefix_lists.RESOURCES,
        **compute.RESOURCES,
        **launch_templates.RESOURCES,
    },
    reads={**reads.READS, **prefix_lists.READS, **launch_templates.READS},
    tagging={"ec2": create_tags("id")},
    supplement="workbench.sandbox.ec2.supplement",
)
