"""The readings of what EC2 makes: networks, security groups, hosts."""

import base64
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jmespath

from workbench.sandbox.ec2.compute import ROOT_DEVICE_NAME
from workbench.sandbox.ec2.network import vpc_defaults
from workbench.sandbox.making.answers import name_prefix, or_empty
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _of(thing: str, member: str, **more: Any) -> Read:
    """Return the reading of what ``describe_<thing>`` lists under the member, e.g. ``Vpcs`` by ``VpcIds``."""
    return Read(operation=f"describe_{thing}", parameters={f"{member[:-1]}Ids": "id"}, result=f"{member}[0]", **more)


def _vpc_attribute(name: str) -> Callable[[Existing], bool]:
    def read(existing: Existing) -> bool:
        answer = existing.call("describe_vpc_attribute", VpcId=existing.id, Attribute=name[0].lower() + name[1:])
        return answer[name]["Value"]

    return read


def _address(existing: Existing) -> Any:
    addresses: Sequence[Mapping[str, Any]] = existing.result["Addresses"]
    return next((one for one in addresses if one.get("AssociationId") == existing.id), None)


_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}


def _destination(route: Mapping[str, Any]) -> str:
    return next((route[member] for member in _DESTINATIONS.values() if member in route), "")


def _route(existing: Existing) -> Any:
    known = existing.outputs
    wanted = next((known[name] for name in ("destination", *_DESTINATIONS) if known.get(name)), None)
    routes: list[Mapping[str, Any]] = jmespath.search("RouteTables[0].Routes", existing.result) or []
    return next((route for route in routes if _destination(route) == wanted), None)


def _route_id(existing: Existing) -> str:
    return f"r-{existing.outputs['routeTableId']}{zlib.crc32(_destination(existing.result).encode())}"


def _route_gateway(existing: Existing) -> str:
    return existing.result.get("GatewayId", "")


def _association(existing: Existing) -> Any:
    """Return the association of the subnet or the gateway, with whatever table it is now."""
    peer = (existing.outputs.get("subnetId"), existing.outputs.get("gatewayId"))
    associations: list[Mapping[str, Any]] = jmespath.search("RouteTables[].Associations[]", existing.result) or []
    return next((one for one in associations if (one.get("SubnetId"), one.get("GatewayId")) == peer), None)


def _flow_log_destination(existing: Existing) -> str | None:
    group: str | None = existing.result.get("LogGroupName")
    return existing.result.get("LogDestination") if group is None else existing.arn("logs", f"log-group:{group}")


def _rules(member: str) -> Callable[[Existing], list[dict[str, Any]]]:
    """Return a source for a group's rules in the provider's inline form."""

    def read(existing: Existing) -> list[dict[str, Any]]:
        return [_inline(permission, existing.id) for permission in existing.result.get(member, ())]

    return read


def _inline(permission: Mapping[str, Any], group_id: str) -> dict[str, Any]:
    groups = [pair["GroupId"] for pair in permission.get("UserIdGroupPairs", ())]
    peers = {
        "cidrBlocks": [one["CidrIp"] for one in permission.get("IpRanges", ())],
        "ipv6CidrBlocks": [one["CidrIpv6"] for one in permission.get("Ipv6Ranges", ())],
        "prefixListIds": [one["PrefixListId"] for one in permission.get("PrefixListIds", ())],
        "securityGroups": [group for group in groups if group != group_id],
    }
    return {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort", 0),
        "toPort": permission.get("ToPort", 0),
        "self": group_id in groups,
        **{name: found for name, found in peers.items() if found},
    }


def _port(member: str) -> Callable[[Existing], int | None]:
    # A rule for every protocol has no ports.
    return lambda existing: None if existing.result["IpProtocol"] == "-1" else existing.result.get(member)


def _instance_attribute(name: str, path: str) -> Callable[[Existing], Any]:
    def read(existing: Existing) -> Any:
        answer = existing.call("describe_instance_attribute", InstanceId=existing.id, Attribute=name)
        return jmespath.search(path, answer)

    return read


