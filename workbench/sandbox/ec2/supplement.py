"""EC2: images that moto has never heard of, and changes of rules, instances, endpoints and volumes that it loses."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend
from moto.ec2.models.amis import Ami

from workbench.sandbox.ec2 import account, template_supplement
from workbench.sandbox.server.limits import limited
from workbench.sandbox.server.state import change
from workbench.sandbox.server.table import (
    Call,
    Consequence,
    Forgotten,
    Missing,
    Preparation,
    RefusalError,
    Supplement,
    members,
)
from zelly_components.limits import sizes as limits

_IMAGE_ID = re.compile("ami-([0-9a-f]{8}|[0-9a-f]{17})")


def _know_image(call: Call) -> None:
    """Register the image that RunInstances names, as one of Amazon Linux 2023's; a malformed id stays unknown."""
    backend = _ec2(call)
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


_RULE_DESCRIPTIONS = Forgotten(
    service="ec2",
    creates={
        "AuthorizeSecurityGroupIngress": "SecurityGroupRules",
        "AuthorizeSecurityGroupEgress": "SecurityGroupRules",
    },
    reads={"DescribeSecurityGroupRules": "SecurityGroupRules"},
    key="SecurityGroupRuleId",
    remember=_rule_description,
)
_MAINTENANCE_OPTIONS = Forgotten(
    service="ec2",
    creates={"RunInstances": "Instances"},
    reads={"DescribeInstances": "Reservations[].Instances[]"},
    key="InstanceId",
    remember=members("MaintenanceOptions"),
)


def _credits(call: Call) -> Mapping[str, Any]:
    specification = call.parameters.get("CreditSpecification", {})
    return {"CpuCredits": specification["CpuCredits"]} if "CpuCredits" in specification else {}


_CREDITS = Forgotten(
    service="ec2",
    creates={"RunInstances": "Instances"},
    reads={"DescribeInstanceCreditSpecifications": "InstanceCreditSpecifications"},
    key="InstanceId",
    remember=_credits,
)


def _modify_credits(call: Call) -> Mapping[str, Any]:
    known = {instance.id for instance in _ec2(call).all_instances()}
    kept = call.kept(_CREDITS.kind)
    changed: list[dict[str, str]] = []
    for specification in call.parameters["InstanceCreditSpecifications"]:
        instance_id = specification["InstanceId"]
        if instance_id not in known:
            raise RefusalError("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")
        kept[instance_id] = {"CpuCredits": specification["CpuCredits"]}
        changed.append({"InstanceId": instance_id})
    return {"SuccessfulInstanceCreditSpecifications": changed, "UnsuccessfulInstanceCreditSpecifications": []}


def _modify_rules(call: Call) -> Mapping[str, Any]:
    """Change rules as a whole; moto leaves a rule's peer as it is unless that is an IPv4 range."""
    group = _security_group(call, call.parameters["GroupId"])
    descriptions = call.kept(_RULE_DESCRIPTIONS.kind)
    for asked in call.parameters["SecurityGroupRules"]:
        rule_id, new = asked["SecurityGroupRuleId"], asked["SecurityGroupRule"]
        rule = group.get_rule(rule_id)
        if rule is None:
            message = f"The security group rule ID '{rule_id}' does not exist"
            raise RefusalError("InvalidSecurityGroupRuleId.NotFound", message)
        _change_rule(call, rule, new)
        descriptions[rule_id] = {"Description": new["Description"]} if "Description" in new else {}
    return {"Return": True}


def _change_rule(call: Call, rule: Any, new: Mapping[str, Any]) -> None:
    kinds = ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")
    given = [kind for kind in kinds if kind in new]
    present = [
        kind
        for kind, peer in zip(
            kinds, (rule.cidr_ipv4, rule.cidr_ipv6, rule.prefix_list_id, rule.source_group), strict=True
        )
        if peer
    ]
    if given != present:
        raise RefusalError(
            "InvalidParameterValue",
            f"Invalid rule type for security group rule '{rule.id}'. "
            f"You may not specify {' and '.join(given) or 'nothing'} for an existing {present[0]} rule.",
        )
    if "ReferencedGroupId" in new:
        _security_group(call, new["ReferencedGroupId"])
    ranges = {"CidrIp": new.get("CidrIpv4"), "CidrIpv6": new.get("CidrIpv6"), "Description": new.get("Description")}
    change(
        rule,
        ip_protocol=new["IpProtocol"],
        from_port=new.get("FromPort"),
        to_port=new.get("ToPort"),
        prefix_list_id=new.get("PrefixListId"),
        ip_range={member: value for member, value in ranges.items() if value is not None},
    )
    if "ReferencedGroupId" in new:
        change(rule, source_group={**rule.source_group, "GroupId": new["ReferencedGroupId"]})


def _security_group(call: Call, group_id: str) -> Any:
    group = _ec2(call).get_security_group_from_id(group_id)
    if group is None:
        raise RefusalError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
    return group


