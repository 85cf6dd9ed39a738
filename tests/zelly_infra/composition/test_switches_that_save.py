"""What a stack is with one of the config's switches on that save money: what changes, and that nothing else does."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.zelly_infra.evaluations import STACKS, config_of, evaluation_of, evaluation_with
from tests.zelly_infra.stack_files import environment_of, with_changes
from tests.zelly_infra.switches import (
    HOURS,
    NAT_INSTANCE,
    changed,
    only_after,
    only_before,
    private_ways_out,
    with_switch,
)
from workbench.operations.stopped import stopped_until
from workbench.sandbox.embedded import EmbeddedAws
from zelly_infra.catalog import SERVICES as CATALOG_SERVICES
from zelly_infra.catalog import HttpsIngress
from zelly_infra.config import EnvironmentConfig
from zelly_infra.outputs import StackOutputs

LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
SERVICE = "aws:ecs/service:Service"
SERVICES = tuple(service.name for service in CATALOG_SERVICES)

AURORA = "aws:rds/cluster:Cluster"
AURORA_PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"

ONE_ADDRESS = {"storefront/load_balancer_zones": 1}
SHARED = {"load_balancing/shared": True}
ARM64 = {f"services/{name}/architecture": "ARM64" for name in SERVICES}
SPOT = {"containers/capacity_providers": [{"name": "FARGATE_SPOT", "weight": 1, "base": 0}]}
PAUSE = {"aurora/minimum_capacity_acu": 0, "aurora/seconds_until_auto_pause": 300}
AWAKE = {"aurora/minimum_capacity_acu": 0.5, "aurora/seconds_until_auto_pause": None}
INSIGHTS = {"containers/container_insights": "enabled"}
NO_INSIGHTS = {"containers/container_insights": "disabled"}


def graviton_hosts(stack: str) -> dict[str, Any]:
    """Return the same sizes of instances with Graviton's processors, and an image for them."""
    config = config_of(stack)
    image = "ami-0123456789abcdef0"
    return {
        "clickhouse/instance_type": config.clickhouse.instance_type.replace("t3.", "t4g."),
        "clickhouse/ami_id": image,
        "bastion/instance_type": config.bastion.instance_type.replace("t3.", "t4g."),
        "bastion/ami_id": image,
    }


@pytest.mark.parametrize("stack", STACKS)
def test_one_zone_of_the_storefront_is_one_address_and_every_task_in_that_zone(stack: str) -> None:
    evaluation = with_switch(stack, ONE_ADDRESS)
    balancer = evaluation.one(LOAD_BALANCER, f"zelly-{stack}-nlb-storefront")
    assert balancer.inputs["subnetMappings"] == [
        {
            "subnetId": f"${{zelly-{stack}-network-public-a.id}}",
            "allocationId": f"${{zelly-{stack}-nlb-storefront-eip-1.allocationId}}",
        }
    ]
    service = evaluation.one(SERVICE, f"zelly-{stack}-storefront-service")
    assert service.inputs["networkConfiguration"]["subnets"] == [f"${{zelly-{stack}-network-private-a.id}}"]
    assert evaluation.plain_outputs["storefront_ips"] == [f"${{zelly-{stack}-nlb-storefront-eip-1.publicIp}}"]


@pytest.mark.parametrize("stack", STACKS)
def test_one_zone_of_the_storefront_touches_nothing_else(stack: str) -> None:
    hostname = config_of(stack).services["storefront"].hostname
    assert only_after(stack, ONE_ADDRESS) == set()
    assert only_before(stack, ONE_ADDRESS) == {
        *(("aws:ec2/eip:Eip", f"nlb-storefront-eip-{position}") for position in (2, 3)),
        *(("cloudflare:index/dnsRecord:DnsRecord", f"dns-{hostname}-{position}") for position in (2, 3)),
    }
    assert changed(stack, ONE_ADDRESS) == {
        (LOAD_BALANCER, "nlb-storefront"): {"subnetMappings"},
        (SERVICE, "storefront-service"): {"networkConfiguration"},
    }


HTTPS = {service.name: service.ingress for service in CATALOG_SERVICES if isinstance(service.ingress, HttpsIngress)}
"""The services behind the shared balancer, and their ways in."""