def _user_data(existing: Existing) -> str | None:
    encoded = _instance_attribute("userData", "UserData.Value")(existing)
    return None if encoded is None else base64.b64decode(encoded).decode(errors="replace")


def _instance_profile(existing: Existing) -> str:
    return jmespath.search("IamInstanceProfile.Arn", existing.result).rpartition("/")[2]


def _credits(existing: Existing) -> dict[str, str] | None:
    answer = existing.call("describe_instance_credit_specifications", InstanceIds=[existing.id])
    found: str | None = jmespath.search("InstanceCreditSpecifications[0].CpuCredits", answer)
    return None if found is None else {"cpuCredits": found}


def _root_volume(existing: Existing) -> dict[str, Any] | None:
    # moto says /dev/sda1 of every image.
    devices = (existing.result["RootDeviceName"], ROOT_DEVICE_NAME)
    mappings = existing.result.get("BlockDeviceMappings", ())
    volume_ids = [one["Ebs"]["VolumeId"] for one in mappings if one["DeviceName"] in devices]
    if not volume_ids:
        return None
    (volume,) = existing.call("describe_volumes", VolumeIds=volume_ids)["Volumes"]
    return {
        "volumeSize": volume["Size"],
        "volumeType": volume["VolumeType"],
        "encrypted": volume["Encrypted"],
        **({"iops": volume["Iops"]} if volume.get("Iops") else {}),
        **({"throughput": volume["Throughput"]} if volume.get("Throughput") else {}),
    }


def _attachment(existing: Existing) -> Any:
    wanted = existing.outputs["instanceId"]
    attachments: list[Mapping[str, Any]] = jmespath.search("Volumes[].Attachments[]", existing.result) or []
    return next((one for one in attachments if one["InstanceId"] == wanted), None)


def _attachment_id(existing: Existing) -> str:
    parts = f"{existing.result['Device']}-{existing.result['InstanceId']}-{existing.result['VolumeId']}-"
    return f"vai-{zlib.crc32(parts.encode())}"


_RULE = Read(
    operation="describe_security_group_rules",
    parameters={"SecurityGroupRuleIds": "id"},
    result="SecurityGroupRules[0]",
    named={
        "securityGroupId": "GroupId",
        "securityGroupRuleId": "SecurityGroupRuleId",
        "fromPort": _port("FromPort"),
        "toPort": _port("ToPort"),
        "description": or_empty("Description"),
        "cidrIpv4": or_empty("CidrIpv4"),
        "cidrIpv6": or_empty("CidrIpv6"),
        "prefixListId": or_empty("PrefixListId"),
        "referencedSecurityGroupId": or_empty("ReferencedGroupInfo.GroupId"),
    },
    outputs={"arn": lambda existing: existing.arn("ec2", f"security-group-rule/{existing.id}")},
)

_INLINE_RULES = {"ingress": _rules("IpPermissions"), "egress": _rules("IpPermissionsEgress")}

