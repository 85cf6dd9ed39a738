"""Rules for instances and their volumes."""

import re
from collections.abc import Iterator
from typing import Any

from workbench.review.rules.model import Resource, Rule, Severity, Stack, is_unknown, requires, requires_set, shown

INSTANCE = "aws:ec2/instance:Instance"
VOLUME = "aws:ebs/volume:Volume"

_PARAVIRTUAL = r"(t1|m1|m2|m3|c1|c3|cc2|cr1|hi1|hs1|g2|cg1)\."
"""Families that EC2.24 names, and the previous generation's beside them."""
_LOOKS_SECRET = {
    "an access key id": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a password": r"(?i)\b[a-z_]*(password|passwd|secret_access_key)\s*[:=]\s*[^\s$\"'{]\S*",
}


def _public_address(instance: Resource, stack: Stack) -> Iterator[str]:
    if instance.value("associatePublicIpAddress") is True:
        yield "associatePublicIpAddress: true; allowed: false or not set"
    for type_ in ("aws:ec2/eipAssociation:EipAssociation", "aws:ec2/eip:Eip"):
        yield from (f"{address.name} gives it an Elastic IP" for address in stack.using(instance, type_))


def _block_devices(instance: Resource) -> Iterator[str]:
    root = instance.value("rootBlockDevice.encrypted")
    if root is not True and not is_unknown(root):
        yield f"rootBlockDevice.encrypted: {shown(root)}; allowed: true"
    for device in instance.items("ebsBlockDevices"):
        if device.get("encrypted") is not True:
            yield f"ebsBlockDevices {device.get('deviceName')}: not encrypted"


def _snapshots(volume: Resource, stack: Stack) -> Iterator[str]:
    tags: Any = volume.value("tags") or {}
    policies = list(stack.of_types(["aws:dlm/lifecyclePolicy:LifecyclePolicy"]))
    wanted: list[Any] = [
        policy.value("policyDetails.targetTags") or {}
        for policy in policies
        if policy.value("state") in ("ENABLED", None) or is_unknown(policy.value("state"))
    ]
    if any(is_unknown(value) for value in (tags, *wanted)):
        return
    if not any(target and target.items() <= tags.items() for target in wanted):
        yield "no enabled aws:dlm/lifecyclePolicy:LifecyclePolicy has its tags as target"


def _user_data(instance: Resource) -> Iterator[str]:
    text = f"{instance.value('userData') or ''}"
    yield from (f"userData: holds {what}" for what, pattern in _LOOKS_SECRET.items() if re.search(pattern, text))


def _instance_type(instance: Resource) -> Iterator[str]:
    type_ = instance.value("instanceType")
    if re.match(_PARAVIRTUAL, f"{type_}"):
        yield f"instanceType: {shown(type_)}; allowed: a current family, which virtualises in hardware"


def _hop_limit(instance: Resource) -> Iterator[str]:
    limit = instance.value("metadataOptions.httpPutResponseHopLimit")
    if limit not in (1, None) and not is_unknown(limit):
        yield f"metadataOptions.httpPutResponseHopLimit: {shown(limit)}; allowed: 1 or not set"


RULES = (
    Rule(
        id="instance-imdsv2",
        title="An instance's metadata service wants session tokens (IMDSv2)",
        controls=("EC2.8", "CIS 5.6"),
        severity=Severity.HIGH,
        remediation='Set metadata_options with http_tokens "required".',
        types=(INSTANCE,),
        check=requires("metadataOptions.httpTokens", "required"),
    ),
    Rule(
        id="instance-metadata-stays-on-host",
        title="An instance's metadata service does not answer containers",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Set http_put_response_hop_limit to 1: a container is one hop further away.",
        types=(INSTANCE,),
        check=_hop_limit,
    ),
    Rule(
        id="instance-no-public-address",
        title="An instance has no public address",
        controls=("EC2.9",),
        severity=Severity.HIGH,
        remediation="Put it into a private subnet, behind a balancer or the VPN.",
        types=(INSTANCE,),
        check_in_stack=_public_address,
    ),
    Rule(
        id="instance-volumes-encrypted",
        title="An instance's own volumes are encrypted",
        controls=("EC2.3", "CIS 2.2.1"),
        severity=Severity.MEDIUM,
        remediation="Set encrypted in root_block_device and in each of ebs_block_devices.",
        types=(INSTANCE,),
        check=_block_devices,
    ),
    Rule(
        id="instance-managed",
        title="An instance can be managed by Systems Manager",
        controls=("SSM.1",),
        severity=Severity.MEDIUM,
        remediation="Give it an instance profile whose role may open sessions.",
        types=(INSTANCE,),
        check=requires_set("iamInstanceProfile"),
    ),
    Rule(
        id="instance-checks-source-and-destination",
        title="An instance takes only traffic that is meant for it",
        controls=("EC2.180",),
        severity=Severity.MEDIUM,
        remediation="Leave source_dest_check on; a router masquerades, or is excepted.",
        types=(INSTANCE,),
        check=requires("sourceDestCheck", True, None),
    ),
    Rule(
        id="instance-type-current",
        title="An instance is of a type that virtualises in hardware",
        controls=("EC2.24",),
        severity=Severity.MEDIUM,
        remediation="Take a current family, e.g. t3 or t4g.",
        types=(INSTANCE,),
        check=_instance_type,
    ),
    Rule(
        id="user-data-holds-no-secret",
        title="User data holds no secret",
        controls=(),
        severity=Severity.CRITICAL,
        remediation="Let the host fetch it from Secrets Manager: all who may describe instances can read user data.",
        types=(INSTANCE,),
        check=_user_data,
    ),
    Rule(
        id="volume-encrypted",
        title="A volume is encrypted",
        controls=("EC2.3", "CIS 2.2.1"),
        severity=Severity.MEDIUM,
        remediation="Set encrypted when the volume is made; later it takes a snapshot and a copy.",
        types=(VOLUME,),
        check=requires("encrypted", True),
    ),
    Rule(
        id="volume-snapshots",
        title="A volume is backed up",
        controls=("EC2.28",),
        severity=Severity.LOW,
        remediation="Let an aws.dlm.LifecyclePolicy have the volume's tags as target.",
        types=(VOLUME,),
        check_in_stack=_snapshots,
    ),
)
