from dataclasses import replace
from typing import Any

import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aurora_cluster import AuroraCluster, AuroraClusterArgs, check_capacity, parameter_group_family
from tests.support.examples import example_program
from zelly_infra.evaluate import Evaluation, RecordedResource, evaluate

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
PASSWORD = "random:index/randomPassword:RandomPassword"  # noqa: S105 (a type token)

ENGINE_VERSION = "8.0.mysql_aurora.3.08.2"

PRIVATE = AuroraClusterArgs(
    cluster_identifier="shop-production",
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2"],
    publicly_accessible=False,
    allowed_cidr_blocks={},
    engine_version=ENGINE_VERSION,
    minimum_capacity_acu=0.5,
    maximum_capacity_acu=8,
    seconds_until_auto_pause=None,
    instance_count=1,
    master_username="root",
    backup_retention_days=7,
    backup_window="20:00-20:30",
    maintenance_window="sun:21:00-sun:21:30",
    deletion_protection=True,
    log_retention_days=30,
    performance_insights=True,
    apply_immediately=False,
)

OPEN = replace(
    PRIVATE,
    publicly_accessible=True,
    allowed_cidr_blocks={"office": "203.0.113.0/24", "on-call": "198.51.100.7/32"},
    minimum_capacity_acu=0,
    seconds_until_auto_pause=900,
    deletion_protection=False,
    performance_insights=False,
    apply_immediately=True,
)


def record(args: AuroraClusterArgs) -> Evaluation:
    def program() -> None:
        AuroraCluster("shop-aurora", args)

    return evaluate(program)


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
        "serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 8},
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
    assert evaluation.component_outputs[evaluation.one("components:index:AuroraCluster").urn] == {
        "cluster_identifier": "shop-production",
        "cluster_arn": "${shop-aurora-cluster.arn}",
        "endpoint": "${shop-aurora-cluster.endpoint}",
        "reader_endpoint": "${shop-aurora-cluster.readerEndpoint}",
        "port": 3306,
        "security_group_id": "${shop-aurora-sg.id}",
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


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"cluster_identifier": "Shop"},
        "cluster_identifier: came Shop; allowed at most 60 lower-case letters, digits and single hyphens, starting "
        "with a letter",
    ),
    (
        {"cluster_identifier": "shop--production"},
        "cluster_identifier: came shop--production; allowed at most 60 lower-case letters, digits and single hyphens, "
        "starting with a letter",
    ),
    (
        {"cluster_identifier": "s" * 61},
        f"cluster_identifier: came {'s' * 61}; allowed at most 60 lower-case letters, digits and single hyphens, "
        "starting with a letter",
    ),
    ({"instance_count": 0}, "instance_count: came 0; allowed 1 to 16"),
    ({"instance_count": 17}, "instance_count: came 17; allowed 1 to 16"),
    ({"backup_retention_days": 0}, "backup_retention_days: came 0; allowed 1 to 35"),
    ({"backup_retention_days": 36}, "backup_retention_days: came 36; allowed 1 to 35"),
    (
        {"engine_version": "8.0"},
        "engine_version: came 8.0; allowed a full version such as 8.0.mysql_aurora.3.08.2",
    ),
    (
        {"engine_version": "5.7.mysql_aurora.2.11.2"},
        "engine_version: came 5.7.mysql_aurora.2.11.2; allowed a full version such as 8.0.mysql_aurora.3.08.2",
    ),
    (
        {"minimum_capacity_acu": 0.7},
        "minimum_capacity_acu: came 0.7; allowed 0 to 256 in steps of 0.5",
    ),
    (
        {"minimum_capacity_acu": -0.5},
        "minimum_capacity_acu: came -0.5; allowed 0 to 256 in steps of 0.5",
    ),
    (
        {"maximum_capacity_acu": 256.5},
        "maximum_capacity_acu: came 256.5; allowed 1 to 256 in steps of 0.5",
    ),
    (
        {"maximum_capacity_acu": 0.5},
        "maximum_capacity_acu: came 0.5; allowed 1 to 256 in steps of 0.5",
    ),
    (
        {"minimum_capacity_acu": 8.5},
        "minimum_capacity_acu: came 8.5; allowed at most maximum_capacity_acu, 8",
    ),
    (
        {"minimum_capacity_acu": 0, "engine_version": "8.0.mysql_aurora.3.07.1"},
        "minimum_capacity_acu: came 0 with 8.0.mysql_aurora.3.07.1; allowed from 8.0.mysql_aurora.3.08.0 on",
    ),
    (
        {"seconds_until_auto_pause": 300},
        "seconds_until_auto_pause: came 300; allowed only with minimum_capacity_acu 0",
    ),
    (
        {"minimum_capacity_acu": 0, "seconds_until_auto_pause": 299},
        "seconds_until_auto_pause: came 299; allowed 300 to 86400",
    ),
    (
        {"minimum_capacity_acu": 0, "seconds_until_auto_pause": 86_401},
        "seconds_until_auto_pause: came 86401; allowed 300 to 86400",
    ),
    (
        {"allowed_cidr_blocks": {"office": "203.0.113.0/24"}},
        "allowed_cidr_blocks: came 1 with publicly_accessible False; allowed one or more with True, none with False",
    ),
    (
        {"publicly_accessible": True},
        "allowed_cidr_blocks: came 0 with publicly_accessible True; allowed one or more with True, none with False",
    ),
    *(
        (
            {"publicly_accessible": True, "allowed_cidr_blocks": {"office": cidr_block}},
            f"allowed_cidr_blocks[office]: came {cidr_block}; allowed an IPv4 range without host bits, smaller than /0",
        )
        for cidr_block in ("0.0.0.0/0", "10.0.0.0/0", "203.0.113.7/24", "::/0", "office")
    ),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_wrong_argument_is_refused_with_what_came_and_what_is_allowed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="came") as refusal:
        record(replace(PRIVATE, **changes))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("engine_version", "family"),
    [("8.0.mysql_aurora.3.08.2", "aurora-mysql8.0"), ("8.4.mysql_aurora.8.4.7", "aurora-mysql8.4")],
)
def test_parameter_group_family_follows_the_engine_version(engine_version: str, family: str) -> None:
    assert parameter_group_family(engine_version) == family


