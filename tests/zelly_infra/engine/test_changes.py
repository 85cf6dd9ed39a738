"""One changed value touches the resources that it is about, and replaces none that hold data."""

import pytest

from tests.support.engine.stacks import Stack, Step
from tests.zelly_infra.engine.conftest import Deployed
from tests.zelly_infra.engine.stack import with_new_service
from tests.zelly_infra.switches import MADE_FOR_A_NAT_INSTANCE, NAT_INSTANCE

HOLDS_DATA = {
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:ebs/volume:Volume",
    "aws:ecr/repository:Repository",
    "aws:efs/fileSystem:FileSystem",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:kms/key:Key",
    "aws:rds/cluster:Cluster",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
}


def _steps(stack: Stack, *steps: tuple[str, str, str]) -> set[Step]:
    return {Step(operation, type_, f"zelly-{stack.name}-{name}") for operation, type_, name in steps}


def test_small_changes_touch_what_they_are_about(deployed: Deployed) -> None:
    preview = deployed.stack.preview_with(
        {
            "aurora/maximum_capacity_acu": 13.5,
            "bastion/peers/newcomer": {"address": "10.10.0.77"},
            "services/orion-backend/memory_mib": 3072,
        }
    )
    assert preview.steps == _steps(
        deployed.stack,
        ("update", "aws:rds/cluster:Cluster", "aurora-cluster"),
        ("update", "aws:cloudwatch/metricAlarm:MetricAlarm", "monitoring-aurora-capacity"),
        # The bastion stays: it fetches its peers from the parameter.
        ("create", "random:index/randomBytes:RandomBytes", "bastion-peer-newcomer-key"),
        ("update", "aws:ssm/parameter:Parameter", "bastion-peers"),
        # A new revision of its tasks alone: the running service takes it with its next deploy.
        ("replace", "aws:ecs/taskDefinition:TaskDefinition", "orion-backend-task-definition"),
    )
    assert preview.changed_properties(f"zelly-{deployed.stack.name}-aurora-cluster") == [
        "serverlessv2ScalingConfiguration.maxCapacity"
    ]


@pytest.mark.parametrize("deployed", ["staging"], indirect=True)
def test_nat_instance_in_the_gateways_place_moves_routes_and_replaces_nothing(deployed: Deployed) -> None:
    preview = deployed.stack.preview_with(NAT_INSTANCE)
    components = {
        ("zelly-components:index:NatInstance", "network-nat"),
        ("zelly-components:index:Host", "network-nat"),
        ("zelly-components:index:SecurityGroup", "network-nat-sg"),
    }
    routes = [f"network-private-{zone}-internet" for zone in "abc"]
    assert preview.steps == _steps(
        deployed.stack,
        *(("create", type_, name) for type_, name in MADE_FOR_A_NAT_INSTANCE | components),
        *(("update", "aws:ec2/route:Route", route) for route in routes),
        ("delete", "aws:ec2/natGateway:NatGateway", "network-nat-a"),
        ("delete", "aws:ec2/eip:Eip", "network-nat-a-eip"),
    )
    for route in routes:
        changed = preview.changed_properties(f"zelly-{deployed.stack.name}-{route}")
        assert changed == ["natGatewayId", "networkInterfaceId"]


# A policy or a dashboard that lists the services; nothing else of what stands is touched.
TOUCHED_BY_A_NEW_SERVICE = (
    ("update", "aws:cloudwatch/dashboard:Dashboard", "monitoring-dashboard"),
    ("update", "aws:iam/role:Role", "github-github-role"),
    ("update", "aws:iam/rolePolicy:RolePolicy", "github-zelly-production-deploy"),
    ("update", "aws:iam/rolePolicy:RolePolicy", "registry-zelly-production-push-images"),
)

