"""Both stacks with a switch of their config on, and what that changes, makes and takes away."""

import functools
import json
from typing import Any

from tests.zelly_infra.evaluations import evaluation_of, evaluation_with
from workbench.evaluate import Evaluation

HOURS = {
    "running_hours": {
        "weekdays": ["mon", "tue", "wed", "thu", "fri"],
        "start": "08:00",
        "stop": "20:00",
        "time_zone": "Asia/Kolkata",
    }
}
NAT_INSTANCE = {
    "network/nat_gateways": "none",
    "network/nat_instance": {
        "instance_type": "t4g.micro",
        "cpu_credits": "unlimited",
        "ami_id": "ami-0123456789abcdef0",
        "log_retention_days": 30,
    },
}

NAT_ALARMS = ("down", "failed-units", "memory", "root-disk")
MADE_FOR_A_NAT_INSTANCE = {
    ("aws:cloudwatch/logGroup:LogGroup", "network-nat-logs"),
    ("aws:cloudwatch/logMetricFilter:LogMetricFilter", "network-nat-failed-units"),
    *(("aws:cloudwatch/metricAlarm:MetricAlarm", f"monitoring-nat-{alarm}") for alarm in NAT_ALARMS),
    ("aws:ec2/eip:Eip", "network-nat-eip"),
    ("aws:ec2/eipAssociation:EipAssociation", "network-nat-eip-association"),
    ("aws:ec2/instance:Instance", "network-nat-instance"),
    ("aws:ec2/securityGroup:SecurityGroup", "network-nat-sg"),
    ("aws:iam/instanceProfile:InstanceProfile", "network-nat-profile"),
    ("aws:iam/role:Role", "network-nat-role"),
    ("aws:iam/rolePolicy:RolePolicy", "network-nat-policy"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "network-nat-sg-to-internet-tcp-443"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "network-nat-sg-from-vpc-tcp-443"),
}
"""By type and short name."""

Difference = dict[tuple[str, str], set[str]]


@functools.cache
def switched(stack: str, changes: str) -> Evaluation:
    return evaluation_with(stack, json.loads(changes))


def with_switch(stack: str, changes: dict[str, Any]) -> Evaluation:
    return switched(stack, json.dumps(changes))


def inputs_by_name(evaluation: Evaluation) -> dict[tuple[str, str], dict[str, Any]]:
    return {(resource.type, resource.name): resource.inputs for resource in evaluation.custom()}


def changed(stack: str, changes: dict[str, Any]) -> Difference:
    """Return the inputs that a switch changes, by type and short name; what it makes or takes away is not in it."""
    before, after = inputs_by_name(evaluation_of(stack)), inputs_by_name(with_switch(stack, changes))
    found = {
        (token, name.removeprefix(f"zelly-{stack}-")): {
            key for key in inputs.keys() | after[token, name].keys() if inputs.get(key) != after[token, name].get(key)
        }
        for (token, name), inputs in before.items()
        if (token, name) in after
    }
    return {key: inputs for key, inputs in found.items() if inputs}


def only_before(stack: str, changes: dict[str, Any]) -> set[tuple[str, str]]:
    gone = inputs_by_name(evaluation_of(stack)).keys() - inputs_by_name(with_switch(stack, changes)).keys()
    return {(token, name.removeprefix(f"zelly-{stack}-")) for token, name in gone}


def only_after(stack: str, changes: dict[str, Any]) -> set[tuple[str, str]]:
    new = inputs_by_name(with_switch(stack, changes)).keys() - inputs_by_name(evaluation_of(stack)).keys()
    return {(token, name.removeprefix(f"zelly-{stack}-")) for token, name in new}


def private_ways_out(ec2: Any, vpc_id: str) -> list[dict[str, Any]]:
    """Return where the private subnets of a VPC in the embedded AWS leave to, one for each of their tables."""
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["RouteTables"]
    ways_out = [
        {key: value for key, value in route.items() if key.endswith("Id")}
        for table in tables
        for route in table["Routes"]
        if route.get("DestinationCidrBlock") == "0.0.0.0/0"
    ]
    return [way for way in ways_out if not way.get("GatewayId", "").startswith("igw-")]