HALVES = [half / 2 for half in range(513)]
CAPACITIES = st.sampled_from(HALVES) | st.floats()


@given(minimum=CAPACITIES, maximum=CAPACITIES, pause=st.none() | st.integers(0, 100_000))
def test_capacity_is_accepted_exactly_when_aws_would(minimum: float, maximum: float, pause: int | None) -> None:
    in_range = minimum in HALVES and maximum in HALVES[2:] and minimum <= maximum
    may_pause = pause is None or (minimum == 0 and pause in range(300, 86_401))
    try:
        check_capacity(
            engine_version=ENGINE_VERSION,
            minimum_capacity_acu=minimum,
            maximum_capacity_acu=maximum,
            seconds_until_auto_pause=pause,
        )
    except ValueError:
        accepted = False
    else:
        accepted = True
    assert accepted == (in_range and may_pause)


@pytest.mark.parametrize("seconds", [300, 86_400])
def test_shortest_and_longest_wait_before_a_pause_are_accepted(seconds: int) -> None:
    cluster = record(replace(OPEN, seconds_until_auto_pause=seconds)).one(CLUSTER)
    assert cluster.inputs["serverlessv2ScalingConfiguration"]["secondsUntilAutoPause"] == seconds


@pytest.mark.parametrize("engine_version", ["3.02.0", "3.07.9"])
def test_engine_before_3_08_cannot_pause(engine_version: str) -> None:
    with pytest.raises(ValueError, match="came 0 with"):
        pausing(f"8.0.mysql_aurora.{engine_version}")


@pytest.mark.parametrize("engine_version", ["3.08.0", "3.10.1", "4.01.0"])
def test_engine_from_3_08_on_can_pause(engine_version: str) -> None:
    scaling = pausing(f"8.0.mysql_aurora.{engine_version}").one(CLUSTER).inputs["serverlessv2ScalingConfiguration"]
    assert scaling == {"minCapacity": 0, "maxCapacity": 8}


def pausing(engine_version: str) -> Evaluation:
    return record(replace(PRIVATE, engine_version=engine_version, minimum_capacity_acu=0))


def test_docstring_example_runs() -> None:
    evaluation = evaluate(example_program(AuroraCluster))
    assert evaluation.one(CLUSTER).name == "shop-aurora-cluster"
