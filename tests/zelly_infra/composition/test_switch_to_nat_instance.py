"""What a stack is with a NAT instance in the NAT gateway's place, or beside it, and that nothing else changes."""

import json
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS
from tests.zelly_infra.stack_files import ROOT
from tests.zelly_infra.switches import (
    HOURS,
    MADE_FOR_A_NAT_INSTANCE,
    NAT_ALARMS,
    NAT_INSTANCE,
    changed,
    only_after,
    only_before,
    with_switch,
)
from workbench.review.rules.recorded import report_on
from zelly_infra.outputs import StackOutputs

STANDING_BY = {**NAT_INSTANCE, "network/nat_gateways": "single"}


@pytest.mark.parametrize("stack", STACKS)
def test_private_subnets_leave_through_a_nat_instance_in_public_subnet_a(stack: str) -> None:
    evaluation = with_switch(stack, NAT_INSTANCE)
    name = f"zelly-{stack}-network"
    instance = evaluation.one("aws:ec2/instance:Instance", f"{name}-nat-instance").inputs
    assert {key: instance[key] for key in ("ami", "instanceType", "subnetId", "sourceDestCheck")} == {
        "ami": "ami-0123456789abcdef0",
        "instanceType": "t4g.micro",
        "subnetId": f"${{{name}-public-a.id}}",
        "sourceDestCheck": False,
    }
    ways_out = {
        route.inputs["routeTableId"]: route.inputs.get("networkInterfaceId") or route.inputs["gatewayId"]
        for route in evaluation.of_type("aws:ec2/route:Route")
    }
    assert ways_out == {
        f"${{{name}-public-routes.id}}": f"${{{name}-igw.id}}",
        **{
            f"${{{name}-private-{zone}-routes.id}}": f"${{{name}-nat-instance.primaryNetworkInterfaceId}}"
            for zone in "abc"
        },
    }
    assert evaluation.plain_outputs["nat_public_ips"] == [f"${{{name}-nat-eip.publicIp}}"]
    assert evaluation.plain_outputs.keys() == StackOutputs.model_fields.keys()
    assert evaluation.plain_outputs["nat_instance_id"] == f"${{{name}-nat-instance.id}}"


@pytest.mark.parametrize("stack", STACKS)
def test_nat_instance_takes_the_gateways_place_in_routes_and_touches_nothing_else(stack: str) -> None:
    assert only_after(stack, NAT_INSTANCE) == MADE_FOR_A_NAT_INSTANCE
    assert only_before(stack, NAT_INSTANCE) == {
        ("aws:ec2/natGateway:NatGateway", "network-nat-a"),
        ("aws:ec2/eip:Eip", "network-nat-a-eip"),
    }
    assert changed(stack, NAT_INSTANCE) == {
        ("aws:ec2/route:Route", f"network-private-{zone}-internet"): {"natGatewayId", "networkInterfaceId"}
        for zone in "abc"
    }


@pytest.mark.parametrize("stack", STACKS)
def test_nat_instance_that_stands_by_changes_nothing_that_stands(stack: str) -> None:
    assert only_after(stack, STANDING_BY) == MADE_FOR_A_NAT_INSTANCE
    assert (only_before(stack, STANDING_BY), changed(stack, STANDING_BY)) == (set(), {})
    name = f"zelly-{stack}-network"
    # Who has allow lists is told both addresses before the second one is used.
    assert with_switch(stack, STANDING_BY).plain_outputs["nat_public_ips"] == [
        f"${{{name}-nat-a.publicIp}}",
        f"${{{name}-nat-eip.publicIp}}",
    ]


@pytest.mark.parametrize("stack", STACKS)
def test_nat_instance_lets_in_and_out_what_anything_in_a_private_subnet_may_reach_on_the_internet(stack: str) -> None:
    evaluation = with_switch(stack, NAT_INSTANCE)
    own = f"${{zelly-{stack}-network-nat-sg.id}}"
    egress = [
        rule.inputs
        for rule in evaluation.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if "cidrIpv4" in rule.inputs
    ]
    callers = {(rule["ipProtocol"], rule["fromPort"]) for rule in egress if rule["securityGroupId"] != own}
    let_in = {
        (rule.inputs["ipProtocol"], rule.inputs["fromPort"])
        for rule in evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if rule.inputs["securityGroupId"] == own
    }
    let_out = {(rule["ipProtocol"], rule["fromPort"]) for rule in egress if rule["securityGroupId"] == own}
    assert callers == let_in == let_out == {("tcp", 443)}


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("switch", [NAT_INSTANCE, STANDING_BY])
def test_nat_instance_breaks_no_rule_but_with_a_reason(stack: str, switch: dict[str, Any]) -> None:
    evaluation = with_switch(stack, switch)
    report = report_on(evaluation, ROOT)
    assert [(finding.rule, finding.name) for finding in report.broken] == []
    assert (report.expired, report.stale) == ((), ())
    instance = f"zelly-{stack}-network-nat-instance"
    excepted = [finding.rule for each in report.excepted for finding in each.findings if finding.name == instance]
    assert excepted == ["instance-no-public-address", "instance-checks-source-and-destination"]


@pytest.mark.parametrize("stack", STACKS)
def test_alarm_on_a_nat_instance_that_is_down_says_who_waits_and_what_helps(stack: str) -> None:
    (alarm,) = [
        found.inputs
        for found in with_switch(stack, NAT_INSTANCE).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
        if found.name == f"zelly-{stack}-monitoring-nat-down"
    ]
    assert alarm["dimensions"] == {"InstanceId": f"${{zelly-{stack}-network-nat-instance.id}}"}
    assert alarm["alarmDescription"].endswith(
        "Unless a NAT gateway carries it, nothing in a private subnet reaches the internet meanwhile: no image is "
        "pulled, no log written, no payment asked for. If the host is not back five minutes after that, "
        "docs/recovery.md says how to put a NAT gateway in its place."
    )


def test_nat_instance_stops_and_starts_with_the_other_hosts() -> None:
    evaluation = with_switch("staging", {**HOURS, **NAT_INSTANCE})
    hosts = [f"${{zelly-staging-{host}-instance.id}}" for host in ("clickhouse", "bastion", "network-nat")]
    for verb in ("start", "stop"):
        schedule = evaluation.one("aws:scheduler/schedule:Schedule", f"zelly-staging-hours-instances-{verb}")
        assert json.loads(schedule.inputs["target"]["input"]) == {"InstanceIds": hosts}
    policy = evaluation.one("aws:iam/rolePolicy:RolePolicy", "zelly-staging-hours-policy").inputs["policy"]
    (statement,) = [each for each in json.loads(policy)["Statement"] if each["Sid"] == "RunInstances"]
    assert statement["Resource"] == [f"arn:aws:ec2:ap-southeast-1:123456789012:instance/{host}" for host in hosts]
    muted = evaluation.of_type("aws:cloudwatch/alarmMuteRule:AlarmMuteRule")[0].inputs["muteTargets"]["alarmNames"]
    assert {f"zelly-staging-monitoring-nat-{alarm}" for alarm in NAT_ALARMS} <= set(muted)
