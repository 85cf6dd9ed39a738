from dataclasses import replace

import pulumi
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.postgres_instance import (
    PostgresInstance,
    PostgresInstanceArgs,
    connection_url,
    parameter_group_family,
)

INSTANCE = "aws:rds/instance:Instance"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
PASSWORD = "random:index/randomPassword:RandomPassword"

PROTECTED = PostgresInstanceArgs(
    instance_identifier="shop-production",
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2"],
    engine_version="16.11",
    allow_major_version_upgrade=False,
    instance_class="db.t4g.medium",
    multi_az=True,
    storage_gib=50,
    maximum_storage_gib=200,
    iops=None,
    throughput_mibps=None,
    database_name="shop",
    master_username="owner",
    max_connections=300,
    backup_retention_days=14,
    backup_window="20:00-20:30",
    maintenance_window="sun:21:00-sun:21:30",
    deletion_protection=True,
    log_retention_days=30,
    performance_insights=True,
    apply_immediately=False,
)

SHORT_LIVED = replace(
    PROTECTED, multi_az=False, deletion_protection=False, performance_insights=False, apply_immediately=True
)


def record(args: PostgresInstanceArgs) -> Evaluation:
    def program() -> None:
        PostgresInstance("shop-postgresql", args).allow_from("api", "sg-api")

    return evaluate(program)


def test_protected_instance_has_exactly_these_inputs() -> None:
    instance = record(PROTECTED).one(INSTANCE)
    assert instance.inputs == {
        "identifier": "shop-production",
        "engine": "postgres",
        "engineVersion": "16.11",
        "autoMinorVersionUpgrade": False,
        "allowMajorVersionUpgrade": False,
        "instanceClass": "db.t4g.medium",
        "multiAz": True,
        "storageType": "gp3",
        "allocatedStorage": 50,
        "maxAllocatedStorage": 200,
        "storageEncrypted": True,
        "port": 5432,
        "dbName": "shop",
        "username": "owner",
        "password": "[secret]",
        "dbSubnetGroupName": "${shop-postgresql-subnets.name}",
        "parameterGroupName": "${shop-postgresql-parameters-postgres16.name}",
        "vpcSecurityGroupIds": ["${shop-postgresql-sg.id}"],
        "publiclyAccessible": False,
        "caCertIdentifier": "rds-ca-rsa2048-g1",
        "backupRetentionPeriod": 14,
        "backupWindow": "20:00-20:30",
        "maintenanceWindow": "sun:21:00-sun:21:30",
        "copyTagsToSnapshot": True,
        "deleteAutomatedBackups": False,
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "performanceInsightsEnabled": True,
        "performanceInsightsRetentionPeriod": 7,
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "finalSnapshotIdentifier": "shop-production-final",
        "applyImmediately": False,
    }
    assert {urn.rsplit("::", 1)[1] for urn in instance.depends_on} >= {
        "shop-postgresql-postgresql-log",
        "shop-postgresql-upgrade-log",
    }


def test_unprotected_instance_keeps_nothing_when_it_is_deleted() -> None:
    protected, unprotected = record(PROTECTED).one(INSTANCE).inputs, record(SHORT_LIVED).one(INSTANCE).inputs
    assert protected.keys() - unprotected.keys() == {"finalSnapshotIdentifier", "performanceInsightsRetentionPeriod"}
    assert {key: value for key, value in unprotected.items() if protected[key] != value} == {
        "multiAz": False,
        "deleteAutomatedBackups": True,
        "performanceInsightsEnabled": False,
        "deletionProtection": False,
        "skipFinalSnapshot": True,
        "applyImmediately": True,
    }


@pytest.mark.parametrize(("args", "expected"), [(PROTECTED, {INSTANCE, PASSWORD}), (SHORT_LIVED, set[str]())])
def test_instance_and_password_are_protected_together(args: PostgresInstanceArgs, expected: set[str]) -> None:
    assert {resource.type for resource in record(args).resources if resource.protect} == expected


def test_parameter_group_forces_tls_logs_no_values_and_stays_when_it_is_left() -> None:
    group = record(PROTECTED).one(PARAMETERS)
    assert {
        parameter["name"]: (parameter["value"], parameter["applyMethod"]) for parameter in group.inputs["parameters"]
    } == {
        "rds.force_ssl": ("1", "immediate"),
        "log_min_duration_statement": ("1000", "immediate"),
        "log_parameter_max_length": ("0", "immediate"),
        "log_lock_waits": ("1", "immediate"),
        "log_checkpoints": ("1", "immediate"),
        "log_temp_files": ("10240", "immediate"),
        "log_autovacuum_min_duration": ("10000", "immediate"),
        "idle_in_transaction_session_timeout": ("600000", "immediate"),
        "max_connections": ("300", "pending-reboot"),
    }
    assert (group.inputs["family"], group.inputs["skipDestroy"]) == ("postgres16", True)


