"""``module.clickhouse`` and ``module.bastion``, which share one role."""

from collections.abc import Mapping, Sequence
from hashlib import sha1
from typing import Any

from tests.adoption.estate.groups import ANYWHERE, Rule, make_group
from tests.adoption.estate.making import Estate
from tests.adoption.estate.network import Network, make_address
from tests.adoption.estate.roles import make_role
from tests.adoption.estate.state_file import Written
from tests.zelly_infra.facts import BASTION_INSTANCE_TYPE, CLICKHOUSE_PORTS, VPN_CIDR, WIREGUARD_PORT

_IMAGES = {"ap-southeast-1": "ami-0df7a207adb9748c7", "ap-south-1": "ami-0f58b397bc5c1f2e8"}
"""What was the newest image of a Linux in each region when the hosts were made."""
_ADMIN_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkiWhr67TP5T22DORWzz5/NAuX+FDbHyPwu9D4rmUA2 ops@zelly.in"
_OFFICE = "203.0.113.0/24"
_DEVICE = "/dev/sdf"
_ROOT_GIGABYTES = 8
_ROOT_DEVICE = "/dev/xvda"
_ROOT_ASKED = {"VolumeSize": _ROOT_GIGABYTES, "VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True}
_METADATA_ASKED = {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1}
_METADATA_WRITTEN = {
    "http_endpoint": "enabled",
    "http_protocol_ipv6": "disabled",
    "http_put_response_hop_limit": 1,
    "http_tokens": "required",
    "instance_metadata_tags": "disabled",
}
_EVERY_PORT = 65535


def make_clickhouse(estate: Estate, network: Network) -> Written:
    """Make everything of ``module.clickhouse``; return its role."""
    name = f"{estate.prefix}-clickhouse"
    instance_type, gigabytes = estate.facts.clickhouse
    rules = [
        Rule(direction="ingress", port=port, cidrs=(network.vpc["cidr_block"], VPN_CIDR))
        for port in CLICKHOUSE_PORTS.values()
    ]
    rules.append(Rule(direction="egress", port=443, cidrs=(ANYWHERE,)))
    group = make_group(estate, "clickhouse", "aws_security_group.this", f"{name}-sg", rules, vpc=network.vpc)
    role_name = estate.name(f"{estate.prefix}-host", limit=64)
    role = make_role(estate, "clickhouse", "aws_iam_role.this", role_name, "ec2.amazonaws.com")
    profile = _profile(estate, "clickhouse", name, role)
    instance = _instance(
        estate,
        "clickhouse",
        name,
        subnet=network.private[0],
        instance_type=instance_type,
        group=group,
        profile=profile,
        user_data="#!/bin/bash\ndnf install -y docker\nmount /dev/sdf /var/lib/clickhouse\n",
        after=[],
    )
    volume = _volume(estate, f"{name}-data", gigabytes)
    estate.client("ec2").attach_volume(Device=_DEVICE, InstanceId=instance["id"], VolumeId=volume["id"])
    estate.add(
        "clickhouse",
        "aws_volume_attachment.data",
        {
            "id": f"vai-{estate.number()}",
            "device_name": _DEVICE,
            "instance_id": instance["id"],
            "volume_id": volume["id"],
        },
        after=[instance, volume],
    )
    return role


def make_bastion(estate: Estate, network: Network, role: Written) -> Written:
    """Make everything of ``module.bastion``; return its address."""
    name = f"{estate.prefix}-bastion"
    key_pair = _key_pair(estate, estate.name(name))
    address = make_address(estate, "bastion", "aws_eip.this", name, after=[network.internet_gateway])
    rules = [
        Rule(direction="ingress", port=22, cidrs=(_OFFICE,), description="SSH from the office"),
        Rule(direction="ingress", protocol="udp", port=WIREGUARD_PORT, cidrs=(ANYWHERE,), description="WireGuard"),
        Rule(direction="egress", port=443, cidrs=(ANYWHERE,)),
        Rule(direction="egress", port=0, to_port=_EVERY_PORT, cidrs=(network.vpc["cidr_block"],)),
    ]
    group = make_group(estate, "bastion", "aws_security_group.this", f"{name}-sg", rules, vpc=network.vpc)
    profile = _profile(estate, "bastion", name, role)
    instance = _instance(
        estate,
        "bastion",
        name,
        subnet=network.public[0],
        instance_type=BASTION_INSTANCE_TYPE,
        group=group,
        profile=profile,
        user_data="#!/bin/bash\ndnf install -y wireguard-tools\n",
        key_name=key_pair["key_name"],
        after=[key_pair],
    )
    made = estate.client("ec2").associate_address(AllocationId=address["id"], InstanceId=instance["id"])
    estate.add(
        "bastion",
        "aws_eip_association.this",
        {
            "id": made["AssociationId"],
            "allocation_id": address["id"],
            "instance_id": instance["id"],
            "network_interface_id": instance["primary_network_interface_id"],
            "private_ip_address": instance["private_ip"],
            "public_ip": address["public_ip"],
        },
        after=[instance, address],
    )
    return address


def _profile(estate: Estate, module: str, name: str, role: Written) -> Written:
    name = estate.name(name, limit=64)
    iam = estate.client("iam")
    made = iam.create_instance_profile(InstanceProfileName=name, Tags=estate.tag_list())["InstanceProfile"]
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role["name"])
    return estate.add(
        module,
        "aws_iam_instance_profile.this",
        {
            "id": name,
            "arn": made["Arn"],
            "create_date": made["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "name": name,
            "name_prefix": estate.name_prefix(name) or "",
            "role": role["name"],
            "unique_id": made["InstanceProfileId"],
            **estate.tags(),
        },
        after=[role],
    )


def _key_pair(estate: Estate, name: str) -> Written:
    made = estate.client("ec2").import_key_pair(
        KeyName=name, PublicKeyMaterial=_ADMIN_KEY.encode(), TagSpecifications=estate.tag_specification("key-pair")
    )
    return estate.add(
        "bastion",
        "aws_key_pair.this",
        {
            "id": name,
            "arn": estate.arn("ec2", f"key-pair/{name}"),
            "fingerprint": made["KeyFingerprint"],
            "key_name": name,
            "key_name_prefix": estate.name_prefix(name) or "",
            "key_pair_id": made["KeyPairId"],
            "key_type": "ed25519",
            "public_key": _ADMIN_KEY,
            **estate.tags(),
        },
    )


def _volume(estate: Estate, name: str, gigabytes: int) -> Written:
    made = estate.client("ec2").create_volume(
        AvailabilityZone=estate.zones[0],
        Size=gigabytes,
        VolumeType="gp3",
        Encrypted=True,
        TagSpecifications=estate.tag_specification("volume", name),
    )
    return estate.add(
        "clickhouse",
        "aws_ebs_volume.data",
        {
            "id": made["VolumeId"],
            "arn": estate.arn("ec2", f"volume/{made['VolumeId']}"),
            "availability_zone": estate.zones[0],
            "create_time": made["CreateTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "encrypted": True,
            "iops": 3000,
            "kms_key_id": estate.key_arn(),
            "size": gigabytes,
            "throughput": 125,
            "type": "gp3",
            **estate.tags(name),
        },
    )


def _instance(
    estate: Estate,
    module: str,
    name: str,
    *,
    subnet: Written,
    instance_type: str,
    group: Written,
    profile: Written,
    user_data: str,
    after: Sequence[Written],
    key_name: str = "",
) -> Written:
    made = _run(estate, name, subnet, group, InstanceType=instance_type, UserData=user_data, **_with(profile, key_name))
    return estate.add(
        module,
        "aws_instance.this",
        {
            "id": made["InstanceId"],
            "ami": made["ImageId"],
            "arn": estate.arn("ec2", f"instance/{made['InstanceId']}"),
            "associate_public_ip_address": subnet["map_public_ip_on_launch"],
            "availability_zone": subnet["availability_zone"],
            "iam_instance_profile": profile["name"],
            "instance_type": instance_type,
            "key_name": key_name,
            "metadata_options": [_METADATA_WRITTEN],
            "primary_network_interface_id": made["NetworkInterfaces"][0]["NetworkInterfaceId"],
            "private_dns": made["PrivateDnsName"],
            "private_ip": made["PrivateIpAddress"],
            "public_dns": made.get("PublicDnsName", ""),
            "public_ip": made.get("PublicIpAddress", ""),
            "root_block_device": [_root_volume(estate, made)],
            "subnet_id": subnet["id"],
            # The provider keeps a digest of it alone.
            "user_data": sha1(user_data.encode(), usedforsecurity=False).hexdigest(),
            "vpc_security_group_ids": [group["id"]],
            **estate.tags(name),
        },
        after=[subnet, group, profile, *after],
    )


def _with(profile: Written, key_name: str) -> Mapping[str, Any]:
    return {"IamInstanceProfile": {"Name": profile["name"]}, **({"KeyName": key_name} if key_name else {})}


def _run(estate: Estate, name: str, subnet: Written, group: Written, **asked: Any) -> Mapping[str, Any]:
    return estate.client("ec2").run_instances(
        ImageId=_IMAGES[estate.region],
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet["id"],
        SecurityGroupIds=[group["id"]],
        MetadataOptions=_METADATA_ASKED,
        BlockDeviceMappings=[{"DeviceName": _ROOT_DEVICE, "Ebs": _ROOT_ASKED}],
        TagSpecifications=estate.tag_specification("instance", name),
        **asked,
    )["Instances"][0]


def _root_volume(estate: Estate, instance: Mapping[str, Any]) -> Mapping[str, Any]:
    (attached,) = (each for each in instance["BlockDeviceMappings"] if each["DeviceName"] == _ROOT_DEVICE)
    return {
        "delete_on_termination": True,
        "device_name": _ROOT_DEVICE,
        "encrypted": True,
        "iops": 3000,
        "kms_key_id": estate.key_arn(),
        "tags": {},
        "tags_all": {},
        "throughput": 125,
        "volume_id": attached["Ebs"]["VolumeId"],
        "volume_size": _ROOT_GIGABYTES,
        "volume_type": "gp3",
    }
