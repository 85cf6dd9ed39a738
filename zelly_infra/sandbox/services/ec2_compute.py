"""Instances, their keys and their volumes."""

import base64
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from zelly_infra.sandbox.making import Made, Making
from zelly_infra.sandbox.services.ec2_network import ec2_arn, specification
from zelly_infra.sandbox.table import AutoName, Function, Parameters, ResourceRow, Row

_ROOT_DEVICE_NAME = "/dev/xvda"
"""What Amazon Linux calls its root volume, and every image that the server makes known."""


def _network_interface(making: Making, associate: Any) -> Parameters:
    # The API takes the choice only in an interface's description, which then carries subnet and groups too.
    interface: dict[str, Any] = {"DeviceIndex": 0, "AssociatePublicIpAddress": associate}
    if "subnetId" in making.inputs:
        interface["SubnetId"] = making.inputs["subnetId"]
    if "vpcSecurityGroupIds" in making.inputs:
        interface["Groups"] = making.inputs["vpcSecurityGroupIds"]
    return {"NetworkInterfaces": [interface]}


def _subnet(making: Making, subnet_id: Any) -> Parameters:
    return {} if "associatePublicIpAddress" in making.inputs else {"SubnetId": subnet_id}


def _security_groups(making: Making, group_ids: Any) -> Parameters:
    return {} if "associatePublicIpAddress" in making.inputs else {"SecurityGroupIds": group_ids}


def _groups_of_the_instance(made: Made, _: Any) -> None:
    # AWS shows the groups of the first interface as the instance's own; moto only those it was given for the instance.
    made.call("modify_instance_attribute", InstanceId=made.id, Groups=made.inputs.get("vpcSecurityGroupIds", []))


def _root_block_device(_: Making, device: Any) -> Parameters:
    ebs = {member[0].upper() + member[1:]: value for member, value in device.items() if member != "tags"}
    return {"BlockDeviceMappings": [{"DeviceName": _ROOT_DEVICE_NAME, "Ebs": ebs}]}


def _tag_root_volume(made: Made, device: Any) -> None:
    tags = {**made.default_tags, **device.get("tags", {})}
    volume_ids = [mapping["Ebs"]["VolumeId"] for mapping in made.result["BlockDeviceMappings"]]
    if tags:
        made.call(
            "create_tags", Resources=volume_ids, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
        )


def _instance_attribute(member: str) -> Callable[[Made, Any], None]:
    def modify(made: Made, value: Any) -> None:
        made.call("modify_instance_attribute", InstanceId=made.id, **{member: {"Value": value}})

    return modify


def _decoded_user_data(_: Making, value: Any) -> Parameters:
    return {"UserData": base64.b64decode(value)}


def _attachment_id(made: Made) -> str:
    inputs = made.inputs
    # The provider's own form: a CRC-32 of what is attached to what.
    parts = f"{inputs['deviceName']}-{inputs['instanceId']}-{inputs['volumeId']}-"
    return f"vai-{zlib.crc32(parts.encode())}"


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ec2/keyPair:KeyPair": Row(
        service="ec2",
        operation="import_key_pair",
        id="KeyName",
        renames={"publicKey": "PublicKeyMaterial"},
        name=AutoName(property="keyName", prefix_property="keyNamePrefix"),
        tags=specification("key-pair"),
        outputs={"arn": ec2_arn("key-pair"), "fingerprint": "KeyFingerprint"},
    ),
    "aws:ec2/instance:Instance": Row(
        service="ec2",
        operation="run_instances",
        id="Instances[0].InstanceId",
        result="Instances[0]",
        parameters={"MinCount": 1, "MaxCount": 1},
        renames={
            "ami": "ImageId",
            "availabilityZone": "Placement.AvailabilityZone",
            "tenancy": "Placement.Tenancy",
            "iamInstanceProfile": "IamInstanceProfile.Name",
            "monitoring": "Monitoring.Enabled",
            "privateIp": "PrivateIpAddress",
        },
        into={
            "associatePublicIpAddress": _network_interface,
            "subnetId": _subnet,
            "vpcSecurityGroupIds": _security_groups,
            "rootBlockDevice": _root_block_device,
            "userDataBase64": _decoded_user_data,
        },
        then={
            "associatePublicIpAddress": _groups_of_the_instance,
            "rootBlockDevice": _tag_root_volume,
            # RunInstances takes it too; moto only keeps it from here.
            "disableApiTermination": _instance_attribute("DisableApiTermination"),
            "sourceDestCheck": _instance_attribute("SourceDestCheck"),
        },
        dropped={"userDataReplaceOnChange": "only says what a later change of the user data does"},
        tags=specification("instance"),
        outputs={
            "arn": ec2_arn("instance"),
            "availabilityZone": "Placement.AvailabilityZone",
            "instanceState": "State.Name",
            "primaryNetworkInterfaceId": "NetworkInterfaces[0].NetworkInterfaceId",
            "privateIp": "PrivateIpAddress",
            "privateDns": "PrivateDnsName",
            "publicIp": lambda made: made.result.get("PublicIpAddress", ""),
            "publicDns": lambda made: made.result.get("PublicDnsName", ""),
            "securityGroups": "SecurityGroups[].GroupName",
        },
        not_emulated=(
            "Instances never boot: user data is kept and not run; no SSH, Session Manager or WireGuard answers.",
            "Any AMI id of the right form is taken: AWS's catalogue of images is not at hand.",
        ),
    ),
    "aws:ebs/volume:Volume": Row(
        service="ec2",
        operation="create_volume",
        id="VolumeId",
        renames={"type": "VolumeType"},
        dropped={"finalSnapshot": "only says what a deletion does first"},
        tags=specification("volume"),
        outputs={"arn": ec2_arn("volume")},
    ),
    "aws:ec2/volumeAttachment:VolumeAttachment": Row(
        service="ec2",
        operation="attach_volume",
        id=_attachment_id,
        renames={"deviceName": "Device"},
        dropped={
            "forceDetach": "only says how a deletion detaches",
            "skipDestroy": "only says whether a deletion detaches",
            "stopInstanceBeforeDetaching": "only says what a deletion does first",
        },
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