MADE_FOR_A_NEW_SERVICE = {
    ("aws:acm/certificate:Certificate", "alb-loyalty-certificate"),
    ("aws:acm/certificateValidation:CertificateValidation", "alb-loyalty-certificate-validation"),
    ("aws:appautoscaling/policy:Policy", "loyalty-cpu-scaling"),
    ("aws:appautoscaling/target:Target", "loyalty-scaling-target"),
    ("aws:cloudwatch/logGroup:LogGroup", "loyalty-logs"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "monitoring-alb-loyalty-5xx"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "monitoring-alb-loyalty-unhealthy-targets"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "monitoring-loyalty-cpu"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "monitoring-loyalty-memory"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "monitoring-loyalty-running-tasks"),
    ("aws:ec2/securityGroup:SecurityGroup", "alb-loyalty-sg"),
    ("aws:ec2/securityGroup:SecurityGroup", "loyalty-sg"),
    ("aws:ecr/lifecyclePolicy:LifecyclePolicy", "registry-zelly/loyalty-lifecycle"),
    ("aws:ecr/repository:Repository", "registry-zelly/loyalty"),
    ("aws:ecs/service:Service", "loyalty-service"),
    ("aws:ecs/taskDefinition:TaskDefinition", "loyalty-task-definition"),
    ("aws:iam/role:Role", "loyalty-execution-role"),
    ("aws:iam/role:Role", "loyalty-task-role"),
    ("aws:iam/rolePolicy:RolePolicy", "loyalty-execution-policy"),
    ("aws:iam/rolePolicy:RolePolicy", "loyalty-task-policy"),
    ("aws:lb/listener:Listener", "alb-loyalty-http"),
    ("aws:lb/listener:Listener", "alb-loyalty-https"),
    ("aws:lb/loadBalancer:LoadBalancer", "alb-loyalty"),
    ("aws:lb/targetGroup:TargetGroup", "alb-loyalty-targets"),
    ("aws:ssm/parameter:Parameter", "loyalty-images"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "loyalty-sg-egress-of-alb-loyalty-tcp-3100"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "loyalty-sg-egress-of-vpn-tcp-3100"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "loyalty-sg-to-internet-tcp-443"),
    ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "redis-sg-egress-of-loyalty-tcp-6379"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "alb-loyalty-sg-from-internet-tcp-443"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "alb-loyalty-sg-from-internet-tcp-80"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "loyalty-sg-from-alb-loyalty-tcp-3100"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "loyalty-sg-from-vpn-tcp-3100"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "redis-sg-from-loyalty-tcp-6379"),
    ("cloudflare:index/dnsRecord:DnsRecord", "alb-loyalty-certificate-validation-HOSTNAME"),
    ("cloudflare:index/dnsRecord:DnsRecord", "dns-HOSTNAME"),
    ("zelly-components:index:ApplicationLoadBalancer", "alb-loyalty"),
    ("zelly-components:index:Certificate", "alb-loyalty-certificate"),
    ("zelly-components:index:EcsService", "loyalty"),
    ("zelly-components:index:SecurityGroup", "alb-loyalty-sg"),
    ("zelly-components:index:SecurityGroup", "loyalty-sg"),
}


# Production makes all that staging makes of it, and its repository.
@pytest.mark.parametrize("deployed", ["production"], indirect=True)
def test_new_service_in_the_catalog_makes_what_is_its_own(deployed: Deployed) -> None:
    with with_new_service(deployed.stack) as (hostname, changes):
        preview = deployed.stack.preview_with(changes)
    assert preview.steps == _steps(
        deployed.stack,
        *(("create", type_, name.replace("HOSTNAME", hostname)) for type_, name in MADE_FOR_A_NEW_SERVICE),
        *TOUCHED_BY_A_NEW_SERVICE,
    )


@pytest.mark.parametrize("deployed", ["production"], indirect=True)
def test_larger_stores_are_changed_in_place_and_a_replaced_bastion_takes_what_was_ignored(deployed: Deployed) -> None:
    preview = deployed.stack.preview_with(
        {
            "aurora/maximum_capacity_acu": 13.5,
            "aurora/engine_version": "8.0.mysql_aurora.3.12.0",
            "redis/node_type": "cache.m7g.large",
            "redis/snapshot_retention_days": 9,
            "clickhouse/volume_gib": 200,
            "containers/log_retention_days": 150,
            "load_balancing/access_log_retention_days": 150,
            "bastion/wireguard_port": 51900,
            "bastion/ami_id": "ami-0123456789abcdef0",
        }
    )
    changed = {(step.operation, step.type) for step in preview.steps if step.type in HOLDS_DATA}
    assert changed == {
        ("update", "aws:cloudwatch/logGroup:LogGroup"),
        ("update", "aws:ebs/volume:Volume"),
        ("update", "aws:elasticache/replicationGroup:ReplicationGroup"),
        ("update", "aws:rds/cluster:Cluster"),
    }
    # Both are ignored on the one that stands: what is ignored must not be carried over to its successor.
    made = preview.inputs(f"zelly-{deployed.stack.name}-bastion-instance", operation="replace")
    assert made["ami"] == "ami-0123456789abcdef0"
    assert "ListenPort = 51900" in made["userData"]
