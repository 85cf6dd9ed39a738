"""EC2: the images that AWS publishes and moto has never heard of; what rules are for; how instances recover."""

import re
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend
from moto.ec2.models.amis import Ami

from zelly_infra.sandbox.supplement.table import Call, Forgotten, Missing, Preparation, members

_IMAGE_ID = re.compile("ami-([0-9a-f]{8}|[0-9a-f]{17})")


def _know_image(call: Call) -> None:
    """Register the image that RunInstances names, as one of Amazon Linux 2023's; a malformed id stays unknown."""
    backend: Any = get_backend("ec2")[call.account_id][call.region]
    image_id = call.parameters.get("ImageId", "")
    if image_id in backend.amis or not _IMAGE_ID.fullmatch(image_id):
        return
    backend.amis[image_id] = Ami(
        backend,
        image_id,
        name="al2023-ami",
        description="Taken as given: which image has this id in AWS is not known here",
        owner_alias="amazon",
        public=True,
        virtualization_type="hvm",
        architecture="x86_64",
        hypervisor="xen",
        root_device_type="ebs",
        root_device_name="/dev/xvda",
        region_name=call.region,
    )


def _rule_description(call: Call) -> Mapping[str, Any]:
    """Return the description that a request gives to all of its rules; moto loses it where the peer is a group."""
    peers = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
    permissions = call.parameters.get("IpPermissions", [])
    descriptions = {
        peer.get("Description") for permission in permissions for kind in peers for peer in permission.get(kind, [])
    }
    description = descriptions.pop() if len(descriptions) == 1 else None
    return {} if description is None else {"Description": description}


MISSING: tuple[Missing, ...] = ()

FORGOTTEN: tuple[Forgotten, ...] = (
    Forgotten(
        service="ec2",
        writes={
            "AuthorizeSecurityGroupIngress": "SecurityGroupRules",
            "AuthorizeSecurityGroupEgress": "SecurityGroupRules",
        },
        reads={"DescribeSecurityGroupRules": "SecurityGroupRules"},
        key="SecurityGroupRuleId",
        remember=_rule_description,
    ),
    Forgotten(
        service="ec2",
        writes={"RunInstances": "Instances"},
        reads={"DescribeInstances": "Reservations[].Instances[]"},
        key="InstanceId",
        remember=members("MaintenanceOptions"),
    ),
)

PREPARATIONS: tuple[Preparation, ...] = (Preparation(service="ec2", operation="RunInstances", prepare=_know_image),)