def _modify_maintenance_options(call: Call) -> Mapping[str, Any]:
    instance_id = call.parameters["InstanceId"]
    if not any(instance_id == instance.id for instance in _ec2(call).all_instances()):
        raise RefusalError("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")
    options = {
        member: value for member, value in call.parameters.items() if member in {"AutoRecovery", "RebootMigration"}
    }
    kept = call.kept(_MAINTENANCE_OPTIONS.kind).setdefault(instance_id, {})
    kept["MaintenanceOptions"] = {**kept.get("MaintenanceOptions", {}), **options}
    return {"InstanceId": instance_id, **options}


def _route_through_endpoint(call: Call) -> None:
    """Give a gateway endpoint's new route tables its route and take it out of those that it leaves."""
    backend = _ec2(call)
    endpoint = backend.get_vpc_end_point(call.parameters["VpcEndpointId"])
    prefix_list_id = endpoint.destination_prefix_list_id
    if prefix_list_id is None:
        return
    for route_table_id in call.parameters.get("AddRouteTableIds", []):
        backend.create_route(route_table_id, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list_id)
    for route_table_id in call.parameters.get("RemoveRouteTableIds", []):
        backend.delete_route(route_table_id, None, destination_prefix_list_id=prefix_list_id)


def _refuse_shrinking(call: Call) -> None:
    volume = _ec2(call).volumes.get(call.parameters["VolumeId"])
    size = call.parameters.get("Size")
    if volume is not None and size is not None and size < int(volume.size):
        raise RefusalError(
            "InvalidParameterValue", f"New size cannot be smaller than existing size ({volume.size} GiB)"
        )


def _let_interface_go(call: Call) -> None:
    """Let the interface that came with an instance go with it."""
    backend = _ec2(call)
    for instance in backend.all_instances():
        if instance.id in call.parameters["InstanceIds"] and 0 in instance.nics:
            change(instance.nics[0], delete_on_termination=True)


def _delete_what_a_nat_gateway_had(call: Call) -> None:
    """Let its interface go, and its Elastic IP be free for another one."""
    backend = _ec2(call)
    gateway = backend.nat_gateways[call.parameters["NatGatewayId"]]
    for address in gateway.address_set:
        backend.enis.pop(address["networkInterfaceId"], None)
        if association_id := address.get("associationId"):
            backend.disassociate_address(association_id=association_id)


def _delete_network_acls(call: Call) -> None:
    backend = _ec2(call)
    for acl in list(backend.network_acls.values()):
        if acl.vpc_id == call.parameters["VpcId"]:
            del backend.network_acls[acl.id]


def _delete_endpoints(call: Call) -> None:
    for endpoint_id in call.parameters["VpcEndpointIds"]:
        _ec2(call).vpc_end_points.pop(endpoint_id, None)


def _ec2(call: Call) -> Any:
    return get_backend("ec2")[call.account_id][call.region]


def _check_user_data(call: Call) -> None:
    try:
        text = base64.b64decode(call.parameters.get("UserData", ""), validate=True)
    except (ValueError, binascii.Error):
        # moto refuses the request.
        return
    excess = limits.USER_DATA.excess_of(len(text))
    if excess is not None:
        raise RefusalError("InvalidParameterValue", f"User data is limited to 16384 bytes ({excess})")


_LIMITS = limited(
    "ec2",
    {
        "RunInstances": _check_user_data,
        **dict.fromkeys(template_supplement.OPERATIONS, template_supplement.of_data(_check_user_data)),
    },
)

_MISSING = (
    *account.MISSING,
    # moto has this one, and changes of a rule hardly anything.
    Missing(service="ec2", operation="ModifySecurityGroupRules", answer=_modify_rules),
    Missing(service="ec2", operation="ModifyInstanceMaintenanceOptions", answer=_modify_maintenance_options),
    Missing(service="ec2", operation="ModifyInstanceCreditSpecification", answer=_modify_credits),
)

_FORGOTTEN = (_RULE_DESCRIPTIONS, _MAINTENANCE_OPTIONS, _CREDITS)

_PREPARATIONS = (
    Preparation(service="ec2", operation="RunInstances", prepare=_know_image),
    *template_supplement.preparations(_know_image),
    Preparation(service="ec2", operation="ModifyVolume", prepare=_refuse_shrinking),
    Preparation(service="ec2", operation="TerminateInstances", prepare=_let_interface_go),
)

_CONSEQUENCES = (
    *template_supplement.CONSEQUENCES,
    Consequence(service="ec2", operation="DeleteNatGateway", finish=_delete_what_a_nat_gateway_had),
    Consequence(service="ec2", operation="DeleteVpc", finish=_delete_network_acls),
    Consequence(service="ec2", operation="DeleteVpcEndpoints", finish=_delete_endpoints),
    Consequence(service="ec2", operation="ModifyVpcEndpoint", finish=_route_through_endpoint),
)

SUPPLEMENT = Supplement(
    limits=_LIMITS, missing=_MISSING, forgotten=_FORGOTTEN, preparations=_PREPARATIONS, consequences=_CONSEQUENCES
)
