from dataclasses import replace
from typing import Any

import pulumi_aws as aws
import pytest

from tests.components.aurora_arguments import CLUSTER, ENGINE_VERSION, OPEN, PRIVATE, record
from tests.support.examples import example_program
from workbench.evaluate import RecordedResource, evaluate
from zelly_components.aurora_cluster import AuroraCluster, AuroraClusterArgs

INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
PASSWORD = "random:index/randomPassword:RandomPassword"


def names_of(urns: tuple[str, ...]) -> set[str]:
    return {urn.rsplit("::", 1)[1] for urn in urns}


def rules(resources: list[RecordedResource]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in resource.inputs.items() if key not in ("ipProtocol", "fromPort", "toPort")}
        | {"passes": f"{resource.inputs['ipProtocol']} {resource.inputs['fromPort']}-{resource.inputs['toPort']}"}
        for resource in resources
    ]


def test_protected_cluster_has_exactly_these_inputs() -> None:
    assert record(PRIVATE).one(CLUSTER).inputs == {
        "clusterIdentifier": "shop-production",
        "engine": "aurora-mysql",
        "engineMode": "provisioned",
        "engineVersion": ENGINE_VERSION,
        "serverlessv2ScalingConfiguration": {"minCapacity": 2, "maxCapacity": 8},
        "port": 3306,
        "masterUsername": "root",
        "masterPassword": "[secret]",
        "dbSubnetGroupName": "${shop-aurora-subnets.name}",
        "dbClusterParameterGroupName": "${shop-aurora-parameters.name}",
        "vpcSecurityGroupIds": ["${shop-aurora-sg.id}"],
        "storageEncrypted": True,
        "backupRetentionPeriod": 7,
        "preferredBackupWindow": "20:00-20:30",
        "preferredMaintenanceWindow": "sun:21:00-sun:21:30",
        "copyTagsToSnapshot": True,
        "enabledCloudwatchLogsExports": ["error", "slowquery"],
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "finalSnapshotIdentifier": "shop-production-final",
        "applyImmediately": False,
    }


def test_unprotected_cluster_differs_in_snapshot_pause_and_timing_alone() -> None:
    protected, unprotected = record(PRIVATE).one(CLUSTER).inputs, record(OPEN).one(CLUSTER).inputs
    assert protected.keys() - unprotected.keys() == {"finalSnapshotIdentifier"}
    assert {key: value for key, value in unprotected.items() if protected[key] != value} == {
        "serverlessv2ScalingConfiguration": {"minCapacity": 0, "maxCapacity": 8, "secondsUntilAutoPause": 900},
        "deletionProtection": False,
        "skipFinalSnapshot": True,
        "applyImmediately": True,
    }


def test_no_availability_zone_is_listed() -> None:
    evaluation = record(replace(PRIVATE, instance_count=3))
    listed = {key for resource in evaluation.custom() for key in resource.inputs if "availabilityZone" in key}
    assert listed == set()


def test_instance_has_exactly_these_inputs_and_leaves_the_version_to_the_cluster() -> None:
    instance = record(PRIVATE).one(INSTANCE)
    assert instance.ignore_changes == ("engineVersion",)
    assert instance.inputs == {
        "identifier": "shop-production-1",
        "clusterIdentifier": "${shop-aurora-cluster.id}",
        "engine": "aurora-mysql",
        "instanceClass": "db.serverless",
        "dbSubnetGroupName": "${shop-aurora-subnets.name}",
        "publiclyAccessible": False,
        "caCertIdentifier": "rds-ca-rsa2048-g1",
        "autoMinorVersionUpgrade": False,
        "preferredMaintenanceWindow": "sun:21:00-sun:21:30",
        "performanceInsightsEnabled": True,
        "performanceInsightsRetentionPeriod": 7,
        "applyImmediately": False,
    }


def test_public_instance_without_performance_insights_names_no_retention() -> None:
    private, public = record(PRIVATE).one(INSTANCE).inputs, record(OPEN).one(INSTANCE).inputs
    assert private.keys() - public.keys() == {"performanceInsightsRetentionPeriod"}
    assert {key: value for key, value in public.items() if private[key] != value} == {
        "publiclyAccessible": True,
        "performanceInsightsEnabled": False,
        "applyImmediately": True,
    }


def test_readers_are_numbered_after_the_writer() -> None:
    instances = record(replace(PRIVATE, instance_count=3)).of_type(INSTANCE)
    assert {instance.name: instance.inputs["identifier"] for instance in instances} == {
        f"shop-aurora-instance-{number}": f"shop-production-{number}" for number in (1, 2, 3)
    }


@pytest.mark.parametrize(("args", "expected"), [(PRIVATE, {CLUSTER, INSTANCE, PASSWORD}), (OPEN, set[str]())])
def test_cluster_instances_and_password_are_protected_together(args: AuroraClusterArgs, expected: set[str]) -> None:
    assert {resource.type for resource in record(args).resources if resource.protect} == expected


