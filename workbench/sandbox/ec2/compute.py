"""Instances, their keys and their volumes."""

import base64
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from workbench.sandbox.ec2.network import ec2_arn, specification
from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.table import AutoName, Delete, Outputs, Parameters, ResourceRow, Row, Update
from workbench.sandbox.making.tagging import create_tags

ROOT_DEVICE_NAME = "/dev/xvda"
"""The root volume's device name in Amazon Linux, and in every image that the server makes known."""


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
    # A root volume goes with its instance unless told otherwise: the provider's default.
    ebs = {"DeleteOnTermination": True, **_api_members({key: device[key] for key in device if key != "tags"})}
    return {"BlockDeviceMappings": [{"DeviceName": ROOT_DEVICE_NAME, "Ebs": ebs}]}


def _tag_root_volume(made: Made, device: Any) -> None:
    volume_ids = [mapping["Ebs"]["VolumeId"] for mapping in made.result["BlockDeviceMappings"]]
    _tag(made, volume_ids, {**made.default_tags, **device.get("tags", {})})


def _tag(made: Made, resource_ids: list[str], tags: Mapping[str, str]) -> None:
    if tags:
        made.call(
            "create_tags", Resources=resource_ids, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
        )


def _instance_attribute(member: str) -> Callable[[Made, Any], None]:
    def modify(made: Made, value: Any) -> None:
        made.call("modify_instance_attribute", InstanceId=made.id, **{member: {"Value": value}})

    return modify


def _decoded_user_data(_: Making, value: Any) -> Parameters:
    return {"UserData": base64.b64decode(value)}


def _change_security_groups(existing: Existing, group_ids: Any) -> None:
    # An instance always has a group: the provider leaves those that the program no longer names.
    if group_ids is not None:
        existing.call("modify_instance_attribute", InstanceId=existing.id, Groups=group_ids)


def _change_instance_profile(existing: Existing, name: Any) -> None:
    filters = [{"Name": "instance-id", "Values": [existing.id]}]
    present = existing.call("describe_iam_instance_profile_associations", Filters=filters)
    # Not replaced in one call: moto then shows the old profile on the instance.
    for association in present["IamInstanceProfileAssociations"]:
        existing.call("disassociate_iam_instance_profile", AssociationId=association["AssociationId"])
    if name is not None:
        existing.call("associate_iam_instance_profile", InstanceId=existing.id, IamInstanceProfile={"Name": name})


def _change_metadata_options(existing: Existing, options: Any) -> None:
    if options is not None:
        existing.call("modify_instance_metadata_options", InstanceId=existing.id, **_api_members(options))


def _change_maintenance_options(existing: Existing, options: Any) -> None:
    if options is not None:
        existing.call("modify_instance_maintenance_options", InstanceId=existing.id, **_api_members(options))


def _change_credits(existing: Existing, specification: Any) -> None:
    if specification is not None:
        change = {"InstanceId": existing.id, "CpuCredits": specification["cpuCredits"]}
        existing.call("modify_instance_credit_specification", InstanceCreditSpecifications=[change])


def _api_members(structure: Mapping[str, Any]) -> dict[str, Any]:
    return {key[0].upper() + key[1:]: value for key, value in structure.items()}


def _while_stopped(member: str, convert: Callable[[Any], Any]) -> Callable[[Existing, Any], Outputs]:
    """Return a function that changes what AWS lets only a stopped instance change.

    User data goes out in base64 although boto3 encodes it again: moto decodes it twice.
    """

    def modify(existing: Existing, value: Any) -> Outputs:
        existing.call("stop_instances", InstanceIds=[existing.id])
        existing.call("modify_instance_attribute", InstanceId=existing.id, **{member: {"Value": convert(value)}})
        existing.call("start_instances", InstanceIds=[existing.id])
        instance = _described(existing)
        # A public address that is not an Elastic IP does not outlive a stop.
        return {
            "publicIp": instance.get("PublicIpAddress", ""),
            "publicDns": instance.get("PublicDnsName", ""),
            "instanceState": instance["State"]["Name"],
        }

    return modify


def _described(existing: Existing) -> Mapping[str, Any]:
    return existing.call("describe_instances", InstanceIds=[existing.id])["Reservations"][0]["Instances"][0]


_ROOT_VOLUME_MEMBERS: Mapping[str, str] = {
    "volumeSize": "Size",
    "volumeType": "VolumeType",
    "iops": "Iops",
    "throughput": "Throughput",
}