def test_the_next_family_comes_as_a_second_group() -> None:
    upgraded = replace(PROTECTED, engine_version="17.7", allow_major_version_upgrade=True)
    assert [record(args).one(PARAMETERS).name for args in (PROTECTED, upgraded)] == [
        "shop-postgresql-parameters-postgres16",
        "shop-postgresql-parameters-postgres17",
    ]
    assert parameter_group_family("17.7") == "postgres17"


@pytest.mark.parametrize(
    ("storage_gib", "asked", "sent"),
    [
        (399, (None, None), (None, None)),
        (400, (None, None), (12000, 500)),
        (400, (20000, 1000), (20000, 1000)),
    ],
)
def test_performance_is_asked_for_from_400_gib_on_and_never_below(
    storage_gib: int, asked: tuple[int | None, int | None], sent: tuple[int | None, int | None]
) -> None:
    iops, throughput = asked
    args = replace(PROTECTED, storage_gib=storage_gib, maximum_storage_gib=1000, iops=iops, throughput_mibps=throughput)
    inputs = record(args).one(INSTANCE).inputs
    assert (inputs.get("iops"), inputs.get("storageThroughput")) == sent


def test_logs_go_where_rds_writes_and_are_kept_as_said() -> None:
    assert {
        group.inputs["name"]: group.inputs["retentionInDays"] for group in record(PROTECTED).of_type(LOG_GROUP)
    } == {
        "/aws/rds/instance/shop-production/postgresql": 30,
        "/aws/rds/instance/shop-production/upgrade": 30,
    }


def test_only_named_peers_come_in_and_nothing_goes_out() -> None:
    evaluation = record(PROTECTED)
    (rule,) = evaluation.of_type(INGRESS)
    assert (rule.inputs["referencedSecurityGroupId"], rule.inputs["fromPort"], rule.inputs["toPort"]) == (
        "sg-api",
        5432,
        5432,
    )
    assert [each for each in evaluation.of_type(EGRESS) if "shop-postgresql-sg" in each.inputs["securityGroupId"]] == []


def test_connection_string_wants_the_server_to_prove_its_name_and_is_secret() -> None:
    url = connection_url(host="db.example", user="owner", password="p@ss/word", database="shop")
    assert url == (
        "postgresql://owner:p%40ss%2Fword@db.example:5432/shop"
        "?sslmode=verify-full&sslrootcert=/etc/ssl/certs/rds-global-bundle.pem"
    )

    def program() -> None:
        pulumi.export("url", PostgresInstance("shop-postgresql", PROTECTED).connection_url)

    assert evaluate(program).outputs["url"] == "[secret]"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"instance_identifier": "Shop"}, "instance_identifier: came Shop; allowed at most 57 lower-case"),
        ({"engine_version": "16"}, "engine_version: came 16; allowed a full version such as 16.11"),
        ({"instance_class": "db.x1.huge"}, "instance_class: came db.x1.huge; allowed a class of db.t3, db.t4g"),
        ({"storage_gib": 10}, "storage_gib: came 10; allowed 20 to 65536"),
        ({"maximum_storage_gib": 54}, "maximum_storage_gib: came 54; allowed 55 to 65536"),
        ({"iops": 3000}, "iops: came 3000 with 50 GiB; allowed null below 400 GiB"),
        ({"throughput_mibps": 125}, "throughput_mibps: came 125 with 50 GiB; allowed null below 400 GiB"),
        (
            {"storage_gib": 400, "maximum_storage_gib": 800, "iops": 11999},
            "iops: came 11999; allowed 12000 to 64000",
        ),
        (
            {"storage_gib": 400, "maximum_storage_gib": 800, "iops": 12000, "throughput_mibps": 3001},
            "throughput_mibps: came 3001; allowed 500 to 3000",
        ),
        ({"max_connections": 451}, "max_connections: came 451 with db.t4g.medium; allowed 20 to 450"),
        ({"backup_retention_days": 6}, "backup_retention_days: came 6; allowed 7 to 35"),
        ({"backup_retention_days": 36}, "backup_retention_days: came 36; allowed 7 to 35"),
        ({"backup_window": "21:15-21:45", "maintenance_window": "sun:21:00-sun:21:30"}, "backup_window: came 21:15"),
        ({"log_retention_days": 31}, "log_retention_days: came 31; allowed"),
        ({"database_name": "my-shop"}, "database_name: came my-shop; allowed lower-case letters"),
        ({"master_username": "1st"}, "master_username: came 1st; allowed lower-case letters"),
    ],
)
def test_what_rds_would_refuse_is_told_in_one_line(changed: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match="^" + message.replace("(", r"\(")) as refused:
        record(replace(PROTECTED, **changed))  # pyright: ignore[reportArgumentType]
    assert "\n" not in str(refused.value)