READS: Mapping[str, Read] = {
    "aws:ec2/vpc:Vpc": _of(
        "vpcs",
        "Vpcs",
        named={
            "enableDnsSupport": _vpc_attribute("EnableDnsSupport"),
            "enableDnsHostnames": _vpc_attribute("EnableDnsHostnames"),
        },
        defaults={"instanceTenancy": "default", "enableDnsSupport": True},
        finish=vpc_defaults,
    ),
    "aws:ec2/subnet:Subnet": _of("subnets", "Subnets"),
    "aws:ec2/internetGateway:InternetGateway": _of(
        "internet_gateways", "InternetGateways", named={"vpcId": or_empty("Attachments[0].VpcId")}
    ),
    "aws:ec2/eip:Eip": Read(
        operation="describe_addresses",
        parameters={"AllocationIds": "id"},
        result="Addresses[0]",
        named={"instance": "InstanceId", "networkInterface": "NetworkInterfaceId", "privateIp": "PrivateIpAddress"},
    ),
    "aws:ec2/eipAssociation:EipAssociation": Read(operation="describe_addresses", parameters={}, result=_address),
    "aws:ec2/natGateway:NatGateway": Read(
        operation="describe_nat_gateways",
        parameters={"NatGatewayIds": "id"},
        result="NatGateways[?State != 'deleted'] | [0]",
        named={
            "allocationId": "NatGatewayAddresses[0].AllocationId",
            "publicIp": "NatGatewayAddresses[0].PublicIp",
            "privateIp": "NatGatewayAddresses[0].PrivateIp",
            "networkInterfaceId": "NatGatewayAddresses[0].NetworkInterfaceId",
            "associationId": "NatGatewayAddresses[0].AssociationId",
        },
        defaults={"connectivityType": "public"},
    ),
    "aws:ec2/routeTable:RouteTable": _of("route_tables", "RouteTables", unread=("routes", "propagatingVgws")),
    "aws:ec2/route:Route": Read(
        operation="describe_route_tables",
        parameters={"RouteTableIds": "routeTableId"},
        result=_route,
        id=_route_id,
        named={
            "routeTableId": lambda existing: existing.outputs["routeTableId"],
            # The kind of its target may have changed.
            "gatewayId": _route_gateway,
            "natGatewayId": or_empty("NatGatewayId"),
        },
        unread=("instanceId", "instanceOwnerId"),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Read(
        operation="describe_route_tables", parameters={}, result=_association, id="RouteTableAssociationId"
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Read(
        operation="describe_vpc_endpoints",
        parameters={"VpcEndpointIds": "id"},
        result="VpcEndpoints[?State != 'deleted'] | [0]",
        named={"securityGroupIds": "Groups[].GroupId"},
    ),
    "aws:ec2/flowLog:FlowLog": Read(
        operation="describe_flow_logs",
        parameters={"FlowLogIds": "id"},
        result="FlowLogs[0]",
        named={
            "vpcId": lambda existing: _resource(existing, "vpc-"),
            "subnetId": lambda existing: _resource(existing, "subnet-"),
            "logDestination": _flow_log_destination,
        },
        defaults={"maxAggregationInterval": 600},
    ),
    "aws:ec2/securityGroup:SecurityGroup": Read(
        operation="describe_security_groups",
        parameters={"GroupIds": "id"},
        result="SecurityGroups[0]",
        named={"namePrefix": name_prefix("GroupName"), **_INLINE_RULES},
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Read(
        operation="describe_security_groups",
        parameters={"GroupIds": "id"},
        result="SecurityGroups[0]",
        named={"name": "GroupName", **_INLINE_RULES},
        outputs={"arn": lambda existing: existing.arn("ec2", f"security-group/{existing.id}")},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULE,
    "aws:ec2/keyPair:KeyPair": Read(
        operation="describe_key_pairs",
        parameters={"KeyNames": "id"},
        constants={"IncludePublicKey": True},
        result="KeyPairs[0]",
        named={"publicKey": "PublicKey", "keyNamePrefix": name_prefix("KeyName")},
    ),
    "aws:ec2/instance:Instance": Read(
        operation="describe_instances",
        parameters={"InstanceIds": "id"},
        result="Reservations[0].Instances[?State.Name != 'terminated'] | [0]",
        named={
            "vpcSecurityGroupIds": "SecurityGroups[].GroupId",
            "iamInstanceProfile": _instance_profile,
            "associatePublicIpAddress": "PublicIpAddress != null",
            "creditSpecification": _credits,
            "monitoring": "Monitoring.State == 'enabled'",
            "rootBlockDevice": _root_volume,
            "userData": _user_data,
            "disableApiTermination": _instance_attribute("disableApiTermination", "DisableApiTermination.Value"),
        },
        unread=("ebsBlockDevices", "networkInterfaces", "userDataBase64", "licenseSpecifications"),
        defaults={"sourceDestCheck": True},
    ),
    "aws:ebs/volume:Volume": _of("volumes", "Volumes"),
    "aws:ec2/volumeAttachment:VolumeAttachment": Read(
        operation="describe_volumes", parameters={"VolumeIds": "volumeId"}, result=_attachment, id=_attachment_id
    ),
}


def _resource(existing: Existing, prefix: str) -> str | None:
    found: str = existing.result["ResourceId"]
    return found if found.startswith(prefix) else None