def hostname(stack: str, service: str) -> str:
    found = config_of(stack).services[service].hostname
    assert found is not None
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_one_balancer_serves_the_three_names_and_no_other(stack: str) -> None:
    evaluation = with_switch(stack, SHARED)
    name = f"zelly-{stack}-alb-shared"
    assert {balancer.inputs["name"] for balancer in evaluation.of_type(LOAD_BALANCER)} == {
        "alb-shared",
        "nlb-storefront",
    }
    assert {rule.name: rule.inputs for rule in evaluation.of_type("aws:lb/listenerRule:ListenerRule")} == {
        f"{name}-{service}-rule": {
            "listenerArn": f"${{{name}-https.arn}}",
            "conditions": [{"hostHeader": {"values": [hostname(stack, service)]}}],
            "actions": [{"type": "forward", "targetGroupArn": f"${{{name}-{service}-targets.arn}}"}],
        }
        for service in HTTPS
    }
    records = {
        record.inputs["name"]: record.inputs["content"]
        for record in evaluation.of_type("cloudflare:index/dnsRecord:DnsRecord")
        if record.inputs["type"] == "CNAME" and not record.inputs["name"].startswith("$")
    }
    assert records == {hostname(stack, service): f"${{{name}.dnsName}}" for service in HTTPS}
    assert evaluation.plain_outputs["load_balancer_dns_names"] == {
        "alb-shared": f"${{{name}.dnsName}}",
        "nlb-storefront": f"${{zelly-{stack}-nlb-storefront.dnsName}}",
    }


@pytest.mark.parametrize("stack", STACKS)
def test_services_stand_behind_the_shared_balancer_and_are_reached_by_it_alone(stack: str) -> None:
    evaluation = with_switch(stack, SHARED)
    for service, ingress in HTTPS.items():
        port = ingress.port
        inputs = evaluation.one(SERVICE, f"zelly-{stack}-{service}-service").inputs
        assert [(target["targetGroupArn"], target["containerPort"]) for target in inputs["loadBalancers"]] == [
            (f"${{zelly-{stack}-alb-shared-{service}-targets.arn}}", port)
        ]
        group = f"${{zelly-{stack}-{service}-sg.id}}"
        sources = [
            (rule.inputs["referencedSecurityGroupId"], rule.inputs["fromPort"])
            for rule in evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
            if rule.inputs["securityGroupId"] == group
        ]
        assert sorted(sources) == [
            (f"${{zelly-{stack}-alb-shared-sg.id}}", port),
            (f"${{zelly-{stack}-bastion-sg.id}}", port),
        ]


@pytest.mark.parametrize("stack", STACKS)
def test_sharing_a_balancer_keeps_every_certificate(stack: str) -> None:
    before, after = evaluation_of(stack), with_switch(stack, SHARED)
    token = "aws:acm/certificate:Certificate"
    assert {found.name: found.inputs for found in after.of_type(token)} == {
        found.name: found.inputs for found in before.of_type(token)
    }
    assert [found.inputs["certificateArn"] for found in after.of_type("aws:lb/listenerCertificate:ListenerCertificate")]
    assert {key[0] for key in changed(stack, SHARED)} == {
        SERVICE,
        "aws:cloudwatch/dashboard:Dashboard",
        "cloudflare:index/dnsRecord:DnsRecord",
    }


@pytest.mark.parametrize("stack", STACKS)
def test_alarms_follow_the_shared_balancer(stack: str) -> None:
    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
    assert {name for kind, name in only_after(stack, SHARED) if kind == token} == {
        "monitoring-alb-shared-5xx",
        *(f"monitoring-alb-shared-{service}-5xx" for service in HTTPS),
        *(f"monitoring-alb-shared-{service}-unhealthy-targets" for service in HTTPS),
    }
    assert {name for kind, name in only_before(stack, SHARED) if kind == token} == {
        *(f"monitoring-{own.load_balancer}-5xx" for own in HTTPS.values()),
        *(f"monitoring-{own.load_balancer}-unhealthy-targets" for own in HTTPS.values()),
    }


