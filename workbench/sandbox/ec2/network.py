"""VPCs and their subnets, gateways, routes, endpoints and flow logs."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

from workbench.sandbox.errors import AwsRefusalError
from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.table import Delete, Outputs, Parameters, ResourceRow, Row, Tags


def ec2_arn(kind: str) -> Callable[[Made], str]:
    """Return a function that gives the ARN of a made EC2 resource, e.g. of kind ``vpc``."""
    return lambda made: made.arn("ec2", f"{kind}/{made.id}")


def specification(resource_type: str) -> Tags:
    """Return how EC2's operations take tags."""
    return Tags(member="TagSpecifications", resource_type=resource_type)


def _owner(made: Made) -> str:
    return made.account_id


def _vpc_attribute(member: str) -> Callable[[Made, Any], None]:
    def modify(made: Made, value: Any) -> None:
        # One attribute per call: the API refuses two.
        made.call("modify_vpc_attribute", VpcId=made.id, **{member: {"Value": value}})

    return modify


def vpc_defaults(made: Made) -> Outputs:
    """Return what AWS makes with every VPC."""
    of_vpc = {"Name": "vpc-id", "Values": [made.id]}
    groups = made.call("describe_security_groups", Filters=[of_vpc, {"Name": "group-name", "Values": ["default"]}])
    tables = made.call("describe_route_tables", Filters=[of_vpc, {"Name": "association.main", "Values": ["true"]}])
    acls = made.call("describe_network_acls", Filters=[of_vpc, {"Name": "default", "Values": ["true"]}])
    main_table = tables["RouteTables"][0]["RouteTableId"]
    return {
        "defaultSecurityGroupId": groups["SecurityGroups"][0]["GroupId"],
        "mainRouteTableId": main_table,
        "defaultRouteTableId": main_table,
        "defaultNetworkAclId": acls["NetworkAcls"][0]["NetworkAclId"],
    }


def _map_public_ip(made: Made, value: Any) -> None:
    made.call("modify_subnet_attribute", SubnetId=made.id, MapPublicIpOnLaunch={"Value": value})


def _attach_internet_gateway(made: Made, vpc_id: Any) -> None:
    made.call("attach_internet_gateway", InternetGatewayId=made.id, VpcId=vpc_id)


def _change_internet_gateway(existing: Existing, vpc_id: Any) -> None:
    _detach_internet_gateway(existing, existing.old_inputs)
    if vpc_id is not None:
        _attach_internet_gateway(existing, vpc_id)


def _delete_internet_gateway(existing: Existing) -> None:
    _detach_internet_gateway(existing, existing.inputs)
    existing.call("delete_internet_gateway", InternetGatewayId=existing.id)


def _detach_internet_gateway(existing: Existing, inputs: Mapping[str, Any]) -> None:
    if "vpcId" in inputs:
        existing.call("detach_internet_gateway", InternetGatewayId=existing.id, VpcId=inputs["vpcId"])


_ROUTE_DESTINATIONS: Mapping[str, str] = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_ROUTE_TARGETS: Mapping[str, str] = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}


def _replace_route(existing: Existing, target: Any) -> None:
    # A route that changes the kind of its target loses one input and gets another: the one that is given counts.
    if target is None:
        return
    inputs = existing.inputs
    parameters = {
        member: inputs[key] for key, member in {**_ROUTE_DESTINATIONS, **_ROUTE_TARGETS}.items() if key in inputs
    }
    existing.call("replace_route", RouteTableId=inputs["routeTableId"], **parameters)


def _route_table_association_id(existing: Existing) -> str:
    """Return the association's present id: each change of the table gives it another, and the state keeps the first."""
    inputs = existing.old_inputs
    table = existing.call("describe_route_tables", RouteTableIds=[inputs["routeTableId"]])["RouteTables"][0]
    peer = (inputs.get("subnetId"), inputs.get("gatewayId"))
    found = [
        association["RouteTableAssociationId"]
        for association in table["Associations"]
        if (association.get("SubnetId"), association.get("GatewayId")) == peer
    ]
    return found[0] if found else existing.id