def _change_root_volume(existing: Existing, device: Any) -> None:
    # Without an input the provider leaves the volume as it is.
    new: Mapping[str, Any] = device or {}
    old: Mapping[str, Any] = existing.old_inputs.get("rootBlockDevice") or {}
    (mapping,) = (
        mapping for mapping in _described(existing)["BlockDeviceMappings"] if mapping["DeviceName"] == ROOT_DEVICE_NAME
    )
    volume_id = mapping["Ebs"]["VolumeId"]
    changes = {
        member: new[key] for key, member in _ROOT_VOLUME_MEMBERS.items() if key in new and new[key] != old.get(key)
    }
    if changes:
        existing.call("modify_volume", VolumeId=volume_id, **changes)
    gone = [{"Key": key} for key in old.get("tags", {}) if key not in {**existing.default_tags, **new.get("tags", {})}]
    if gone:
        existing.call("delete_tags", Resources=[volume_id], Tags=gone)
    _tag(existing, [volume_id], {**existing.default_tags, **new.get("tags", {})})


def _terminate(existing: Existing) -> None:
    if existing.inputs.get("forceDestroy"):
        existing.call("modify_instance_attribute", InstanceId=existing.id, DisableApiTermination={"Value": False})
    existing.call("terminate_instances", InstanceIds=[existing.id])


def _attachment_id(made: Made) -> str:
    inputs = made.inputs
    # The provider's own form: a CRC-32 of what is attached to what.
    parts = f"{inputs['deviceName']}-{inputs['instanceId']}-{inputs['volumeId']}-"
    return f"vai-{zlib.crc32(parts.encode())}"


def _delete_volume(existing: Existing) -> None:
    if existing.inputs.get("finalSnapshot"):
        tags = [{"Key": key, "Value": value} for key, value in existing.tags.items()]
        existing.call(
            "create_snapshot",
            VolumeId=existing.id,
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}] if tags else [],
        )
    existing.call("delete_volume", VolumeId=existing.id)


def _detach_volume(existing: Existing) -> None:
    inputs = existing.inputs
    if inputs.get("skipDestroy"):
        return
    if inputs.get("stopInstanceBeforeDetaching"):
        existing.call("stop_instances", InstanceIds=[inputs["instanceId"]])
    existing.call(
        "detach_volume",
        VolumeId=inputs["volumeId"],
        InstanceId=inputs["instanceId"],
        Device=inputs["deviceName"],
        Force=inputs.get("forceDetach", False),
    )


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ec2/keyPair:KeyPair": Row(
        service="ec2",
        operation="import_key_pair",
        id="KeyName",
        renames={"publicKey": "PublicKeyMaterial"},
        name=AutoName(property="keyName", prefix_property="keyNamePrefix"),
        tags=specification("key-pair"),
        # The id of a key pair is its name.
        tag_change=create_tags("keyPairId"),
        outputs={"arn": ec2_arn("key-pair"), "fingerprint": "KeyFingerprint"},
        delete=Delete(operation="delete_key_pair", parameters={"KeyName": "id"}),
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
        dropped={
            "forceDestroy": "only says what a deletion does first",
            "userDataReplaceOnChange": "only says what a later change of the user data does",
        },
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
        delete=_terminate,
        update={
            "creditSpecification": _change_credits,
            "iamInstanceProfile": _change_instance_profile,
            "instanceType": _while_stopped("InstanceType", str),
            "maintenanceOptions": _change_maintenance_options,
            "metadataOptions": _change_metadata_options,
            "rootBlockDevice": _change_root_volume,
            "userData": _while_stopped("UserData", lambda text: base64.b64encode((text or "").encode())),
            "userDataBase64": _while_stopped("UserData", lambda encoded: (encoded or "").encode()),
            "vpcSecurityGroupIds": _change_security_groups,
        },
        not_emulated=(
            "Instances never boot: user data is kept and not run; no SSH, Session Manager or WireGuard answers.",
            "Any AMI id of the right form is taken: AWS's catalogue of images is not at hand.",
            "A terminated instance stays listed as terminated; AWS drops it after an hour.",
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
        delete=_delete_volume,
        update=dict.fromkeys(
            ("iops", "size", "throughput", "type"), Update(operation="modify_volume", parameters={"VolumeId": "id"})
        ),
    ),
    "aws:ec2/volumeAttachment:VolumeAttachment": Row(
        service="ec2",
        operation="attach_volume",
        id=_attachment_id,
        import_id="{deviceName}:{volumeId}:{instanceId}",
        renames={"deviceName": "Device"},
        dropped={
            "forceDetach": "only says how a deletion detaches",
            "skipDestroy": "only says whether a deletion detaches",
            "stopInstanceBeforeDetaching": "only says what a deletion does first",
        },
        delete=_detach_volume,
    ),
}