@pytest.mark.parametrize("stack", STACKS)
def test_arm64_is_in_every_task_definition_and_nowhere_else(stack: str) -> None:
    definitions = with_switch(stack, ARM64).of_type("aws:ecs/taskDefinition:TaskDefinition")
    assert [definition.inputs["runtimePlatform"] for definition in definitions] == [
        {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    ] * len(SERVICES)
    assert changed(stack, ARM64) == {
        ("aws:ecs/taskDefinition:TaskDefinition", f"{name}-task-definition"): {"runtimePlatform"} for name in SERVICES
    }


@pytest.mark.parametrize("stack", STACKS)
def test_spot_is_the_strategy_of_every_service_and_changes_in_place(stack: str) -> None:
    services = with_switch(stack, SPOT).of_type(SERVICE)
    assert [service.inputs["capacityProviderStrategies"] for service in services] == [
        [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    ] * len(SERVICES)
    assert {service.inputs["forceNewDeployment"] for service in services} == {True}
    assert changed(stack, SPOT) == {(SERVICE, f"{name}-service"): {"capacityProviderStrategies"} for name in SERVICES}


def test_aurora_pauses_in_staging_and_closes_what_would_keep_it_awake() -> None:
    asleep, awake = evaluation_of("staging"), with_switch("staging", AWAKE)
    most = config_of("staging").aurora.maximum_capacity_acu
    assert [one.one(AURORA).inputs["serverlessv2ScalingConfiguration"] for one in (asleep, awake)] == [
        {"minCapacity": 0, "maxCapacity": most, "secondsUntilAutoPause": PAUSE["aurora/seconds_until_auto_pause"]},
        {"minCapacity": AWAKE["aurora/minimum_capacity_acu"], "maxCapacity": most},
    ]
    assert changed("staging", AWAKE) == {
        (AURORA, "aurora-cluster"): {"serverlessv2ScalingConfiguration"},
        (AURORA_PARAMETERS, "aurora-parameters"): {"parameters"},
    }
    before, after = (
        {one["name"]: one["value"] for one in evaluation.one(AURORA_PARAMETERS).inputs["parameters"]}
        for evaluation in (awake, asleep)
    )
    assert dict(after.items() - before.items()) == {"wait_timeout": "600", "interactive_timeout": "600"}


@pytest.mark.parametrize("stack", STACKS)
def test_graviton_hosts_are_another_type_and_image(stack: str) -> None:
    graviton = graviton_hosts(stack)
    instances = with_switch(stack, graviton).of_type("aws:ec2/instance:Instance")
    assert {instance.inputs["instanceType"] for instance in instances} == {
        graviton["clickhouse/instance_type"],
        graviton["bastion/instance_type"],
    }
    assert {key[1]: inputs for key, inputs in changed(stack, graviton).items()} == {
        "clickhouse-instance": {"ami", "instanceType"},
        "bastion-instance": {"ami", "instanceType"},
    }


@pytest.mark.parametrize(("stack", "other"), [("production", NO_INSIGHTS), ("staging", INSIGHTS)])
def test_without_container_insights_only_the_alarms_on_tasks_measure_otherwise(
    stack: str, other: dict[str, Any]
) -> None:
    without = with_switch(stack, NO_INSIGHTS)
    cluster = without.one("aws:ecs/cluster:Cluster")
    assert cluster.inputs["settings"] == [{"name": "containerInsights", "value": "disabled"}]
    assert changed(stack, other) == {
        ("aws:ecs/cluster:Cluster", "cluster"): {"settings"},
        **{
            ("aws:cloudwatch/metricAlarm:MetricAlarm", f"monitoring-{name}-running-tasks"): {
                "alarmDescription",
                "metricQueries",
            }
            for name in SERVICES
        },
    }
    read = json.dumps([alarm.inputs for alarm in without.custom()])
    assert "ECS/ContainerInsights" not in read


def test_staging_runs_in_its_hours_alone() -> None:
    config = config_of("staging")
    schedules = with_switch("staging", {**HOURS, **AWAKE}).of_type("aws:scheduler/schedule:Schedule")
    calls = {
        schedule.name.removeprefix("zelly-staging-hours-"): (
            schedule.inputs["target"]["arn"].rpartition(":")[2],
            json.loads(schedule.inputs["target"]["input"]),
        )
        for schedule in schedules
    }

    def tasks(name: str, count: int) -> tuple[str, dict[str, Any]]:
        return (
            "updateService",
            {"Cluster": "zelly-staging", "Service": f"zelly-staging-{name}", "DesiredCount": count},
        )

    hosts = {"InstanceIds": ["${zelly-staging-clickhouse-instance.id}", "${zelly-staging-bastion-instance.id}"]}
    database = {"DbClusterIdentifier": "zelly-staging-aurora"}
    assert calls == {
        **{f"{name}-start": tasks(name, config.services[name].minimum_tasks) for name in SERVICES},
        **{f"{name}-stop": tasks(name, 0) for name in SERVICES},
        "instances-start": ("startInstances", hosts),
        "instances-stop": ("stopInstances", hosts),
        "database-start": ("startDBCluster", database),
        "database-stop": ("stopDBCluster", database),
    }


def test_running_hours_mute_every_alarm_and_touch_nothing_else() -> None:
    evaluation = with_switch("staging", HOURS)
    alarms = sorted(alarm.inputs["name"] for alarm in evaluation.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"))
    rules = evaluation.of_type("aws:cloudwatch/alarmMuteRule:AlarmMuteRule")
    assert [sorted(rule.inputs["muteTargets"]["alarmNames"]) for rule in rules] == [alarms, alarms]
    assert changed("staging", HOURS) == {}
    assert only_before("staging", HOURS) == set()


def test_tools_take_staging_for_stopped_while_its_alarms_are_muted() -> None:
    config = EnvironmentConfig.model_validate_json(json.dumps(with_changes(environment_of("staging"), HOURS)))
    hours = config.running_hours
    rules = with_switch("staging", HOURS).of_type("aws:cloudwatch/alarmMuteRule:AlarmMuteRule")
    durations = [rule.inputs["rule"]["schedule"]["duration"] for rule in rules]
    # From Friday to Monday it takes longer.
    overnight = min(map(TypeAdapter(timedelta).validate_python, durations))
    ring = datetime.fromisoformat("2026-05-04T20:00+05:30") + overnight
    assert stopped_until(hours, ring - timedelta(seconds=1)) == datetime.fromisoformat("2026-05-05T08:00+05:30")
    assert stopped_until(hours, ring) is None


def test_aurora_that_pauses_by_itself_is_not_stopped_too() -> None:
    schedules = with_switch("staging", HOURS).of_type("aws:scheduler/schedule:Schedule")
    assert not [schedule.name for schedule in schedules if "database" in schedule.name]


ALL = {
    **ONE_ADDRESS,
    **SHARED,
    **ARM64,
    **NO_INSIGHTS,
    **SPOT,
    **PAUSE,
    **graviton_hosts("staging"),
    **NAT_INSTANCE,
    **HOURS,
}
"""Every switch that staging may have."""


def test_all_switches_together_are_a_stack_that_the_embedded_aws_can_make() -> None:
    # It owns what it would otherwise look up: there is no production beside it.
    alone = {"registry/create": True, "github/create": True, "github/trusted_branches": ["staging"]}
    with EmbeddedAws.start() as aws:
        evaluation = evaluation_with("staging", {**ALL, **alone}, aws.backend())
        outputs = StackOutputs.model_validate(evaluation.plain_outputs)
        elb = aws.clients.get("elbv2", outputs.region)
        balancers = elb.describe_load_balancers()["LoadBalancers"]
        assert outputs.load_balancer_dns_names == {each["LoadBalancerName"]: each["DNSName"] for each in balancers}
        assert sorted(outputs.load_balancer_dns_names) == ["alb-shared", "nlb-storefront"]
        assert len(outputs.storefront_ips) == 1
        ec2 = aws.clients.get("ec2", outputs.region)
        (reservation,) = ec2.describe_instances(InstanceIds=[outputs.nat_instance_id])["Reservations"]
        (instance,) = reservation["Instances"]
        assert ([instance["PublicIpAddress"]], instance["SourceDestCheck"]) == (outputs.nat_public_ips, False)
        (interface,) = instance["NetworkInterfaces"]
        assert private_ways_out(ec2, outputs.vpc_id) == [{"NetworkInterfaceId": interface["NetworkInterfaceId"]}] * 3
        assert ec2.describe_nat_gateways()["NatGateways"] == []