def _change_route_table(existing: Existing, route_table_id: Any) -> None:
    association_id = _route_table_association_id(existing)
    existing.call("replace_route_table_association", AssociationId=association_id, RouteTableId=route_table_id)


def _disassociate_route_table(existing: Existing) -> None:
    existing.call("disassociate_route_table", AssociationId=_route_table_association_id(existing))


def _endpoint_members(property_name: str, member: str) -> Callable[[Existing, Any], None]:
    """Return a function that adds what is new in one of an endpoint's lists, and removes what is no longer in it."""

    def modify(existing: Existing, value: Any) -> None:
        old: list[str] = existing.old_inputs.get(property_name, [])
        new: list[str] = value or []
        changes = {
            f"Add{member}": [item for item in new if item not in old],
            f"Remove{member}": [item for item in old if item not in new],
        }
        asked = {parameter: items for parameter, items in changes.items() if items}
        if asked:
            existing.call("modify_vpc_endpoint", VpcEndpointId=existing.id, **asked)

    return modify


def _endpoint_policy(existing: Existing, policy: Any) -> None:
    change = {"ResetPolicy": True} if policy is None else {"PolicyDocument": policy}
    existing.call("modify_vpc_endpoint", VpcEndpointId=existing.id, **change)


def _route_id(made: Made) -> str:
    inputs = made.inputs
    destination = (
        inputs.get("destinationCidrBlock")
        or inputs.get("destinationIpv6CidrBlock")
        or inputs.get("destinationPrefixListId", "")
    )
    # The provider's own form: the table, then the CRC-32 of the destination.
    return f"r-{inputs['routeTableId']}{zlib.crc32(destination.encode())}"


def _flow_log_of(resource_type: str) -> Callable[[Making, Any], Parameters]:
    return lambda _, resource_id: {"ResourceIds": [resource_id], "ResourceType": resource_type}


def _flow_log_destination(making: Making, arn: Any) -> Parameters:
    if making.inputs.get("logDestinationType", "cloud-watch-logs") != "cloud-watch-logs":
        return {"LogDestination": arn}
    # Both name a log group to AWS; moto only looks for one that is named.
    return {"LogGroupName": arn.partition(":log-group:")[2].removesuffix(":*")}