def test_parameters_require_tls_and_write_a_slow_log() -> None:
    group = record(PRIVATE).one("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    assert group.inputs == {
        "family": "aurora-mysql8.0",
        "description": "TLS only, utf8mb4, slow query log",
        "parameters": [
            {"name": "require_secure_transport", "value": "ON"},
            {"name": "character_set_server", "value": "utf8mb4"},
            {"name": "collation_server", "value": "utf8mb4_0900_ai_ci"},
            {"name": "slow_query_log", "value": "1"},
            {"name": "long_query_time", "value": "1"},
            {"name": "log_output", "value": "FILE"},
        ],
    }


def test_subnet_group_spans_the_given_subnets() -> None:
    group = record(PRIVATE).one("aws:rds/subnetGroup:SubnetGroup")
    assert group.inputs == {"subnetIds": ["subnet-1", "subnet-2"], "description": "Aurora cluster"}


def test_log_groups_with_a_retention_exist_before_the_cluster_that_writes_to_them() -> None:
    evaluation = record(PRIVATE)
    groups = evaluation.of_type(LOG_GROUP)
    assert [group.inputs for group in groups] == [
        {"name": "/aws/rds/cluster/shop-production/error", "retentionInDays": 30},
        {"name": "/aws/rds/cluster/shop-production/slowquery", "retentionInDays": 30},
    ]
    assert {group.urn for group in groups} <= set(evaluation.one(CLUSTER).depends_on)


def test_master_password_is_random_legal_for_rds_and_never_in_plain_text() -> None:
    evaluation = record(PRIVATE)
    # 8 to 41 printable characters without / " @ and space; without special ones it also fits a URL.
    assert evaluation.one(PASSWORD).inputs == {"length": 40, "special": False}
    cluster = evaluation.one(CLUSTER)
    assert cluster.plain_inputs["masterPassword"] == "${shop-aurora-master-password.result}"
    assert cluster.inputs["masterPassword"] == "[secret]"
    assert "manageMasterUserPassword" not in cluster.inputs


def test_private_cluster_lets_nobody_in_by_itself() -> None:
    evaluation = record(PRIVATE)
    assert (evaluation.of_type(INGRESS), evaluation.of_type(EGRESS)) == ([], [])


def test_client_is_let_in_and_let_out_on_the_mysql_port() -> None:
    def program() -> None:
        AuroraCluster("shop-aurora", PRIVATE).allow_from("api", "sg-api")

    evaluation = evaluate(program)
    assert rules(evaluation.of_type(INGRESS)) == [
        {
            "securityGroupId": "${shop-aurora-sg.id}",
            "referencedSecurityGroupId": "sg-api",
            "description": "api to shop-aurora-sg",
            "passes": "tcp 3306-3306",
        }
    ]
    assert rules(evaluation.of_type(EGRESS)) == [
        {
            "securityGroupId": "sg-api",
            "referencedSecurityGroupId": "${shop-aurora-sg.id}",
            "description": "api to shop-aurora-sg",
            "passes": "tcp 3306-3306",
        }
    ]


def test_public_cluster_lets_in_the_listed_ranges_alone() -> None:
    evaluation = record(OPEN)
    assert rules(evaluation.of_type(INGRESS)) == [
        {
            "securityGroupId": "${shop-aurora-sg.id}",
            "cidrIpv4": "203.0.113.0/24",
            "description": "office to shop-aurora-sg",
            "passes": "tcp 3306-3306",
        },
        {
            "securityGroupId": "${shop-aurora-sg.id}",
            "cidrIpv4": "198.51.100.7/32",
            "description": "on-call to shop-aurora-sg",
            "passes": "tcp 3306-3306",
        },
    ]
    assert evaluation.of_type(EGRESS) == []


def test_outputs_hide_the_password() -> None:
    evaluation = record(PRIVATE)
    assert evaluation.component_outputs[evaluation.one("zelly-components:index:AuroraCluster").urn] == {
        "cluster_identifier": "shop-production",
        "cluster_arn": "${shop-aurora-cluster.arn}",
        "endpoint": "${shop-aurora-cluster.endpoint}",
        "reader_endpoint": "${shop-aurora-cluster.readerEndpoint}",
        "port": 3306,
        "security_group_id": "${shop-aurora-sg.id}",
        "ports": [3306],
        "master_username": "root",
        "master_password": "[secret]",
    }


def test_who_uses_an_endpoint_waits_for_the_writer() -> None:
    def program() -> None:
        database = AuroraCluster("shop-aurora", replace(PRIVATE, instance_count=2))
        for label, host in (("writer", database.endpoint), ("reader", database.reader_endpoint)):
            aws.ssm.Parameter(label, type="String", value=host)

    parameters = evaluate(program).of_type("aws:ssm/parameter:Parameter")
    assert {parameter.name: names_of(parameter.depends_on) for parameter in parameters} == {
        label: {"shop-aurora-cluster", "shop-aurora-instance-1"} for label in ("writer", "reader")
    }


def test_docstring_example_runs() -> None:
    evaluation = evaluate(example_program(AuroraCluster))
    assert evaluation.one(CLUSTER).name == "shop-aurora-cluster"