def _flow_log_id(made: Made) -> str:
    refused = made.result.get("Unsuccessful", [])
    if refused:
        # The operation answers 200 and lists what it refused.
        error = refused[0]["Error"]
        raise AwsRefusalError(operation="CreateFlowLogs", code=error["Code"], message=error["Message"])
    return made.result["FlowLogIds"][0]


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ec2/vpc:Vpc": Row(
        service="ec2",
        operation="create_vpc",
        id="Vpc.VpcId",
        result="Vpc",
        then={
            "enableDnsSupport": _vpc_attribute("EnableDnsSupport"),
            "enableDnsHostnames": _vpc_attribute("EnableDnsHostnames"),
        },
        finish=vpc_defaults,
        tags=specification("vpc"),
        outputs={"arn": ec2_arn("vpc"), "ownerId": _owner},
        delete=Delete(operation="delete_vpc", parameters={"VpcId": "id"}),
    ),
    "aws:ec2/subnet:Subnet": Row(
        service="ec2",
        operation="create_subnet",
        id="Subnet.SubnetId",
        result="Subnet",
        then={"mapPublicIpOnLaunch": _map_public_ip},
        tags=specification("subnet"),
        outputs={"arn": ec2_arn("subnet")},
        delete=Delete(operation="delete_subnet", parameters={"SubnetId": "id"}),
    ),
    "aws:ec2/internetGateway:InternetGateway": Row(
        service="ec2",
        operation="create_internet_gateway",
        id="InternetGateway.InternetGatewayId",
        then={"vpcId": _attach_internet_gateway},
        tags=specification("internet-gateway"),
        outputs={"arn": ec2_arn("internet-gateway"), "ownerId": _owner},
        delete=_delete_internet_gateway,
        update={"vpcId": _change_internet_gateway},
    ),
    "aws:ec2/eip:Eip": Row(
        service="ec2",
        operation="allocate_address",
        id="AllocationId",
        tags=specification("elastic-ip"),
        outputs={"arn": ec2_arn("elastic-ip")},
        delete=Delete(operation="release_address", parameters={"AllocationId": "id"}),
    ),
    "aws:ec2/eipAssociation:EipAssociation": Row(
        service="ec2",
        operation="associate_address",
        id="AssociationId",
        delete=Delete(operation="disassociate_address", parameters={"AssociationId": "id"}),
    ),
    "aws:ec2/natGateway:NatGateway": Row(
        service="ec2",
        operation="create_nat_gateway",
        id="NatGateway.NatGatewayId",
        result="NatGateway.NatGatewayAddresses[0]",
        tags=specification("natgateway"),
        delete=Delete(operation="delete_nat_gateway", parameters={"NatGatewayId": "id"}),
        not_emulated=("A deleted NAT gateway stays listed as deleted; AWS drops it after an hour.",),
    ),
    "aws:ec2/routeTable:RouteTable": Row(
        service="ec2",
        operation="create_route_table",
        id="RouteTable.RouteTableId",
        tags=specification("route-table"),
        outputs={"arn": ec2_arn("route-table"), "ownerId": _owner},
        delete=Delete(operation="delete_route_table", parameters={"RouteTableId": "id"}),
    ),
    "aws:ec2/route:Route": Row(
        service="ec2",
        operation="create_route",
        id=_route_id,
        import_id="{routeTableId}_{destination}",
        delete=Delete(
            operation="delete_route",
            parameters={"RouteTableId": "routeTableId"}
            | {member: property_name for property_name, member in _ROUTE_DESTINATIONS.items()},
        ),
        update=dict.fromkeys(_ROUTE_TARGETS, _replace_route),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Row(
        service="ec2",
        operation="associate_route_table",
        id="AssociationId",
        import_id="{subnetId}/{routeTableId}",
        delete=_disassociate_route_table,
        update={"routeTableId": _change_route_table},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Row(
        service="ec2",
        operation="create_vpc_endpoint",
        id="VpcEndpoint.VpcEndpointId",
        result="VpcEndpoint",
        renames={"policy": "PolicyDocument"},
        tags=specification("vpc-endpoint"),
        outputs={"arn": ec2_arn("vpc-endpoint")},
        delete=Delete(operation="delete_vpc_endpoints", parameters={"VpcEndpointIds": "id"}),
        update={
            "policy": _endpoint_policy,
            "routeTableIds": _endpoint_members("routeTableIds", "RouteTableIds"),
            "securityGroupIds": _endpoint_members("securityGroupIds", "SecurityGroupIds"),
            "subnetIds": _endpoint_members("subnetIds", "SubnetIds"),
        },
    ),
    "aws:ec2/flowLog:FlowLog": Row(
        service="ec2",
        operation="create_flow_logs",
        id=_flow_log_id,
        renames={"iamRoleArn": "DeliverLogsPermissionArn"},
        into={
            "vpcId": _flow_log_of("VPC"),
            "subnetId": _flow_log_of("Subnet"),
            "logDestination": _flow_log_destination,
            "eniId": _flow_log_of("NetworkInterface"),
        },
        tags=specification("vpc-flow-log"),
        outputs={"arn": ec2_arn("vpc-flow-log")},
        delete=Delete(operation="delete_flow_logs", parameters={"FlowLogIds": "id"}),
        not_emulated=("Flow logs exist, but nothing flows: their log group stays empty.",),
    ),
}
